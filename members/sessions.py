"""Sessions in the database, each with its account: one query tells who is signed in and whether a membership runs."""

from datetime import datetime

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY, get_user
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.functional import SimpleLazyObject

from members.models import Grant, Session
from newsroom.ground.prepared import Prepared

# What a request seldom asks of a session or an account: fetched when it does.
UNREAD = ("expire_date", "user__last_login", "user__date_joined", "user__key")


def _with_account(key, now):
    running = Grant.objects.running(now).filter(user=OuterRef("user"))
    rows = Session.objects.filter(session_key=key, expire_date__gt=now)
    return rows.select_related("user").annotate(member=Exists(running)).defer(*UNREAD)


_signed_in = Prepared(_with_account, str, datetime)


class SessionStore(DatabaseStore):
    """The setting SESSION_ENGINE names this module for it. account: the row's account once the session was loaded, None
    for a stranger's; is_member: whether it was a member at that moment."""

    account = None
    is_member = False

    @classmethod
    def get_model_class(cls):
        return Session

    def create_model_instance(self, data):
        row = super().create_model_instance(data)
        row.user_id = data.get(SESSION_KEY)
        return row

    def _get_session_from_db(self):
        # Ours are letters and digits; whatever else a cookie says is not even asked for.
        key = self.session_key if self.session_key.isascii() and self.session_key.isalnum() else ""
        row = next(iter(_signed_in(key, timezone.now())), None)
        if row is None:
            self._session_key = None
        else:
            self.account, self.is_member = row.user, row.member
        return row


class AccountMiddleware(AuthenticationMiddleware):
    """request.user as Django's own gives it, without another query where the session's row had the account."""

    def process_request(self, request):
        super().process_request(request)
        request.user = SimpleLazyObject(lambda: _user(request))


def _user(request):
    if not hasattr(request, "_cached_user"):
        request._cached_user = _confirmed(request.session) or get_user(request)
    return request._cached_user


def _confirmed(session):
    """The account of a session, if all that Django would ask speaks for it; else None, and Django decides itself."""
    if session.get(BACKEND_SESSION_KEY) not in settings.AUTHENTICATION_BACKENDS:
        return None
    user = session.account
    if user is None or str(user.pk) != session.get(SESSION_KEY) or not user.is_active:
        return None
    if not constant_time_compare(session.get(HASH_SESSION_KEY, ""), user.get_session_auth_hash()):
        return None
    user.is_member_now = session.is_member
    return user
