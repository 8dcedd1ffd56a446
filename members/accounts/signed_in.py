"""Where an account is signed in: its sessions, for it to see and to end, and the browsers that it knows.

A browser is known by a cookie that holds marks of the accounts that were signed in to in it, keyed digests that nobody
can read; the server keeps none of it.
"""

import logging
from datetime import timedelta
from functools import wraps

from allauth.account import app_settings
from allauth.account.internal.flows.login import get_authentication_records
from django.conf import settings
from django.core import signing
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.dateparse import parse_datetime

from members import emails
from members.accounts.browsers import name_of
from members.models import Session
from members.sessions import BROWSER, STARTED
from newsroom.ground import audit, client

SALT = "members.accounts.signed_in"
# Accounts that one browser remembers; the oldest is forgotten first.
MARKS_MAX = 5
# Seconds: half a year. Who has not signed in for so long is told again.
COOKIE_AGE = 180 * 24 * 3600

# How long a sign-in counts as if who signed in had just been asked again: as long as the answer to being asked does.
FRESH = timedelta(seconds=app_settings.REAUTHENTICATION_TIMEOUT)

log = logging.getLogger("newsroom")


def browser_of(request):
    """A request's browser in words; "" if it does not say."""
    return name_of(request.headers.get("user-agent", ""))


def begin(request):
    """Note in a session that has just been signed in by what its owner will know it."""
    request.session[STARTED] = timezone.now().isoformat()
    request.session[BROWSER] = browser_of(request)


def is_fresh(request):
    """Whether this session was signed in to so lately, by whatever proof, that nobody need prove it again."""
    started = parse_datetime(request.session.get(STARTED, ""))
    return started is not None and timezone.now() - started < FRESH


def note(request, user):
    """Note in the audit log that somebody who works here signed in, and by what. Of readers nothing is noted beside
    their sessions."""
    if user.is_staff:
        proofs = [record.get("type") or record["method"] for record in get_authentication_records(request, user)]
        audit.record(user, "signed in", "account", user.key, ", ".join(proofs))


def note_refused(what, whom):
    """Tell the server's log of a sign-in that was refused. what: which proof did not fit; whom: the address that was
    typed, told as a digest, so that the tries at one account are seen to belong together and name nobody."""
    known_by = client.salted(whom.lower(), settings.SECRET_KEY)[:8]
    log.warning("A sign-in was refused: %s did not fit, account %s.", what, known_by)


def renewing(view):
    """A view after which a session that has proven anew whose it is goes on under another key, the old one being
    worth nothing."""

    @wraps(view)
    def renewed(request, *args, **kwargs):
        before = get_authentication_records(request, request.user)
        response = view(request, *args, **kwargs)
        if request.user.is_authenticated and get_authentication_records(request, request.user) != before:
            request.session.cycle_key()
        return response

    return renewed


def recognise(request, response, user, is_new):
    """Tell an account of a sign-in in a browser where it was not signed in before, unless it was switched off or the
    account is_new; and let the browser remember it."""
    marks, mark = _marks(request), _mark(user)
    if not any(constant_time_compare(mark, known) for known in marks):
        if user.told_of_browsers and not is_new:
            emails.new_browser(user, browser_of(request))
        marks = [*marks, mark][-MARKS_MAX:]
    response.set_cookie(
        settings.BROWSER_COOKIE_NAME,
        signing.dumps(marks, salt=SALT),
        max_age=COOKIE_AGE,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def _marks(request):
    try:
        return signing.loads(request.COOKIES.get(settings.BROWSER_COOKIE_NAME, ""), salt=SALT, max_age=COOKIE_AGE)
    except signing.BadSignature:
        return []


def _mark(user):
    return salted_hmac(SALT, user.key, algorithm="sha256").hexdigest()[:24]


def name(session_key):
    """What a session is called in forms: a digest, since its key is what signs in."""
    return salted_hmac(SALT, session_key, algorithm="sha256").hexdigest()[:24]


def sessions_of(user, here):
    """The running `Session`s of an account, each with its `name`: the one with key `here` first, then the latest."""
    running = Session.objects.filter(user=user, expire_date__gt=timezone.now())
    found = list(running.only("session_key", "started_at", "seen_on", "browser", "user"))
    for session in found:
        session.name, session.here = name(session.session_key), session.session_key == here
    return sorted(found, key=lambda one: (one.here, one.started_at is not None, one.started_at), reverse=True)


def end(user, wanted):
    """End the session of an account that is called `wanted`. Whether there was one."""
    keys = [one.session_key for one in sessions_of(user, None) if constant_time_compare(one.name, wanted)]
    return Session.objects.filter(user=user, session_key__in=keys).delete()[0] > 0


def end_others(user, here):
    """End all sessions of an account but the one with the key `here`. Returns how many."""
    return Session.objects.filter(user=user).exclude(session_key=here).delete()[0]
