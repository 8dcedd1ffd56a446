"""Who may open an account: everybody, the invited, nobody; and the desk's invitations."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from members.models import Invitation, User
from members.models.invitation import forget_old_invitations
from tests.conftest import PASSWORD
from tests.members.mail import delivered
from tests.members.test_account_pages import check

pytestmark = pytest.mark.django_db

SIGN_UP = "/accounts/signup/"
DESK = "/admin/members/invitation/"


def invite(**fields):
    invitation = Invitation(note="for a friend", **fields)
    token = invitation.new_token()
    invitation.save()
    return invitation, token


def sign_up(browser, token="", email="tamar@example.com", **more):
    return browser.post(SIGN_UP, {"email": email, "password1": PASSWORD, "invitation": token, **more})


@pytest.fixture
def by_invitation(settings):
    settings.REGISTRATION = "invitation"


# The page


@pytest.mark.parametrize(
    ("mode", "words"), [("closed", "No new accounts for now"), ("invitation", "New accounts by invitation")]
)
def test_the_page_says_honestly_that_no_account_is_opened(stranger, settings, mode, words):
    settings.REGISTRATION = mode
    for page in (check(stranger.get(SIGN_UP)), check(sign_up(stranger))):
        assert words in page
        assert 'name="password1"' not in page
    assert not User.objects.exists()


def test_when_closed_an_invitation_opens_nothing_either(stranger, settings):
    settings.REGISTRATION = "closed"
    _invitation, token = invite()
    assert "No new accounts" in check(sign_up(stranger, token))
    assert not User.objects.exists()


def test_signing_in_goes_on_as_ever(stranger, settings, aram):
    settings.REGISTRATION = "closed"
    assert stranger.post(reverse("account_login"), {"login": aram.email, "password": PASSWORD}).status_code == 302


@pytest.mark.parametrize(
    ("mode", "words"),
    [("open", "Create a free account"), ("invitation", "by a link that the newsroom sends"), ("closed", "cannot be")],
)
def test_the_page_and_the_mail_of_a_sign_in_offer_an_account_only_where_one_can_be_had(stranger, settings, mode, words):
    settings.REGISTRATION = mode
    page = check(stranger.get(reverse("account_login")))
    assert words in page
    assert (f'href="{SIGN_UP}"' in page) == (mode == "open")
    stranger.post(reverse("account_request_login_code"), {"email": "nobody@example.com"})
    (message,) = delivered()
    assert (SIGN_UP in message.body) == (mode == "open")
    assert "\n\n\n" not in message.body


def test_an_invitation_opens_one_account_and_keeps_the_story(stranger, as_, by_invitation):
    invitation, token = invite()
    page = check(stranger.get(SIGN_UP, {"invitation": token, "next": "/join/"}))
    assert "You are invited" in page
    assert f'name="invitation" value="{token}"' in page
    assert 'name="next" value="/join/"' in page
    assert sign_up(stranger, token).status_code == 302
    assert User.objects.count() == 1
    assert "This invitation no longer works" in check(sign_up(as_(None), token, "second@example.com"))
    assert User.objects.count() == 1
    invitation.refresh_from_db()
    assert invitation.uses == 1


def test_an_invitation_survives_a_form_that_fails(stranger, by_invitation):
    invitation, token = invite()
    page = check(sign_up(stranger, token, "no address"))
    assert f'name="invitation" value="{token}"' in page
    invitation.refresh_from_db()
    assert invitation.uses == 0


def test_an_invitation_tells_of_no_account(as_, aram, by_invitation):
    """It is used up by an address that has an account as by any other."""
    invitation, token = invite()
    assert sign_up(as_(None), token, aram.email).status_code == 302
    invitation.refresh_from_db()
    assert invitation.uses == 1


@pytest.mark.parametrize(
    "fields", [{"expires_at": timezone.now() - timedelta(hours=1)}, {"revoked_at": timezone.now()}]
)
def test_an_invitation_that_is_over_opens_nothing(stranger, by_invitation, fields):
    _invitation, token = invite(**fields)
    assert "no longer works" in check(stranger.get(SIGN_UP, {"invitation": token}))
    sign_up(stranger, token)
    assert not User.objects.exists()


@pytest.mark.parametrize("token", ["", "x", "x" * 5000, "é" * 30, "' or 1=1", "\x00"])
def test_odd_tokens_open_nothing(stranger, by_invitation, token):
    invite()
    assert sign_up(stranger, token).status_code == 200
    assert not User.objects.exists()


def test_what_the_table_holds_opens_nothing(stranger, by_invitation):
    invitation, _token = invite()
    sign_up(stranger, invitation.digest)
    assert not User.objects.exists()


def test_two_at_once_use_an_invitation_once():
    _invitation, token = invite()
    assert Invitation.objects.take(token, timezone.now())
    assert not Invitation.objects.take(token, timezone.now())


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_of_many_at_the_same_moment_one_uses_it():
    _invitation, token = invite()

    def take(_number):
        try:
            return Invitation.objects.take(token, timezone.now())
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(take, range(16))) == 1


def test_where_everybody_may_an_old_link_still_leads_to_the_form(stranger):
    page = check(stranger.get(SIGN_UP, {"invitation": "whatever"}))
    assert "You are invited" not in page
    assert 'name="password1"' in page


# The desk


def make(browser, **more):
    form = {"note": "A friend", "email": "", "uses_max": "2", "expires_at_0": "2099-01-01", "expires_at_1": "00:00"}
    return browser.post(DESK + "add/", {**form, **more}, follow=True)


def link_in(text):
    return re.search(r"http://localhost:8000(/accounts/signup/\?invitation=[\w-]+)", text)[1]


def test_an_editor_makes_an_invitation_whose_link_is_shown_once(as_, nino, stranger, by_invitation):
    browser = as_(nino)
    link = link_in(make(browser).content.decode())
    invitation = Invitation.objects.get()
    assert (invitation.made_by, invitation.uses_max) == (nino, 2)
    token = link.partition("=")[2]
    for path in ("", f"{invitation.pk}/change/"):
        page = browser.get(DESK + path).content.decode()
        assert token not in page
        assert invitation.digest not in page
    assert "You are invited" in stranger.get(link).content.decode()
    assert delivered() == []


def test_an_invitation_with_an_address_is_sent_there(as_, nino, stranger, by_invitation):
    make(as_(nino), email="tamar@example.com")
    (message,) = delivered()
    assert message.to == ["tamar@example.com"]
    assert "You are invited" in stranger.get(link_in(message.body)).content.decode()


def test_an_editor_revokes_and_forges_nothing(as_, nino, davit):
    invitation, token = invite(made_by=davit)
    browser, form = as_(nino), {"note": "other", "uses_max": "5", "expires_at_0": "2099-01-01", "expires_at_1": "00:00"}
    forged = {"digest": "0" * 64, "uses": "0", "made_by": nino.pk, "email": "x@example.com"}
    browser.post(f"{DESK}{invitation.pk}/change/", {**form, **forged})
    changed = Invitation.objects.get()
    assert (changed.digest, changed.made_by, changed.email, changed.uses_max) == (invitation.digest, davit, "", 5)
    browser.post(DESK, {"action": "revoke", "_selected_action": invitation.pk})
    assert not Invitation.objects.take(token, timezone.now())
    assert browser.post(f"{DESK}{invitation.pk}/delete/", {"post": "yes"}).status_code == 403


def test_old_invitations_are_forgotten(now):
    invite(expires_at=now - timedelta(days=91))
    kept, _token = invite(expires_at=now - timedelta(days=89))
    forget_old_invitations(now)
    assert list(Invitation.objects.all()) == [kept]
