"""Stripe: the one place that speaks with it, and the one importer of `stripe`.

Objects come back as plain dicts, amounts in the currency's smallest unit, times as seconds since 1970 in UTC. What goes
wrong there comes back as one of four errors. Nothing is asked of it inside a transaction: no lock is ever held for the
time of the network.
"""

import threading
import time
from functools import lru_cache
from threading import BoundedSemaphore

import stripe
from django.conf import settings
from django.db import connection
from django.utils.translation import get_language

# The version whose shapes `billing.picture` reads; that of the library.
VERSION = "2026-08-26.dahlia"
# Seconds to connect, and to wait for an answer. Readers' requests wait for some of these.
TIMEOUT = (3, 8)
# Asked again by the library itself, with the same idempotency key.
RETRIES = 1
# Requests that a process has open at the same time, and the seconds in which one is expected to be answered: so long
# others wait for their turn, and where all turns are held for longer they wait no more. Fewer than `serve` has threads:
# where Stripe accepts and never answers, the others still serve readers.
AT_ONCE, PATIENCE = 2, 2
# Objects on one page of a list: Stripe's most.
PAGE = 100
# How far a signature's moment may be from ours, in seconds, either way.
TOLERANCE = 300
# Languages that all of Stripe's pages speak, as it writes them.
LANGUAGES = (
    "bg", "cs", "da", "de", "el", "en", "es", "et", "fi", "fil", "fr", "hr", "hu", "id", "it", "ja", "ko", "lt", "lv",
    "ms", "mt", "nb", "nl", "pl", "pt", "pt-BR", "ro", "ru", "sk", "sl", "sv", "th", "tr", "vi", "zh",
)  # fmt: skip


_turns = BoundedSemaphore(AT_ONCE)
# Since when (monotonic seconds) each thread that has a turn waits for its answer.
_waiting = {}


class Unavailable(Exception):
    """Stripe cannot be reached, is in trouble or too busy. Remedy: the same again, later."""


class Refused(Exception):
    """Stripe will not do it, now or later. code: Stripe's word for why, "" where it has none; param: of what."""

    def __init__(self, message, code="", param=""):
        super().__init__(message)
        self.code, self.param = code, param


class Missing(Refused):
    """There is no such object at Stripe."""


class Declined(Refused):
    """The card or account that was to pay did not."""


class Unset(Exception):
    """No key is set: nobody can pay here. Remedy: set STRIPE_SECRET_KEY."""


def is_set():
    """Whether this newsroom takes payments."""
    return bool(settings.STRIPE_SECRET_KEY)


def ask(path, *ids, key=None, **params):
    """One request: ask("customers.retrieve", "cus_1", expand=["tax"]), a dict. path: as in Stripe's library. key: its
    idempotency key, without which a request that makes something may make two."""
    _outside_transactions()
    service, _dot, verb = path.rpartition(".")
    call = getattr(_service(service), verb)
    options = {"idempotency_key": key} if key else {}
    return _answer(lambda: call(*ids, params=params, options=options).to_dict())


def every(path, **params):
    """All objects of a list, the newest first, as dicts: every("invoices", customer="cus_1")."""
    return list(each(path, **params))


def each(path, **params):
    """The same one by one, as pages come: a list may be longer than the memory."""
    _outside_transactions()
    pages = _answer(lambda: _service(path).list(params={"limit": PAGE, **params}).auto_paging_iter())
    while (one := _answer(lambda: next(pages, None))) is not None:
        yield one.to_dict()


def page_language():
    """In which language a page of Stripe's is asked for: that of the moment, if it speaks that; else it guesses."""
    written = {one.lower(): one for one in LANGUAGES}
    return written.get(get_language(), "auto")


def is_signed(body, header, now):
    """Whether a webhook's body (bytes) is Stripe's, by its signature header and one of our secrets, and said not
    longer ago than TOLERANCE nor so far ahead, at `now` (aware)."""
    try:
        moments = [int(part[2:]) for part in header.split(",") if part.startswith("t=")]
        if len(moments) != 1 or abs(now.timestamp() - moments[0]) > TOLERANCE:
            return False
        return any(_matches(body, header, secret) for secret in settings.STRIPE_WEBHOOK_SECRET)
    except (TypeError, ValueError, OverflowError):
        # No text, no number or one without end, or a signature of letters that none has.
        return False


def _matches(body, header, secret):
    try:
        return stripe.WebhookSignature.verify_header(body, header, secret)
    except stripe.SignatureVerificationError:
        return False


def _service(path):
    """The part of the library that a path such as "checkout.sessions" names."""
    if not is_set():
        raise Unset("No key of Stripe's is set. Set STRIPE_SECRET_KEY.")
    found = _client(settings.STRIPE_SECRET_KEY, settings.STRIPE_API_BASE).v1
    for name in path.split("."):
        found = getattr(found, name)
    return found


@lru_cache(maxsize=4)
def _client(key, base):
    return stripe.StripeClient(
        key,
        stripe_version=VERSION,
        base_addresses={"api": base} if base else {},
        max_network_retries=RETRIES,
        http_client=stripe.RequestsClient(timeout=TIMEOUT),
    )


def _answer(read):
    """What `read` gets, with Stripe's errors as ours. Its words go no further than the error: they may name a card."""
    if not _turns.acquire(timeout=_patience(time.monotonic())):
        raise Unavailable("Others wait for Stripe already.")
    _waiting[threading.get_ident()] = time.monotonic()
    try:
        return read()
    except stripe.CardError as error:
        # The bank's own word, where it says one.
        why = getattr(error.error, "decline_code", None) or error.code or ""
        raise Declined(error.user_message or str(error), why, error.param or "") from error
    except stripe.RateLimitError as error:
        raise Unavailable("Stripe is asked too much at the moment.") from error
    except stripe.InvalidRequestError as error:
        kind = Missing if error.code == "resource_missing" else Refused
        raise kind(error.user_message or str(error), error.code or "", error.param or "") from error
    except (stripe.AuthenticationError, stripe.PermissionError) as error:
        raise Refused("Stripe does not take our key, or not for this. Look at STRIPE_SECRET_KEY.", "key") from error
    except stripe.StripeError as error:
        raise Unavailable(f"Stripe cannot be asked at the moment ({type(error).__name__}).") from error
    finally:
        _waiting.pop(threading.get_ident(), None)
        _turns.release()


def _patience(now):
    """How many seconds a turn is worth waiting for at `now` (monotonic)."""
    since = max(list(_waiting.values()), default=now)
    return max(PATIENCE - (now - since), 0)


def _outside_transactions():
    """Django's own way to tell them from the transaction in which a test runs."""
    blocks = connection.atomic_blocks
    if blocks and not blocks[-1]._from_testcase:
        raise RuntimeError("Stripe is asked inside a transaction: its locks would be held for the network's time.")
