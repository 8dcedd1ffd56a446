"""What each role may do in the desk.

A role is the one switch: whether its holder works here (`is_staff`) and the one role group that the holder is in follow
from it (`appoint`). Owners (`is_superuser`) may do everything besides, and only they appoint. The groups' permissions
are made from the table below after every migration; a newsroom that wants others makes a group of its own beside them.
"""

from django.apps import apps
from django.contrib.auth.management import create_permissions
from django.contrib.auth.models import Group, Permission

from members.models import User

EVERYTHING = ("add", "change", "delete", "view")
KEEP = ("add", "change", "view")
LOOK = ("view",)

# Models are named, not imported: this domain knows no articles.
DRAFTING = {
    "articles.article": KEEP,
    "articles.image": KEEP,
    "articles.author": LOOK,
    "articles.section": LOOK,
    "tags.tag": KEEP,
}
EDITING = {
    "articles.section": EVERYTHING,
    "articles.author": EVERYTHING,
    "articles.image": EVERYTHING,
    "articles.article": (*EVERYTHING, "publish"),
    "tags.tag": EVERYTHING,
    "ads.ad": EVERYTHING,
    "prompts.prompt": EVERYTHING,
    "members.grant": KEEP,
    "members.user": LOOK,
}
GROUPS = {
    User.Role.REPORTER: ("Reporters", DRAFTING),
    User.Role.EDITOR: ("Editors", EDITING),
    User.Role.PUBLISHER: ("Publishers", EDITING),
}


def appoint(user, role):
    """Give an account a role (a `User.Role`), saved, and with it the desk and the group that belong to the role."""
    user.role = role
    user.is_staff = user.is_superuser or role in GROUPS
    user.save()
    user.groups.remove(*Group.objects.filter(name__in=[name for name, _rights in GROUPS.values()]))
    if role in GROUPS:
        user.groups.add(Group.objects.get(name=GROUPS[role][0]))


def ensure_roles(using="default", **_signal):
    """Make the groups of the roles, with exactly the permissions of the table. Running it again changes nothing."""
    _permissions_exist(using)
    held = {
        f"{one.content_type.app_label}.{one.codename}": one
        for one in Permission.objects.using(using).select_related("content_type")
    }
    for name, rights in GROUPS.values():
        group, _made = Group.objects.using(using).get_or_create(name=name)
        group.permissions.set([held[codename] for codename in codenames(rights)])


def codenames(rights):
    """The names of the permissions that a table of rights stands for: "articles.add_article", ..."""
    for model, deeds in rights.items():
        app, _dot, name = model.partition(".")
        yield from (f"{app}.{deed}_{name}" for deed in deeds)


def _permissions_exist(using):
    """Django makes an app's permissions after migrating it; of the apps that come later they are wanted now."""
    for label in {model.partition(".")[0] for _name, rights in GROUPS.values() for model in rights}:
        create_permissions(apps.get_app_config(label), verbosity=0, using=using)
