"""Events: what changed, told to whoever asks and to every endpoint that listens (docs.stripe.com/api/events/types)."""

import time

from members.billing.sandbox.core import errors, ids, schema
from members.billing.sandbox.core.clock import DAY
from members.billing.sandbox.core.encoding import LIST, boolean, text
from members.billing.sandbox.core.presenting import shown

API_VERSION = "2026-08-26.dahlia"
KEPT = 30 * DAY
# What events about a kind are called, where it is not the kind.
NAMES = {
    "subscription": "customer.subscription",
    "dispute": "charge.dispute",
    "billing_portal.configuration": "billing_portal.configuration",
}

LISTED = {**LIST, "type": text, "types": [text], "delivery_success": boolean}


def created(books, thing, **hidden):
    """Store an object that is new, and say so. Returns it."""
    books.put(thing, **hidden)
    emit(books, f"{_name(thing)}.created", thing)
    return thing


def updated(books, thing):
    """Store an object that has changed, and say what did; nothing is said where nothing did. Returns it."""
    before = books.find(thing["id"])
    books.put(thing)
    if previous := difference(before, thing):
        emit(books, f"{_name(thing)}.updated", thing, previous)
    return thing


def became(books, thing, name):
    """Store an object that has changed, and say so by an event of this name. Returns it."""
    books.put(thing)
    emit(books, name, thing)
    return thing


def deleted(books, thing, name=None):
    emit(books, name or f"{_name(thing)}.deleted", thing)


def emit(books, name, thing, previous=None):
    """Record an event and address it to each endpoint that listens for it."""
    told = {"object": shown(books, thing) if isinstance(thing, dict) else thing}
    if previous is not None:
        told["previous_attributes"] = previous
    listening = [endpoint for endpoint in books.all("webhook_endpoint") if _listens(endpoint, name)]
    event = schema.blank(
        "event",
        id=ids.new("evt"),
        api_version=API_VERSION,
        created=books.now,
        data=told,
        pending_webhooks=len(listening),
        request=dict(books.request),
        type=name,
    )
    books.put(event)
    for endpoint in listening:
        _address(books, event, endpoint)
    return event


def difference(before, after):
    """What fields of `after` were before, where that was something else: nested dicts only where they differ, lists as
    a whole."""
    changed = {}
    for name in before.keys() | after.keys():
        old, new = before.get(name), after.get(name)
        if old == new:
            continue
        both = isinstance(old, dict) and isinstance(new, dict)
        changed[name] = difference(old, new) if both else old
    return changed


def fetch(books, given, key):
    event = books.get(key, "event")
    if event["created"] < books.now - KEPT:
        raise errors.absent("event", key)
    return event


def kept(books, given):
    """The events that are still told of and asked for, oldest first."""
    events = [event for event in books.all("event") if event["created"] >= books.now - KEPT]
    if given.get("types") or given.get("type"):
        patterns = given.get("types") or [given["type"]]
        events = [event for event in events if any(_matches(pattern, event["type"]) for pattern in patterns)]
    if given.get("delivery_success") is not None:
        events = [event for event in events if (event["pending_webhooks"] == 0) == given["delivery_success"]]
    return events


def _name(thing):
    return NAMES.get(thing["object"], thing["object"])


def _listens(endpoint, name):
    return endpoint["status"] == "enabled" and any(_matches(pattern, name) for pattern in endpoint["enabled_events"])


def _matches(pattern, name):
    return pattern in ("*", name) or (pattern.endswith(".*") and name.startswith(pattern[:-1]))


def _address(books, event, endpoint):
    """Put a delivery into the queue, or lose it where deliveries are to be lost."""
    if to_drop := books.setting("drop"):
        books.set("drop", to_drop - 1)
        state = "dropped"
    else:
        state = "held" if books.setting("delivery") == "hold" else "pending"
    for _copy in range(2 if books.setting("duplicate") and state != "dropped" else 1):
        books.database.execute(
            "INSERT INTO deliveries (event, endpoint, state, next_at) VALUES (?, ?, ?, ?)",
            [event["id"], endpoint["id"], state, time.time() + books.setting("delay")],
        )
