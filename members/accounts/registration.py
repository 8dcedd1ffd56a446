"""Who may open an account: everybody, whoever was invited, or nobody (the setting REGISTRATION)."""

from django.conf import settings

from members.models import Invitation

OPEN, INVITATION, CLOSED = "open", "invitation", "closed"
# What carries an invitation's token, in the link and in the form.
FIELD = "invitation"
# Longer than any token of ours: what is longer is not even looked up.
TOKEN_MAX = 100


def token_of(request):
    """The token that a sign-up came with; "" if none."""
    token = request.POST.get(FIELD) or request.GET.get(FIELD) or ""
    return token if len(token) <= TOKEN_MAX else ""


def is_open_to_everybody():
    return settings.REGISTRATION == OPEN


def is_by_invitation():
    return settings.REGISTRATION == INVITATION


def is_open(token, now):
    """Whether an account may be opened at `now` (aware) by who has this token, or none."""
    if not is_by_invitation():
        return is_open_to_everybody()
    return Invitation.objects.of(token).open(now).exists()


def take(token, now):
    """Count an account towards its invitation, where one is needed. False: it is used up by now. To be called in the
    transaction that saves the account, and for an address that has one too: otherwise an invitation would tell."""
    return not is_by_invitation() or Invitation.objects.take(token, now)
