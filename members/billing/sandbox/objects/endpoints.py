"""Webhook endpoints: who is told of what."""

from members.billing.sandbox.core import errors, ids, schema
from members.billing.sandbox.core.encoding import TAGS, boolean, merged, needed, text
from members.billing.sandbox.objects.events import API_VERSION

CREATE = {
    "url": needed(text),
    "enabled_events": needed([text]),
    "api_version": text,
    "description": text,
    "metadata": TAGS,
}
UPDATE = {"url": text, "enabled_events": [text], "description": text, "disabled": boolean, "metadata": TAGS}


def create(books, given):
    """The secret with which deliveries are signed is told this once."""
    endpoint = make(books, given["url"], ids.new("whsec"), given["enabled_events"])
    endpoint |= {name: given[name] for name in ("description", "api_version") if name in given}
    endpoint["metadata"] = merged({}, given.get("metadata", {}))
    secret = endpoint.pop("secret")
    return {**books.put(endpoint), "secret": secret}


def make(books, url, secret, enabled_events=("*",)):
    if not url.startswith(("http://", "https://")):
        raise errors.invalid("Invalid URL: An explicit scheme (such as https) must be provided.", "url", "url_invalid")
    endpoint = schema.blank(
        "webhook_endpoint",
        id=ids.new("we"),
        created=books.now,
        url=url,
        enabled_events=list(enabled_events),
        status="enabled",
        api_version=API_VERSION,
    )
    books.put(endpoint, secret=secret)
    return {**endpoint, "secret": secret}


def register(books, url, secret):
    """Make sure that an address is told of everything, once, signed with this secret."""
    known = books.all("webhook_endpoint", url=url)
    if known:
        books.note(known[0]["id"], secret=secret)
    else:
        make(books, url, secret)


def fetch(books, given, key):
    return books.get(key, "webhook_endpoint")


def update(books, given, key):
    endpoint = books.get(key, "webhook_endpoint")
    endpoint |= {name: given[name] for name in ("url", "enabled_events", "description") if name in given}
    if "disabled" in given:
        endpoint["status"] = "disabled" if given["disabled"] else "enabled"
    if "metadata" in given:
        endpoint["metadata"] = merged(endpoint["metadata"], given["metadata"])
    return books.put(endpoint)


def delete(books, given, key):
    books.get(key, "webhook_endpoint")
    books.remove(key)
    return {"id": key, "object": "webhook_endpoint", "deleted": True}


def listed(books, given):
    return books.all("webhook_endpoint")
