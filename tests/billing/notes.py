"""Notes as Stripe posts them: what an event looks like, and how it is signed."""

import hashlib
import hmac
import itertools
import json
import time

from tests.billing.sandboxed import SECRET, WEBHOOK

_numbers = itertools.count(1)


def note(type="customer.subscription.updated", about="sub_1", customer="cus_1", **changed):
    """The bytes of an event. changed: fields of the event itself."""
    event = {
        "id": f"evt_{next(_numbers)}",
        "object": "event",
        "api_version": "2026-08-26.dahlia",
        "created": int(time.time()),
        "data": {"object": {"id": about, "object": "subscription", "customer": customer}},
        "livemode": False,
        "pending_webhooks": 1,
        "request": {"id": "req_1", "idempotency_key": None},
        "type": type,
    }
    return json.dumps(event | changed).encode()


def signature(body, secret=SECRET, at=None, scheme="v1"):
    """The header Stripe-Signature of a body (bytes), signed at a moment (seconds since 1970; now)."""
    at = int(time.time() if at is None else at)
    return f"t={at},{scheme}={code(body, secret, at)}"


def code(body, secret, at):
    return hmac.new(secret.encode(), b"%d." % at + body, hashlib.sha256).hexdigest()


def post(client, body, header=None, path=WEBHOOK, kind="application/json; charset=utf-8", **extra):
    """The response to a body, signed unless a header is given."""
    header = signature(body) if header is None else header
    return client.post(path, body, content_type=kind, headers={"stripe-signature": header}, **extra)
