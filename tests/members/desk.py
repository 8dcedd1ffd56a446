"""What tests of the members' pages of the desk share."""

from django.urls import reverse

from members.accounts.roles import appoint
from members.models import User
from newsroom.ground.models import Deed


def someone(role):
    """An account that has a role, and owns nothing."""
    user = User.objects.create_user(f"{role}@example.com")
    appoint(user, role)
    return user


def page_of(row, name="change"):
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_{name}", args=[row.pk])


def deeds():
    """The audit log, the oldest line first: (deed, kind, key, note)."""
    return list(Deed.objects.order_by("pk").values_list("deed", "kind", "key", "note"))
