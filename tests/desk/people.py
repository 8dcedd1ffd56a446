"""Accounts that work at the desk, with their rights given one by one."""

from django.contrib.auth.models import Permission

from members.models import User

ROOMS = ["articles", "ads", "tags"]


def with_rights(email, *, publish):
    """Someone who edits all that the desk edits; publish: and may publish stories."""
    user = User.objects.create_user(email, is_staff=True, role=User.Role.EDITOR)
    rights = Permission.objects.filter(content_type__app_label__in=ROOMS)
    user.user_permissions.set(rights if publish else rights.exclude(codename="publish_article"))
    return user
