"""Taking one's data along, and leaving for good."""

import csv
import io
import json
import zipfile
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from types import SimpleNamespace

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.apps import apps
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.urls import reverse

from members import emails
from members.accounts import personal_data
from members.accounts.roles import appoint
from members.models import Gift, Grant, Invitation, Membership, Opened, Plan, Session, User
from tests.conftest import PASSWORD
from tests.members.factors import SECRET, give_app
from tests.members.mail import delivered
from tests.members.test_account_pages import check

pytestmark = pytest.mark.django_db

DATA, DELETE = "/account/data/", "/account/delete/"


@pytest.fixture
def reader(leyla):
    """Somebody of whom there is all that can be kept."""
    EmailAddress.objects.create(user=leyla, email=leyla.email, verified=True, primary=True)
    give_app(leyla)
    plan = Plan.objects.create(name="Friend", slug="friend")
    Membership.objects.create(user=leyla, plan=plan, status="active")
    return leyla


def proven(browser):
    """A browser whose owner has just given the password."""
    browser.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    return browser


def taken(browser):
    return zipfile.ZipFile(io.BytesIO(browser.post(DATA).content))


def leave(browser):
    return browser.post(DELETE, {"sure": "on"}, follow=True)


def test_a_reader_takes_everything_along_as_json_and_tables(as_, reader):
    browser = proven(as_(reader))
    check(browser.get(DATA))
    answer = browser.post(DATA)
    assert answer["Content-Disposition"] == 'attachment; filename="my-data.zip"'
    assert "no-store" in answer["Cache-Control"]
    files = taken(browser)
    told = json.loads(files.read("everything.json"))
    assert told["account"][0]["email"] == "leyla@example.com"
    assert told["membership"][0]["plan__name"] == "Friend"
    assert told["grants"][0]["reason"] == "a test"
    (row,) = csv.DictReader(io.StringIO(files.read("account.csv").decode()))
    assert row["display_name"] == "Leyla"


def test_no_secret_is_in_it_and_nobody_elses_data(as_, reader, aram):
    Grant.objects.create(user=aram, reason="somebody else's")
    browser = proven(as_(reader))
    files = taken(browser)
    told = " ".join(files.read(name).decode() for name in files.namelist())
    for word in (reader.password, SECRET, browser.session.session_key, "aram", "somebody else's"):
        assert word not in told


def test_every_table_that_points_at_an_account_is_told_or_is_no_data_of_its_own(reader):
    """A new model with a reader in it fails this until somebody has said what becomes of it."""
    pointing = {
        f"{relation.related_model._meta.label}.{relation.field.name}"
        for relation in User._meta.get_fields(include_hidden=True)
        if relation.is_relation and relation.auto_created and not relation.concrete
    }
    told = {
        "account.EmailAddress.user", "mfa.Authenticator.user", "members.Session.user", "members.Grant.user",
        "members.Membership.user", "members.Gift.user", "members.Opened.user", "members.Note.user",
    }  # fmt: skip
    # Who did what at the desk is the newsroom's record; the tables between are Django's.
    of_the_desk = {
        "admin.LogEntry.user", "members.Grant.granted_by", "members.Invitation.made_by", "members.OpenHouse.opened_by",
        "members.OpenHouse.closed_by", "members.Note.author", "members.User_groups.user",
        "members.User_user_permissions.user",
    }  # fmt: skip
    members = {name for name in pointing if name.split(".")[0] in {"members", "account", "mfa", "admin"}}
    assert members <= told | of_the_desk, sorted(members - told - of_the_desk)


@pytest.mark.parametrize("address", [DATA, DELETE])
def test_the_password_is_asked_for_first(as_, reader, address, stranger):
    browser = as_(reader)
    for answer in (browser.get(address), browser.post(address, {"sure": "on"})):
        assert answer.url == f"{reverse('account_reauthenticate')}?next={address.replace('/', '%2F')}"
    assert stranger.get(address).url.startswith(reverse("account_login"))
    assert User.objects.get(pk=reader.pk).is_active


def test_a_wrong_password_opens_neither(as_, reader):
    browser = as_(reader)
    browser.post(reverse("account_reauthenticate"), {"password": "not the password"})
    assert browser.post(DATA).status_code == 302
    leave(browser)
    assert User.objects.get(pk=reader.pk).is_active


def test_without_the_tick_nothing_is_deleted(as_, reader):
    browser = proven(as_(reader))
    check(browser.get(DELETE))
    assert "Tick this" in check(browser.post(DELETE, {}))
    assert User.objects.get(pk=reader.pk).is_active


def test_an_account_that_leaves_is_gone_everywhere_at_once(as_, reader, stranger):
    here, elsewhere = proven(as_(reader)), as_(reader)
    page = check(leave(here))
    assert "Your account is deleted" in page
    for browser in (here, elsewhere):
        assert browser.get("/account/").status_code == 302
    stranger.post(reverse("account_login"), {"login": "leyla@example.com", "password": PASSWORD})
    assert stranger.get("/account/").status_code == 302


def test_what_told_who_it_was_is_gone_and_bookkeeping_stays(as_, reader, now):
    grants = list(reader.grants.values_list("pk", flat=True))
    leave(proven(as_(reader)))
    kept = User.objects.get(pk=reader.pk)
    assert kept.email == f"erased-{reader.key.lower()}@invalid"
    assert (kept.display_name, kept.key, kept.last_login) == ("", reader.key, None)
    assert kept.erased_at is not None
    assert not kept.has_usable_password()
    assert list(kept.grants.values_list("pk", flat=True)) == grants
    assert not Grant.objects.running(now).filter(user=kept).exists()
    assert kept.membership.ends_at is not None
    for model in (EmailAddress, Authenticator, Session):
        assert not model.objects.filter(user=kept).exists()


def test_nothing_is_left_that_was_opened_nor_signed_in_nor_given_away(as_, reader, now):
    as_(reader), as_(reader)
    Opened.objects.create(user=reader, month="2026-11", place=1, salt=b"8 bytes.", digest=b"8 bytes.")
    told = {"user": reader, "ends_at": now + timedelta(days=1), "left": 1}
    Gift.objects.create(token="open", **told)
    Gift.objects.create(token="withdrawn", revoked_at=now - timedelta(days=1), **told)
    personal_data.delete(reader)
    assert not Opened.objects.exists()
    assert not Session.objects.exists()
    assert not Gift.objects.open_at(now).exists()
    assert Gift.objects.get(token="withdrawn").revoked_at < now - timedelta(hours=1), "it was over then, not now"


def test_a_link_in_an_old_mail_switches_nothing_of_an_account_that_is_gone(reader, stranger):
    emails.new_browser(reader, "Firefox")
    link = delivered()[0].extra_headers["List-Unsubscribe"].strip("<>")
    assert stranger.get(link).status_code == 200
    personal_data.delete(reader)
    for answer in (stranger.get(link), stranger.post(link)):
        assert answer.status_code == 404


def test_neither_address_nor_name_stands_in_any_table(as_, reader):
    reader.grants.update(reason="Leyla has paid elsewhere")
    invitation = Invitation.objects.create(note="Leyla of the choir", email=reader.email, digest="0" * 64)
    for named in (
        reader,
        reader.grants.get(),
        reader.membership,
        invitation,
        EmailAddress.objects.get(user=reader),
        Authenticator.objects.filter(user=reader).first(),
    ):
        LogEntry.objects.create(
            user=reader,
            action_flag=CHANGE,
            content_type=ContentType.objects.get_for_model(named),
            object_id=str(named.pk),
            object_repr=f"Leyla · {named}",
        )
    leave(proven(as_(reader)))
    delivered()
    for model in apps.get_models():
        for row in model.objects.values():
            assert "leyla" not in str(row).lower(), model


def test_a_last_mail_goes_to_the_address_that_it_had(as_, reader):
    leave(proven(as_(reader)))
    (message,) = delivered()
    assert message.to == ["leyla@example.com"]
    assert "is deleted, as you asked" in message.body


def test_the_address_is_free_for_a_new_account(as_, reader, stranger):
    leave(proven(as_(reader)))
    stranger.post(reverse("account_signup"), {"email": "leyla@example.com", "password1": PASSWORD})
    assert User.objects.get(email="leyla@example.com").pk != reader.pk


def test_who_worked_here_has_no_rights_left(as_, nino):
    nino.user_permissions.set([1])
    leave(proven(as_(nino)))
    kept = User.objects.get(pk=nino.pk)
    assert (kept.role, kept.is_staff, kept.is_superuser) == ("reader", False, False)
    assert not kept.get_all_permissions()
    assert not kept.groups.exists()


def test_the_last_owner_names_another_first(as_, nino):
    owner = User.objects.create_superuser("owner@example.com", PASSWORD)
    browser = proven(as_(owner))
    assert "You are the last owner here" in check(leave(browser))
    assert User.objects.get(pk=owner.pk).is_superuser
    nino.is_superuser = True
    nino.save()
    appoint(nino, "publisher")
    leave(browser)
    assert User.objects.get(pk=owner.pk).erased_at is not None


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_of_two_owners_who_leave_at_once_one_stays():
    owners = [User.objects.create_superuser(f"owner{n}@example.com", PASSWORD) for n in (1, 2)]

    def leave_at_once(user):
        try:
            personal_data.delete(user)
        except personal_data.LastOwner:
            return "stays"
        finally:
            connection.close()
        return "gone"

    with ThreadPoolExecutor(2) as threads:
        assert sorted(threads.map(leave_at_once, owners)) == ["gone", "stays"]


def test_rooms_join_in_and_a_room_that_fails_leaves_all_as_it_was(as_, reader, settings, monkeypatch):
    def broken(user):
        raise RuntimeError("no way")

    room = SimpleNamespace(__name__="a room", export=lambda user: {"saved": [{"story": 7}]}, erase=broken)
    monkeypatch.setattr(personal_data, "rooms", lambda: [personal_data, room])
    browser = proven(as_(reader))
    assert json.loads(taken(browser).read("everything.json"))["saved"] == [{"story": 7}]
    with pytest.raises(RuntimeError):
        leave(browser)
    assert User.objects.get(pk=reader.pk).email == "leyla@example.com"
    assert delivered() == []


def test_two_rooms_that_tell_a_table_of_one_name_are_told_apart(reader, monkeypatch):
    monkeypatch.setattr(personal_data, "rooms", lambda: [personal_data, personal_data])
    with pytest.raises(ValueError, match="rename it"):
        personal_data.everything(reader)


def test_the_setting_names_rooms_that_can_tell_and_erase():
    for room in personal_data.rooms():
        assert callable(room.export)
        assert callable(room.erase)
    assert personal_data.rooms()[-1] is personal_data
