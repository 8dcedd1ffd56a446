"""Forms of accounts take what they ask for and not a field more, and reach nobody else's things."""

import re

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from django.contrib.auth.models import Group
from django.urls import reverse
from django.utils import timezone

from members.accounts import signed_in
from members.models import Grant, Invitation, Membership, Plan, Session, User
from tests.conftest import PASSWORD
from tests.members.factors import code, give_app
from tests.members.mail import code_in, delivered
from tests.members.test_redirects import every_address

pytestmark = pytest.mark.django_db

NEW = "a mill stands by the water"
# Every field that an account and what hangs on it has, and names that frameworks have been fooled by.
FORGED = {
    "id": "1", "pk": "1", "user": "1", "user_id": "1", "user_pk": "1", "account": "1", "owner": "1",
    "key": "k" * 22, "is_staff": "on", "is_superuser": "on", "is_active": "on", "role": "publisher",
    "groups": "1", "user_permissions": "1", "date_joined": "2001-01-01", "last_login": "2001-01-01",
    "banned_at": "2001-01-01", "erased_at": "2001-01-01", "display_name": "Forged", "keeps_history": "on",
    "verified": "on", "primary": "on", "level": "99", "plan": "1", "membership": "1", "grants": "1",
    "_auth_user_id": "1", "csrfmiddlewaretoken": "x", "_method": "DELETE", "__proto__": "x",
}  # fmt: skip
# What of an account each form may change.
MAY_CHANGE = {
    "account_change_password": {"password"},
    "mail_preferences": {"language", "told_of_browsers", "told_of_offers"},
    "account_login": {"last_login"},
}
FIELDS = [field.attname for field in User._meta.concrete_fields]


@pytest.fixture
def reader(aram):
    EmailAddress.objects.create(user=aram, email=aram.email, verified=True, primary=True)
    return aram


@pytest.fixture
def browser(as_, reader):
    """Signed in, and the password just given."""
    signed = as_(reader)
    signed.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    return signed


def row(user):
    """All that an account is; of its last sign-in the year, since every browser of the tests makes one."""
    found = User.objects.filter(pk=user.pk).values(*FIELDS).get()
    found["last_login"] = found["last_login"] and found["last_login"].year
    return {**found, "groups": set(user.groups.all()), "permissions": set(user.user_permissions.all())}


def gained(user):
    return Grant.objects.filter(user=user).count() + Membership.objects.filter(user=user).count()


FORMS = {
    "account_change_password": {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW},
    "account_email": {"email": "new@example.com", "action_add": ""},
    "mail_preferences": {"language": "ru"},
    "sessions": {"others": ""},
    "account_reauthenticate": {"password": PASSWORD},
    "mfa_activate_totp": {"code": "000000"},
    "mfa_generate_recovery_codes": {},
    "account_data": {},
    "account_delete": {},
    "account_reset_password": {"email": "aram@example.com"},
}


@pytest.mark.parametrize("name", FORMS)
def test_a_signed_in_reader_gains_nothing_by_fields_that_were_not_asked_for(browser, reader, leyla, name):
    before, others = row(reader), row(leyla)
    browser.post(reverse(name), {**FORGED, **FORMS[name]})
    changed = {field for field, value in row(reader).items() if value != before[field]}
    assert changed <= MAY_CHANGE.get(name, set())
    assert row(leyla) == others
    assert gained(reader) == 0


def test_no_address_at_all_takes_them(as_, reader, leyla):
    """Also where nobody thought of a form."""
    as_(reader)
    before = row(reader), row(leyla), User.objects.count()
    for path in every_address().values():
        for user in (None, reader):
            as_(user).post(path, {**FORGED, "email": "", "username": "x"})
    assert (row(reader), row(leyla), User.objects.count()) == before


def test_a_sign_up_makes_a_reader_and_nothing_more(stranger, leyla):
    others = row(leyla)
    stranger.post(reverse("account_signup"), {**FORGED, "email": "tamar@example.com", "password1": PASSWORD})
    user = User.objects.get(email="tamar@example.com")
    stranger.post(reverse("account_email_verification_sent"), {**FORGED, "code": code_in(delivered()[0])})
    user = User.objects.get(pk=user.pk)
    assert (user.role, user.is_staff, user.is_superuser, user.display_name) == ("reader", False, False, "")
    assert (user.banned_at, user.erased_at, user.keeps_history) == (None, None, False)
    assert user.key != FORGED["key"]
    assert user.date_joined.year >= timezone.now().year
    assert not Group.objects.filter(user=user).exists()
    assert gained(user) == 0
    assert row(leyla) == others


def test_a_sign_up_proves_no_address_by_saying_so(stranger):
    stranger.post(reverse("account_signup"), {**FORGED, "email": "tamar@example.com", "password1": PASSWORD})
    assert not EmailAddress.objects.get(email="tamar@example.com").verified


# What belongs to somebody else


def test_nobody_reaches_the_second_factor_of_another(browser, leyla):
    give_app(leyla)
    theirs = Authenticator.objects.create(user=leyla, type="webauthn", data={"name": "hers", "credential": {}})
    for one in Authenticator.objects.all():
        for name in ("mfa_edit_webauthn", "mfa_remove_webauthn"):
            path = reverse(name, args=[one.pk])
            for answer in (browser.get(path), browser.post(path, {"name": "mine"})):
                assert answer.status_code == 404
    browser.post(reverse("mfa_deactivate_totp"), {"pk": theirs.pk, "user": leyla.pk})
    assert Authenticator.objects.filter(user=leyla).count() == 3
    theirs.refresh_from_db()
    assert theirs.data["name"] == "hers"


def test_the_code_of_one_account_opens_no_other(as_, reader, leyla):
    EmailAddress.objects.create(user=leyla, email=leyla.email, verified=True, primary=True)
    mine, theirs = as_(None), as_(None)
    mine.post(reverse("account_request_login_code"), {"email": reader.email})
    theirs.post(reverse("account_request_login_code"), {"email": leyla.email})
    sent = {message.to[0]: code_in(message) for message in delivered()}
    enter = reverse("account_confirm_login_code")
    theirs.post(enter, {"code": sent[reader.email], "email": reader.email, "user_id": reader.pk})
    mine.post(enter, {"code": sent[leyla.email], "email": leyla.email, "user_id": leyla.pk})
    assert "_auth_user_id" not in theirs.session
    assert "_auth_user_id" not in mine.session
    mine.post(enter, {"code": sent[reader.email]})
    assert mine.session["_auth_user_id"] == str(reader.pk)


def test_the_second_factor_of_one_account_does_not_do_for_another(as_, reader, leyla):
    EmailAddress.objects.create(user=leyla, email=leyla.email, verified=True, primary=True)
    TOTP.activate(leyla, "K" * 32)
    give_app(reader)
    browser = as_(None)
    browser.post(reverse("account_login"), {"login": leyla.email, "password": PASSWORD})
    browser.post(reverse("mfa_authenticate"), {"code": code(), "user": reader.pk, "user_id": reader.pk})
    assert "_auth_user_id" not in browser.session


def test_the_address_of_another_is_neither_sent_codes_for_nor_removed(browser, leyla):
    theirs = EmailAddress.objects.create(user=leyla, email=leyla.email, verified=False, primary=True)
    for action in ("action_send", "action_remove", "action_primary"):
        browser.post(reverse("account_email"), {"email": leyla.email, action: "", "user": leyla.pk})
    assert delivered() == []
    assert EmailAddress.objects.filter(pk=theirs.pk).exists()


def test_the_link_for_a_new_password_is_for_its_own_account(stranger, reader, leyla):
    EmailAddress.objects.create(user=leyla, email=leyla.email, verified=True, primary=True)
    stranger.post(reverse("account_reset_password"), {"email": reader.email})
    link = re.search(r"https?://[^/\s]+(/\S*key/)([0-9a-z]+)-(\S+)/", delivered()[0].body)
    other = f"{link[1]}{leyla.pk}-{link[3]}/"
    page = stranger.get(other, follow=True)
    assert "This link no longer works" in page.content.decode()
    stranger.post(other, {"password1": NEW, "password2": NEW})
    leyla.refresh_from_db()
    assert leyla.check_password(PASSWORD)


def test_a_key_of_a_session_or_an_invitation_names_nothing_in_forms(browser, as_, leyla, settings):
    theirs = as_(leyla)
    key = theirs.session.session_key
    browser.post(reverse("sessions"), {"end": key})
    browser.post(reverse("sessions"), {"end": signed_in.name(key)})
    assert Session.objects.filter(session_key=key).exists()
    settings.REGISTRATION = "invitation"
    invitation = Invitation(note="x")
    invitation.new_token()
    invitation.save()
    for guess in (invitation.digest, str(invitation.pk), invitation.note):
        assert (
            "This invitation no longer works"
            in as_(None).get(reverse("account_signup"), {"invitation": guess}).content.decode()
        )


def test_a_switch_for_mail_is_its_own_accounts(as_, leyla, aram):
    page = as_(aram).post(reverse("mail_off", args=[leyla.key]))
    assert page.status_code == 404
    leyla.refresh_from_db()
    assert leyla.told_of_browsers


def test_what_was_typed_stays_where_a_form_fails_and_secrets_do_not(browser, stranger):
    kept = [
        (browser, "account_email", {"email": "no address", "action_add": ""}, "no address"),
        (stranger, "account_login", {"login": "x@example.com", "password": NEW}, "x@example.com"),
        (stranger, "account_signup", {"email": "y@example.com", "password1": "short"}, "y@example.com"),
        (stranger, "account_reset_password", {"email": "no address"}, "no address"),
        (stranger, "account_request_login_code", {"email": "no address"}, "no address"),
        (browser, "account_change_password", {"oldpassword": "wrong one", "password1": NEW, "password2": NEW}, None),
        (browser, "mfa_activate_totp", {"code": "000000"}, "000000"),
    ]
    for one, name, form, typed in kept:
        page = one.post(reverse(name), form).content.decode()
        assert "errorlist" in page, name
        assert typed is None or f'value="{typed}"' in page, name
        for secret in (NEW, "wrong one", "short"):
            assert f'value="{secret}"' not in page, name


def test_a_plan_cannot_be_given_to_oneself(browser, reader):
    plan = Plan.objects.create(name="Friend", slug="friend")
    for path in every_address().values():
        browser.post(path, {"plan": plan.pk, "user": reader.pk, "status": "active", "reason": "x"})
    assert gained(reader) == 0
