"""The first proof that an address is its account's owner's.

Anybody can sign up with an address of somebody else, and wait until its owner comes and confirms it. So whoever first
proves an address without knowing the password, by a code or a link in the mail, is its owner and whoever chose that
password may not be: the password becomes void, and with it all other sessions and all second factors.
"""

from allauth.account.internal.flows.email_verification import verify_email
from allauth.account.internal.flows.login import get_authentication_records
from allauth.account.internal.flows.manage_email import sync_user_email_address
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.db import transaction

from members.accounts import signed_in

# How a session's records call that the account's password was shown, or chosen, in it.
BY_PASSWORD = "password"  # noqa: S105 (no password)


def is_confirmed(email):
    """Whether the address is that of an account and was ever proven."""
    return EmailAddress.objects.filter(email=email.lower(), verified=True).exists()


def by_mail(request, user):
    """Prove the address of an account by what was sent there, if it was not proven before: all at once, so that no
    moment is left in which the address is good and the old password too."""
    with transaction.atomic():
        sync_user_email_address(user)
        address = EmailAddress.objects.get_for_user(user, user.email)
        if not address.verified:
            verify_email(request, address)


def void_password(request, email_address, **kwargs):
    """Hears allauth's `email_confirmed`: makes void what was set before, unless this session knows the password or is
    signed in and has changed its address."""
    user = email_address.user
    if request.user == user or _knows_password(request, user):
        return
    request.voided_password = user.has_usable_password()
    user.set_unusable_password()
    user.save(update_fields=["password"])
    Authenticator.objects.filter(user=user).delete()
    signed_in.end_others(user, request.session.session_key)


def voided_password(request, user):
    """Whether this request has made a password void, and no new one was chosen in it."""
    return getattr(request, "voided_password", False) and not user.has_usable_password()


def _knows_password(request, user):
    return any(record["method"] == BY_PASSWORD for record in get_authentication_records(request, user))
