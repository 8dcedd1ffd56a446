"""The control of time and of misfortune, as JSON for tests and as forms of the page for people."""

import json
import time
from datetime import UTC, datetime
from urllib.parse import parse_qs, parse_qsl

from members.billing.sandbox.core import clock
from members.billing.sandbox.core.books import DEFAULTS
from members.billing.sandbox.core.errors import Refused
from members.billing.sandbox.objects import agenda
from members.billing.sandbox.web import deliveries, faults
from members.billing.sandbox.web.api import Answer
from members.billing.sandbox.web.control import console, misfortune
from members.billing.sandbox.web.hosted.html import redirect

SETTLED_WITHIN = 10  # seconds
POLL = 0.01


def answer(world, request):
    """The Answer to a request to /control/…: JSON, or for a form the way back to the page."""
    if (request.method, request.path.rstrip("/")) == ("GET", "/control"):
        return console.show(world)
    act = ACTIONS.get((request.method, request.path.rstrip("/")))
    if act is None:
        return _json(404, {"error": "There is no such control."})
    try:
        told = act(world, _given(request))
    except Refused as refused:
        return _json(refused.status, {"error": refused.error["message"]})
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        return _json(400, {"error": f"{type(error).__name__}: {error}"})
    return redirect("/control/") if _is_form(request) else _json(200, told or {})


def reset(world, given):
    world.forget()


def tell_clock(world, given):
    with world.turn_quietly() as books:
        now, frozen = books.now, books.setting("frozen_at") is not None
    return {"now": now, "iso": datetime.fromtimestamp(now, UTC).isoformat(), "frozen": frozen}


def set_clock(world, given):
    """given: advance (seconds) or to (seconds since 1970, or ISO 8601), frozen (whether it then stands still)."""
    with world.turn_quietly() as books:
        now = books.now
    to = now + int(given.get("advance") or 0)
    if given.get("to"):
        to = _moment(given["to"])
    frozen = given.get("frozen")
    if to >= now:
        agenda.advance(world, to, frozen)
    else:
        with world.turn() as books:
            clock.move(books, to, frozen)
    return tell_clock(world, {})


def tell_settings(world, given):
    with world.turn_quietly() as books:
        return {name: books.setting(name) for name in DEFAULTS}


def set_settings(world, given):
    """given: names of `books.DEFAULTS` with their new values."""
    if strangers := given.keys() - DEFAULTS.keys():
        raise ValueError(f"no such setting: {', '.join(sorted(strangers))}")
    with world.turn() as books:
        for name, value in given.items():
            books.set(name, value)
    if given.get("delivery") == "normal":
        _unhold(world)
    return tell_settings(world, {})


def set_faults(world, given):
    with world.turn() as books:
        faults.order(books, given.get("faults", []))


def add_fault(world, given):
    """One more, after those that are ordered. given: as one of `set_faults`."""
    with world.turn() as books:
        faults.order(books, [*books.setting("faults"), given])


def tell_at_work(world, given):
    """The idempotency keys of requests that have no answer yet."""
    return {"keys": sorted(world.at_work)}


def let_go(world, given):
    """Have the requests that are slow at this moment wait no longer."""
    world.release_slow()


def tell_deliveries(world, given):
    """given: at (seconds since 1970) for the signatures. What has not come yet, oldest first."""
    at = float(given["at"]) if given.get("at") else None
    with world.turn_quietly() as books:
        return {"deliveries": [_delivery(books, row, at) for row in deliveries.waiting(books)]}


def release(world, given):
    """Post deliveries that are held. given: ids in the order wanted (all, oldest first, unless told; one that stands
    there twice is posted twice), together (all at the same time)."""
    with world.turn_quietly() as books:
        waiting = [row[0] for row in deliveries.waiting(books)]
    ids = waiting if given.get("ids") is None else [int(one) for one in given["ids"]]
    if given.get("together"):
        return {"answers": deliveries.attempt_together(world, ids)}
    return {"answers": [deliveries.attempt(world, place) for place in ids]}


def discard(world, given):
    """Lose deliveries, or count them as come. given: ids, as (dropped or delivered)."""
    with world.turn() as books:
        state = given.get("as", "dropped")
        for place in given["ids"]:
            books.database.execute("UPDATE deliveries SET state = ? WHERE seq = ?", [state, int(place)])


def settle(world, given):
    """Wait until nothing is left to deliver. given: seconds, at most."""
    until = time.monotonic() + float(given.get("seconds") or SETTLED_WITHIN)
    while time.monotonic() < until:
        with world.turn_quietly() as books:
            query = "SELECT COUNT(*) FROM deliveries WHERE state = 'pending'"
            (left,) = books.database.execute(query).fetchone()
        if not left and not world.delivering.locked():
            return {"settled": True, "left": 0}
        time.sleep(POLL)
    return {"settled": False, "left": left}


def tell_requests(world, given):
    """given: after (an id): those that came later."""
    query = "SELECT seq, method, path, key, status, body FROM requests WHERE seq > ? ORDER BY seq"
    with world.turn_quietly() as books:
        rows = books.database.execute(query, [int(given.get("after") or 0)]).fetchall()
    names = ("id", "method", "path", "idempotency_key", "status", "body")
    return {"requests": [dict(zip(names, row, strict=True)) for row in rows]}


def _unhold(world):
    with world.turn() as books:
        books.database.execute("UPDATE deliveries SET state = 'pending', next_at = 0 WHERE state = 'held'")


def _delivery(books, row, at):
    place, key, endpoint, state, attempts = row
    url, body, headers = deliveries.prepared(books, row, at)
    event = json.loads(body)
    return {
        "id": place,
        "event": key,
        "type": event["type"],
        "object": event["data"]["object"].get("id"),
        "endpoint": endpoint,
        "state": state,
        "attempts": attempts,
        "url": url,
        "headers": headers,
        "body": body,
    }


def _in_a_turn(act):
    """An act on the books as an action."""

    def action(world, given):
        with world.turn() as books:
            return act(books, given)

    return action


ACTIONS = {
    ("POST", "/control/reset"): reset,
    ("GET", "/control/clock"): tell_clock,
    ("POST", "/control/clock"): set_clock,
    ("GET", "/control/settings"): tell_settings,
    ("POST", "/control/settings"): set_settings,
    ("POST", "/control/faults"): set_faults,
    ("POST", "/control/fault"): add_fault,
    ("GET", "/control/at_work"): tell_at_work,
    ("POST", "/control/let_go"): let_go,
    ("GET", "/control/deliveries"): tell_deliveries,
    ("POST", "/control/release"): release,
    ("POST", "/control/discard"): discard,
    ("POST", "/control/settle"): settle,
    ("GET", "/control/requests"): tell_requests,
    **{("POST", f"/control/{name}"): _in_a_turn(act) for name, act in misfortune.ACTS.items()},
}


def _given(request):
    if request.method == "GET":
        return {name: values[-1] for name, values in parse_qs(request.query).items()}
    if _is_form(request):
        return {name: _typed(value) for name, value in parse_qsl(request.body, keep_blank_values=True)}
    given = json.loads(request.body or "{}")
    if not isinstance(given, dict):
        raise ValueError("an object is wanted")
    return given


def _is_form(request):
    return request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded")


def _typed(value):
    """What a form's text stands for: a number, true, a list, else itself."""
    try:
        return json.loads(value)
    except ValueError:
        return value


def _moment(told):
    if isinstance(told, int) or str(told).isdigit():
        return int(told)
    moment = datetime.fromisoformat(told)
    return int(moment.replace(tzinfo=moment.tzinfo or UTC).timestamp())


def _json(status, told):
    return Answer(status, json.dumps(told, indent=2))
