"""Accounts that work at the desk."""

from members.accounts.roles import appoint
from members.models import User


def with_role(email, role=User.Role.EDITOR):
    """Someone who may do what a role may, and nothing besides."""
    user = User.objects.create_user(email)
    appoint(user, role)
    return user
