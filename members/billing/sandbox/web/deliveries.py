"""Deliveries: events posted to endpoints, signed, and again until somebody says that they have come."""

import hashlib
import hmac
import http.client
import json
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from urllib.parse import urlsplit

# Seconds after a failure until the next attempt; after the last there is none.
BACKOFF = (1, 3, 10, 30, 60, 60, 120, 120, 300, 300, 600)
TIMEOUT = 20
# Nothing is ever sent to another machine.
LOOPBACK = ("127.0.0.1", "localhost", "::1")
WAITING = ("pending", "held")
IDLE = 0.5


def run(world):
    """Deliver what is due until the process ends."""
    while not world.stopping.is_set():
        if not deliver_due(world):
            world.stirred.wait(IDLE)
            world.stirred.clear()


def deliver_due(world):
    """Post the first delivery that is due. False: none was."""
    with world.turn_quietly() as books:
        order = "seq DESC" if books.setting("reorder") else "seq"
        query = f"SELECT seq FROM deliveries WHERE state = 'pending' AND next_at <= ? ORDER BY {order} LIMIT 1"  # noqa: S608
        row = books.database.execute(query, [time.time()]).fetchone()
    if row is None:
        return False
    attempt(world, row[0])
    return True


def attempt(world, place):
    """Post one delivery, whatever its state, while no other is under way. Returns its answer in words."""
    with world.delivering:
        return _attempt(world, place)


def attempt_together(world, places):
    """Post deliveries all at the same time. Returns their answers, in their order."""
    with world.delivering, ThreadPoolExecutor(len(places) or 1) as threads:
        return list(threads.map(lambda place: _attempt(world, place), places))


def _attempt(world, place):
    with world.turn_quietly() as books:
        row = _row(books, place)
        if row is None:
            return "no such delivery"
        url, body, headers = prepared(books, row)
    answer, arrived = _post(url, body, headers)
    with world.turn_quietly() as books:
        _note(books, place, answer, arrived)
    return answer


def prepared(books, row, at=None):
    """(url, body, headers) of a delivery. at: seconds since 1970 for its signature, now unless told."""
    _place, event, endpoint, *_rest = row
    body = json.dumps(books.find(event), indent=2)
    known = books.find(endpoint, "webhook_endpoint")
    secret = books.hidden(endpoint).get("secret", "")
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
        "Accept": "*/*; q=0.5, application/xml",
        "Cache-Control": "no-cache",
        "Stripe-Signature": sign(body, secret, at),
    }
    return (known or {}).get("url", ""), body, headers


def sign(body, secret, at=None):
    """The header Stripe-Signature (docs.stripe.com/webhooks/signature)."""
    moment = int(time.time() if at is None else at)
    digest = hmac.new(secret.encode(), f"{moment}.{body}".encode(), hashlib.sha256).hexdigest()
    return f"t={moment},v1={digest}"


def waiting(books):
    """Rows (seq, event, endpoint, state, attempts) of what has not come yet, oldest first."""
    query = "SELECT seq, event, endpoint, state, attempts FROM deliveries WHERE state IN (?, ?) ORDER BY seq"
    return books.database.execute(query, WAITING).fetchall()


def _row(books, place):
    query = "SELECT seq, event, endpoint, state, attempts FROM deliveries WHERE seq = ?"
    return books.database.execute(query, [place]).fetchone()


def _post(url, body, headers):
    """(what came of it in words, whether it has come)."""
    address = urlsplit(url)
    if address.hostname not in LOOPBACK:
        return "not a host of this machine", False
    kind = http.client.HTTPSConnection if address.scheme == "https" else http.client.HTTPConnection
    try:
        with closing(kind(address.hostname, address.port, timeout=TIMEOUT)) as connection:
            connection.request("POST", address.path or "/", body.encode(), headers)
            response = connection.getresponse()
            response.read()
    except (OSError, http.client.HTTPException) as error:
        return f"{type(error).__name__}: {error}", False
    return str(response.status), 200 <= response.status < 300


def _note(books, place, answer, arrived):
    row = _row(books, place)
    if row is None:
        return
    attempts = row[4] + 1
    if arrived:
        state, next_at = "delivered", 0
        event = books.find(row[1])
        if event and row[3] != "delivered":
            books.put({**event, "pending_webhooks": max(0, event["pending_webhooks"] - 1)})
    elif attempts > len(BACKOFF):
        state, next_at = "failed", 0
    else:
        state, next_at = row[3] if row[3] in WAITING else "pending", time.time() + BACKOFF[attempts - 1]
    query = "UPDATE deliveries SET state = ?, attempts = ?, next_at = ?, answer = ? WHERE seq = ?"
    books.database.execute(query, [state, attempts, next_at, answer, place])
