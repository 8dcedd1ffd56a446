"""What each role may do in the desk.

A role is the one switch: whether its holder works here (`is_staff`) and the one role group that the holder is in follow
from it (`appoint`). Owners (`is_superuser`) may do everything besides, and only they appoint. The groups' permissions
are made after every migration, from the rooms' tables that the setting ROLE_RIGHTS lists, each
`{role: {"app.model": deeds}}`; a newsroom that wants others makes a group of its own beside them.
"""

from django.apps import apps
from django.conf import settings
from django.contrib.auth.management import create_permissions
from django.contrib.auth.models import Group, Permission
from django.db import transaction
from django.utils.module_loading import import_string

from members.models import User

# The group of each role that works here.
GROUPS = {User.Role.REPORTER: "Reporters", User.Role.EDITOR: "Editors", User.Role.PUBLISHER: "Publishers"}

# This domain's own table.
EDITING = {
    "prompts.campaign": ("add", "change", "delete", "view"),
    "prompts.variant": ("add", "change", "delete", "view"),
    "prompts.drive": ("add", "change", "delete", "view"),
    "members.grant": ("add", "change", "view"),
    "members.invitation": ("add", "change", "view"),
    # The night when everybody must be able to read has an editor on duty, and seldom a publisher.
    "members.openhouse": ("add", "view"),
    "members.plan": ("view",),
    "members.price": ("view",),
    "members.user": ("view",),
}
# What is sold is the publisher's to say. Memberships, and with them whatever tells of payments, are the owners' alone.
PUBLISHING = EDITING | {
    "billing.offer": ("add", "change", "view"),
    "members.plan": ("add", "change", "delete", "view"),
    # Deleted they are with their plan alone.
    "members.price": ("add", "change", "delete", "view"),
}
RIGHTS = {User.Role.EDITOR: EDITING, User.Role.PUBLISHER: PUBLISHING}


def appoint(user, role):
    """Give an account a role (a `User.Role`), saved, and with it the desk and the group that belong to the role. What
    else is decided of the account at this moment stands, and one that is erased stays a reader."""
    with transaction.atomic():
        now = User.objects.select_for_update().get(pk=user.pk)
        user.role = role if now.erased_at is None else User.Role.READER
        user.is_staff = now.is_superuser or user.role in GROUPS
        user.save(update_fields=["role", "is_staff"])
        user.groups.remove(*Group.objects.filter(name__in=GROUPS.values()))
        if user.role in GROUPS:
            user.groups.add(Group.objects.get(name=GROUPS[user.role]))


def may_open_house(user):
    """Whether an account may open everything to everybody, and close it again."""
    return user.has_perm("members.add_openhouse")


def sees_payments(user):
    """Whether an account sees what members pay, and the whole story of a member."""
    return user.has_perm("members.view_membership")


def may_change_payments(user):
    """Whether an account may give, extend, cancel and refund memberships, and write notes on members."""
    return user.has_perm("members.change_membership")


def ensure_roles(using="default", **_signal):
    """Make the groups of the roles, with exactly the permissions of the tables. Running it again changes nothing."""
    _permissions_exist(using)
    held = {
        f"{one.content_type.app_label}.{one.codename}": one
        for one in Permission.objects.using(using).select_related("content_type")
    }
    for role, name in GROUPS.items():
        group, _made = Group.objects.using(using).get_or_create(name=name)
        group.permissions.set([held[codename] for codename in codenames(role)])


def codenames(role):
    """The names of a role's permissions, by all tables together: "articles.add_article", ..."""
    for table in tables():
        for model, deeds in table.get(role, {}).items():
            app, _dot, name = model.partition(".")
            yield from (f"{app}.{deed}_{name}" for deed in deeds)


def tables():
    return [import_string(path) for path in settings.ROLE_RIGHTS]


def _permissions_exist(using):
    """Django makes an app's permissions after migrating it; of the apps that come later they are wanted now."""
    for label in {model.partition(".")[0] for table in tables() for rights in table.values() for model in rights}:
        create_permissions(apps.get_app_config(label), verbosity=0, using=using)
