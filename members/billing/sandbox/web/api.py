"""The API's manners: keys, idempotency, expansion, pages of lists, and errors of Stripe's shape."""

import hashlib
import json
from dataclasses import dataclass, field

from members.billing.sandbox.core import encoding, errors, ids
from members.billing.sandbox.core.clock import DAY
from members.billing.sandbox.core.errors import Refused
from members.billing.sandbox.core.presenting import shown
from members.billing.sandbox.objects.events import API_VERSION
from members.billing.sandbox.web import routes

LIMIT, LIMIT_MAX = 10, 100
KEY_MAX = 255
REMEMBERED = DAY


@dataclass
class Request:
    """headers: names in lower case; path: without its query; body: text."""

    method: str
    path: str
    query: str = ""
    headers: dict = field(default_factory=dict)
    body: str = ""


@dataclass
class Answer:
    status: int
    body: str
    headers: dict = field(default_factory=dict)
    kind: str = "application/json"


def answer(world, request, wait=None):
    """The Answer to a request to /v1/…; the request is noted for who counts them. wait: a function to call in the
    middle of the work, before anything is done."""
    key = request.headers.get("idempotency-key") if request.method == "POST" else None
    told = {"Request-Id": ids.new("req"), "Stripe-Version": API_VERSION}
    if key:
        told["Idempotency-Key"] = key
    try:
        _authenticate(request.headers.get("authorization", ""))
        if key is not None and not 0 < len(key) <= KEY_MAX:
            raise errors.invalid("Idempotency keys have between 1 and 255 characters.")
        with world.working_on(key) as alone:
            if not alone:
                raise _in_use(key)
            if wait:
                wait()
            given = _once(world, request, key, told)
    except Refused as refused:
        given = Answer(refused.status, _error(refused, told))
    given.headers = {**told, **given.headers}
    note(world, request, given.status)
    return given


def note(world, request, status):
    """Note a request for who counts them. status: 0 where nothing was answered."""
    key = request.headers.get("idempotency-key")
    with world.turn_quietly() as books:
        books.database.execute(
            "INSERT INTO requests (method, path, key, status, body) VALUES (?, ?, ?, ?, ?)",
            [request.method, request.path, key, status, request.body or request.query],
        )


def _authenticate(header):
    scheme, _space, key = header.partition(" ")
    if scheme != "Bearer" or not key:
        message = "You did not provide an API key. It belongs into the Authorization header, using Bearer auth."
        raise Refused(401, "invalid_request_error", message)
    if not key.startswith(("sk_test_", "rk_test_")):
        raise Refused(401, "invalid_request_error", f"Invalid API Key provided: {key[:8]}****")


def _once(world, request, key, told):
    """Do it, or give the answer that this idempotency key already got."""
    route, parts = _route(request)
    parameters = encoding.tree(request.query)
    parameters |= encoding.tree(request.body)
    fingerprint = hashlib.sha256(
        json.dumps([request.method, request.path, parameters], sort_keys=True).encode()
    ).hexdigest()
    if key and (before := _answered(world, key, fingerprint)):
        return before
    given = encoding.read({**route.spec, "expand": [encoding.text]}, parameters)
    source = {"id": told["Request-Id"], "idempotency_key": key}
    try:
        with world.turn(source) as books:
            given = _act(books, request, route, given, parts, told)
            if key:
                _remember(books, key, fingerprint, given)
    except Refused as refused:
        given = Answer(refused.status, _error(refused, told))
        if key and refused.executed:
            with world.turn() as books:
                _remember(books, key, fingerprint, given)
    return given


def _route(request):
    found = routes.find(request.method, request.path)
    if found is None:
        message = f"Unrecognized request URL ({request.method}: {request.path})."
        raise Refused(404, "invalid_request_error", message, executed=False)
    return found


def _act(books, request, route, given, parts, told):
    expand = given.pop("expand", ())
    try:
        result = route.act(books, given, *parts)
    except Refused as refused:
        if not refused.kept:
            raise
        return Answer(refused.status, _error(refused, told))
    if route.many:
        result = _page(result, given, request.path)
    return Answer(200, _json(shown(books, result, expand)))


def _page(found, given, url):
    """A page of a list. found: all of it, oldest first."""
    newest = [one for one in reversed(found) if _within(one, given.get("created"))]
    limit = given.get("limit") or LIMIT
    if not 1 <= limit <= LIMIT_MAX:
        raise errors.invalid(f"Invalid limit: must be between 1 and {LIMIT_MAX}.", "limit")
    keys = [one["id"] for one in newest]
    if before := given.get("ending_before"):
        rest = newest[: _place(keys, before, "ending_before")]
        page, more = rest[-limit:], len(rest) > limit
    else:
        after = given.get("starting_after")
        rest = newest[_place(keys, after, "starting_after") + 1 :] if after else newest
        page, more = rest[:limit], len(rest) > limit
    return {"object": "list", "data": page, "has_more": more, "url": url}


def _within(one, bounds):
    compare = {
        "gt": lambda bound: one["created"] > bound,
        "gte": lambda bound: one["created"] >= bound,
        "lt": lambda bound: one["created"] < bound,
        "lte": lambda bound: one["created"] <= bound,
    }
    return all(compare[name](bound) for name, bound in (bounds or {}).items())


def _place(keys, key, param):
    if key not in keys:
        raise errors.absent("object", key, param)
    return keys.index(key)


def _answered(world, key, fingerprint):
    with world.turn() as books:
        query = "SELECT fingerprint, status, body FROM idempotency WHERE key = ? AND created > ?"
        row = books.database.execute(query, [key, books.now - REMEMBERED]).fetchone()
    if row is None:
        return None
    known, status, body = row
    if known != fingerprint:
        message = "Keys for idempotent requests can only be used with the same parameters they were first used with."
        more = f"Try using a key other than '{key}' if you meant to execute a different request."
        raise Refused(400, "idempotency_error", f"{message} {more}", executed=False)
    return Answer(status, body, {"Idempotent-Replayed": "true"})


def _in_use(key):
    message = (
        f"There is currently another in-progress request using this Idempotent Key ({key}). Please try again later."
    )
    return Refused(409, "idempotency_error", message, code="idempotency_key_in_use", executed=False)


def _remember(books, key, fingerprint, given):
    books.database.execute(
        "INSERT OR REPLACE INTO idempotency (key, fingerprint, created, status, body) VALUES (?, ?, ?, ?, ?)",
        [key, fingerprint, books.now, given.status, given.body],
    )


def _error(refused, told):
    return _json({"error": {**refused.error, "request_log_url": f"/control/#{told['Request-Id']}"}})


def _json(value):
    return json.dumps(value, indent=2)
