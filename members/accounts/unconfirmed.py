"""Accounts whose address nobody ever confirmed: somebody mistyped it, or typed another's. It is not kept."""

from datetime import timedelta

from allauth.account.models import EmailAddress
from django.db.models import Exists, OuterRef

from members.models import User

KEPT = timedelta(days=30)
# Accounts that one call deletes; the next call goes on.
BATCH = 500


def forget_unconfirmed(now):
    """Delete accounts that signed up KEPT before `now` (aware), never confirmed their address, and hold nothing: no
    role, no grant, no membership."""
    addresses = EmailAddress.objects.filter(user=OuterRef("pk"))
    old = User.objects.filter(Exists(addresses), ~Exists(addresses.filter(verified=True)), date_joined__lt=now - KEPT)
    empty = old.filter(role=User.Role.READER, is_staff=False, grants=None, membership=None, erased_at=None)
    User.objects.filter(pk__in=list(empty.values_list("pk", flat=True)[:BATCH])).delete()
