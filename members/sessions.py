"""Sessions in the database, each with its account: one query tells who is signed in and what makes them a member."""

import json
from datetime import datetime, timedelta
from functools import lru_cache

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY, get_user
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.db import DEFAULT_DB_ALIAS
from django.db.models import FilteredRelation
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.dateparse import parse_datetime
from django.utils.functional import SimpleLazyObject

from members.models import Session, User, granted
from members.standing import NONE, Rank, of_membership, with_grant
from newsroom.ground import batches, seal
from newsroom.ground.prepared import Prepared

# What a request asks of an account; the rest is fetched where it is asked for.
READ = (
    "id", "password", "email", "display_name", "language", "role", "is_staff", "is_superuser", "keeps_history",
    "banned_at", "erased_at",
)  # fmt: skip
# What a standing is made of: the membership, and each grant that runs (a row each).
MEMBERSHIP = ("status", "failed_at", "ends_at", "plan", "plan__level")
GRANT = ("pk", "plan", "plan__level")
# What a session holds since sign-in, for its row: when that was (ISO 8601) and in which browser (words).
STARTED, BROWSER = "started", "browser"
# How long a session lives in which nobody is signed in: longer than the codes by mail for which it waits. Anybody can
# have as many as they like made.
STRANGERS = timedelta(hours=1)
# What the seal of their data is told that it is for.
PURPOSE = "sessions"
# Sessions whose data are kept opened: to open the same seal again tells nothing new.
DECODED_MAX = 2_000


def _with_account(key, now):
    rows = Session.objects.filter(session_key=key, expire_date__gt=now)
    rows, held = _with_held(rows, "user__", now)
    return rows.values_list("session_data", "seen_on", *(f"user__{name}" for name in READ), *held)


def _of_account(pk, now):
    rows, held = _with_held(User.objects.filter(pk=pk), "", now)
    return rows.values_list(*held)


def _with_held(rows, account, now):
    """(rows, once for each grant of their account that runs and once where none does; the names of MEMBERSHIP and GRANT
    in them). account: how they come to it."""
    rows = rows.annotate(running=FilteredRelation(f"{account}grants", condition=granted(now, f"{account}grants__")))
    membership = [f"{account}membership__{name}" for name in MEMBERSHIP]
    return rows, membership + [f"running__{name}" for name in GRANT]


_signed_in = Prepared(_with_account, str, datetime)
_held = Prepared(_of_account, int, datetime)


def standing_of(user, now):
    """The `standing.Standing` of an account at a moment: what its session's row told, where that was read, else by a
    query."""
    told = getattr(user, "held", None)
    return _standing(told if told is not None else _held(user.pk, now), now)


def _standing(told, now):
    """A Standing of rows of the values of MEMBERSHIP and GRANT."""
    status, failed_at, ends_at, plan, level = told[0][: len(MEMBERSHIP)]
    rank = Rank(plan, level)
    held = of_membership(status, failed_at, ends_at, rank, now, settings.GRACE) if status else NONE
    for grant, granted_plan, granted_level in (row[len(MEMBERSHIP) :] for row in told):
        if grant is not None:
            held = with_grant(held, granted_plan and Rank(granted_plan, granted_level))
    return held


class SessionStore(DatabaseStore):
    """The setting SESSION_ENGINE names this module for it. account: the row's account once the session was loaded, None
    for a stranger's and for one that is closed; its `held` tells what `standing_of` asks."""

    account = None

    @classmethod
    def get_model_class(cls):
        return Session

    def encode(self, session_dict):
        """Sealed: on the way in a session holds the account, and the story that it came from."""
        return seal.sealed(json.dumps(session_dict), PURPOSE)

    def decode(self, session_data):
        try:
            return json.loads(seal.opened(session_data, PURPOSE))
        except seal.Broken:
            return {}

    def create_model_instance(self, data):
        row = super().create_model_instance(data)
        row.user_id = data.get(SESSION_KEY)
        row.started_at = parse_datetime(data.get(STARTED, ""))
        if row.started_at:
            # Whatever a session is used for, it ends as long after its sign-in as it would have unused.
            row.expire_date = min(row.expire_date, row.started_at + timedelta(seconds=settings.SESSION_COOKIE_AGE))
        if row.user_id is None:
            row.expire_date = min(row.expire_date, timezone.now() + STRANGERS)
        row.browser = data.get(BROWSER, "")
        row.seen_on = timezone.now().date()
        return row

    def load(self):
        # Ours are letters and digits; whatever else a cookie says is not even asked for.
        key = self.session_key or ""
        now = timezone.now()
        rows = _signed_in(key, now) if key.isascii() and key.isalnum() else []
        if not rows:
            self._session_key = None
            return {}
        told, seen_on, *values = rows[0]
        account = User.from_db(DEFAULT_DB_ALIAS, READ, values[: len(READ)])
        if account.pk is not None and account.is_active:
            self._note_seen(key, seen_on, now.date())
            account.held = [row[2 + len(READ) :] for row in rows]
            self.account = account
        return json.loads(_decoded(told))

    def _note_seen(self, key, seen_on, today):
        """Once a day and no oftener, so that a list of sessions tells the day, and not when somebody reads."""
        if seen_on != today:
            self.model.objects.filter(session_key=key).update(seen_on=today)


@lru_cache(maxsize=DECODED_MAX)
def _decoded(told):
    """A session's data as JSON, from what the database holds; of none where the seal is broken."""
    return json.dumps(SessionStore().decode(told))


def forget_expired_sessions(now):
    """Delete the sessions that ended before `now` (aware)."""
    batches.delete(Session.objects.filter(expire_date__lt=now))


class AccountMiddleware(AuthenticationMiddleware):
    """request.user as Django's own gives it, without another query where the session's row had the account."""

    def process_request(self, request):
        super().process_request(request)
        request.user = SimpleLazyObject(lambda: _user(request))


def signed_in(request):
    """The account of a request's session, before any middleware has seen it; None for a stranger, and wherever there is
    anything to decide: then Django decides, with the whole request before it."""
    return _confirmed(SessionStore(request.COOKIES.get(settings.SESSION_COOKIE_NAME)))


def _user(request):
    if not hasattr(request, "_cached_user"):
        request._cached_user = _confirmed(request.session) or get_user(request)
    return request._cached_user


def _confirmed(session):
    """The account of a session, if all that Django would ask speaks for it; else None, and Django decides itself."""
    if session.get(BACKEND_SESSION_KEY) not in settings.AUTHENTICATION_BACKENDS:
        return None
    user = session.account
    if user is None or str(user.pk) != session.get(SESSION_KEY):
        return None
    if not constant_time_compare(session.get(HASH_SESSION_KEY, ""), user.get_session_auth_hash()):
        return None
    return user
