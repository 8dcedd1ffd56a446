"""Where Stripe tells what has happened: a signed note, which is kept, and then looked into.

Once a note is kept it is answered 200, whatever comes of it: what could not be done at once waits in `inbox`. Only
what could not be kept is answered so that Stripe sends it again. Nothing is taken from a note but ids.
"""

import json
import logging
from contextlib import suppress
from threading import BoundedSemaphore, Event

from django.conf import settings
from django.db import Error
from django.http import HttpResponse, HttpResponseNotAllowed, UnreadablePostError
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from members.billing import client, inbox
from newsroom.ground import bodies, health

# Bytes of a note; Stripe's are a tenth of that.
MOST = 512 * 1024
# Notes that a process looks into at the same time; the others are the worker's. Fewer than `serve` has threads, so that
# readers are answered however slow Stripe is, and fewer than `client` asks at once, so that who joins need not wait.
AT_ONCE = 1
# Seconds for which one waits for its turn: time enough for what Stripe need not be asked about.
TURN = 0.05

log = logging.getLogger("newsroom")
_turns = BoundedSemaphore(AT_ONCE)
_ready = Event()


@csrf_exempt
def webhook(request):
    """Its signature is its only proof: no session, cookie or form token is looked at."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    if not settings.STRIPE_WEBHOOK_SECRET:
        return _answer(503, "No secret is set: nothing can be verified.")
    now = timezone.now()
    try:
        body = bodies.read(request, MOST)
    except bodies.TooLarge:
        return _answer(413, "Too large.")
    except bodies.TooMany:
        return _answer(503, "Too many at once.")
    except UnreadablePostError:
        return _answer(400, "Half a note.")
    if not client.is_signed(body, request.headers.get("Stripe-Signature", ""), now):
        return _answer(400, "Not signed by Stripe, or not just now.")
    event = _event(body, now)
    if event is None:
        return _answer(400, "No event.")
    try:
        if not _is_ready():
            return _answer(503, "Not ready yet.")
        _keep(event, now)
    except Error as error:
        log.warning("A note of Stripe's could not be kept: %s. Stripe sends it again.", type(error).__name__)
        return _answer(503, "It cannot be kept now.")
    return _answer(200, "Kept.")


def _event(body, now):
    try:
        return inbox.event_of(json.loads(body), now)
    except (ValueError, RecursionError):
        return None


def _keep(event, now):
    """Keep an event, and look into it unless enough others are being looked into."""
    if not inbox.keep(event, now + inbox.LEASE) or event.status != event.State.WAITING:
        return
    # A database that goes away meanwhile undoes nothing: the event waits, and is run when its lease ends.
    with suppress(Error):
        if not _turns.acquire(timeout=TURN):
            inbox.leave(event, now)
            return
        try:
            inbox.attempt(event)
        finally:
            _turns.release()


def _is_ready():
    """Whether the tables are those of this code; asked until they are, and then no more."""
    if not _ready.is_set() and not health.database():
        _ready.set()
    return _ready.is_set()


def _answer(status, words):
    response = HttpResponse(f"{words}\n", content_type=health.TEXT, status=status)
    if status == 503:
        response.headers["Retry-After"] = str(health.RETRY_AFTER)
    return response
