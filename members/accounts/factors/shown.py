"""Whether an account has a second factor, and whether it was shown in this session."""

import time

from allauth.account.internal.flows.login import get_authentication_records, record_authentication
from allauth.mfa.models import Authenticator
from django.db.models import Exists, OuterRef

from members.models import User

# What proves more than knowing a password; recovery codes exist beside one of them only.
STRONG = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
# How an authentication by a second factor is called in a session's records.
METHOD = "mfa"
# Seconds after which the desk asks for it again: a working day.
HOLDS = 12 * 3600


def has_strong(user):
    """Whether an account has a second factor: an app or a passkey."""
    return Authenticator.objects.filter(user=user, type__in=STRONG).exists()


def staff_without():
    """The accounts that work here and have no second factor."""
    strong = Authenticator.objects.filter(user=OuterRef("pk"), type__in=STRONG)
    return User.objects.filter(~Exists(strong), is_staff=True, banned_at=None, erased_at=None)


def was_asked(request):
    """Whether whoever is signed in by this session has shown a second factor in it, within the last HOLDS."""
    records = get_authentication_records(request, request.user)
    return any(record.get("method") == METHOD and record["at"] > time.time() - HOLDS for record in records)


def note_shown(request, authenticator):
    """Note in the session that a factor that was just set up was shown by that: nobody need show it twice."""
    record_authentication(request, request.user, METHOD, id=authenticator.pk, type=authenticator.type)
