"""What is kept of a person: told to them, and taken away when they go.

The setting PERSONAL_DATA lists the rooms' modules, this one last. Each has `export(user)`, which returns tables,
{name: [{column: value}]}, of what the room keeps of an account; and `erase(user)`, which ends what must be ended and
deletes or blanks what tells who the account was. Both are run inside one transaction. What bookkeeping asks for stays,
by the account's number alone.
"""

import io
import json
import zipfile
from importlib import import_module

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from members import emails
from members.accounts.roles import appoint
from members.models import Invitation, Membership, Session, User
from newsroom.ground import spreadsheet

ACCOUNT = ["key", "email", "display_name", "language", "role", "date_joined", "last_login", "told_of_browsers",
           "told_of_offers", "keeps_history"]  # fmt: skip
SESSION = ["started_at", "seen_on", "browser", "expire_date"]
FACTOR = ["type", "created_at", "last_used_at"]
GRANT = ["reason", "plan__name", "starts_at", "ends_at", "revoked_at", "paid_through", "amount", "currency"]
MEMBERSHIP = ["plan__name", "status", "started_at", "failed_at", "ends_at"]
GIFT = ["made_at", "ends_at", "left", "revoked_at"]
OPENED = ["month", "place"]
INVITATION = ["note", "created_at", "expires_at"]
NOTE = ["at", "text"]


class LastOwner(Exception):
    """Nobody else could appoint an owner any more."""


def rooms():
    return [import_module(path) for path in settings.PERSONAL_DATA]


def everything(user):
    """All rooms' tables of an account, {name: rows}. Two of one name are a fault of the rooms, and raise ValueError."""
    tables = {}
    for room in rooms():
        told = room.export(user)
        if twice := tables.keys() & told.keys():
            raise ValueError(f"{room.__name__} tells {sorted(twice)}, which another of PERSONAL_DATA tells: rename it.")
        tables |= told
    return tables


def archive(user):
    """All of it as bytes of a ZIP: everything.json, and a CSV of each table that has rows."""
    tables, made = everything(user), io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as files:
        told = json.dumps(tables, cls=DjangoJSONEncoder, ensure_ascii=False, indent=2)
        files.writestr("everything.json", told)
        for name, rows in tables.items():
            if rows:
                files.writestr(f"{name}.csv", spreadsheet.written(rows))
    return made.getvalue()


def delete(user):
    """Erase an account in all rooms and send it a last mail, or nothing at all. Raises LastOwner."""
    with transaction.atomic():
        # The owners' rows too: of two who leave at once, the second sees the first gone.
        owners = Q(is_superuser=True, banned_at=None, erased_at=None)
        # Not their keys: whoever writes down of a customer what belongs to the account waits for nobody, else each
        # would wait for the other.
        rows = User.objects.select_for_update(no_key=True).filter(owners | Q(pk=user.pk))
        held = {one.pk: one for one in rows.order_by("pk")}
        user = held[user.pk]
        if user.is_superuser and len(held) == 1:
            raise LastOwner
        address, language = user.email, user.language
        for room in rooms():
            room.erase(user)
        emails.farewell(address, language)


def export(user):
    """The members' tables. Secrets (passwords, keys, codes) are no data of the person's and stay out; of a gift and of
    what was opened on the meter nobody can tell which story it was."""
    return {
        "account": list(User.objects.filter(pk=user.pk).values(*ACCOUNT)),
        "addresses": list(EmailAddress.objects.filter(user=user).values("email", "verified")),
        "sessions": list(Session.objects.filter(user=user).values(*SESSION)),
        "second_factors": list(Authenticator.objects.filter(user=user).values(*FACTOR)),
        "grants": list(user.grants.values(*GRANT)),
        "membership": list(Membership.objects.filter(user=user).values(*MEMBERSHIP)),
        "gifts": list(user.gifts.values(*GIFT)),
        "opened_on_the_meter": list(user.opened.values(*OPENED)),
        "invitations": list(Invitation.objects.filter(email=user.email).values(*INVITATION)),
        "notes_by_the_desk": list(user.notes.values(*NOTE)),
    }


def erase(user):
    """Grants and membership end and stay on record, without the words why a grant was given. The account stays as a
    number without a name, that nobody can sign in to; sessions, second factors, proven addresses, rights, the desk's
    notes and what was opened on the meter go."""
    now = timezone.now()
    _blank_log(user)
    user.grants.filter(revoked_at=None).update(revoked_at=now)
    user.grants.update(reason="")
    Membership.objects.filter(Q(ends_at=None) | Q(ends_at__gt=now), user=user).update(ends_at=now)
    user.gifts.filter(revoked_at=None).update(revoked_at=now)
    for kept in (
        user.opened,
        user.notes,
        user.sessions,
        EmailAddress.objects.filter(user=user),
        Authenticator.objects.filter(user=user),
    ):
        kept.all().delete()
    Invitation.objects.filter(email=user.email).update(email="", note="")
    _blank(user, now)


def _blank(user, now):
    user.email = f"erased-{user.key.lower()}@invalid"
    user.display_name = ""
    user.is_superuser = user.told_of_browsers = user.told_of_offers = user.keeps_history = False
    user.last_login, user.erased_at = None, now
    user.set_unusable_password()
    user.user_permissions.clear()
    user.groups.clear()
    user.save()
    appoint(user, User.Role.READER)


def _blank_log(user):
    """The desk's log keeps what was done to a row in the words that named it then: to these, by the number alone."""
    for rows in (
        User.objects.filter(pk=user.pk),
        user.grants.all(),
        Membership.objects.filter(user=user),
        Invitation.objects.filter(email=user.email),
        EmailAddress.objects.filter(user=user),
        Authenticator.objects.filter(user=user),
    ):
        kind = ContentType.objects.get_for_model(rows.model)
        numbers = [str(pk) for pk in rows.values_list("pk", flat=True)]
        LogEntry.objects.filter(content_type=kind, object_id__in=numbers).update(object_repr=F("object_id"))
