"""Whatever takes access away acts at the next request, on the long way and on the short."""

from datetime import UTC, datetime

import pytest
from allauth.account.models import EmailAddress
from django.urls import reverse

from members.access import Audience
from members.accounts import personal_data, signed_in
from members.accounts.roles import appoint
from members.models import User
from tests.conftest import GATED_WORD, PASSWORD
from tests.members.factors import code, give_app

pytestmark = pytest.mark.django_db


@pytest.fixture(params=["long", "short"])
def way(request):
    """Both ways of answering; on the short one the process knows the page."""
    if request.param == "short":
        request.getfixturevalue("serving")()


def ban(user):
    User.objects.filter(pk=user.pk).update(banned_at=datetime.now(UTC))


def erase(user):
    personal_data.delete(user)


def sign_out_everywhere_else(user):
    signed_in.end_others(user, None)


def end_the_one_session(user):
    (session,) = signed_in.sessions_of(user, None)
    assert signed_in.end(user, session.name)


def choose_a_new_password(user):
    user.set_password("a mill stands by the water")
    user.save()


def delete(user):
    user.delete()


@pytest.mark.parametrize(
    "deed", [ban, erase, sign_out_everywhere_else, end_the_one_session, choose_a_new_password, delete]
)
def test_a_reader_reads_as_a_stranger_from_the_next_request_on(story, as_, aram, way, deed):
    path = story(audience=Audience.REGISTERED).get_absolute_url()
    browser = as_(aram)
    for _time in range(2):
        assert GATED_WORD in browser.get(path).content.decode()
    deed(User.objects.get(pk=aram.pk))
    for _time in range(2):
        assert GATED_WORD not in browser.get(path).content.decode()
    assert browser.get(reverse("account")).status_code == 302


def test_who_no_longer_works_here_reads_and_edits_no_more(story, as_, nino, way):
    path = story(audience=Audience.MEMBERS).get_absolute_url()
    browser = as_(nino)
    for _time in range(2):
        assert GATED_WORD in browser.get(path).content.decode()
    assert browser.get("/admin/").status_code == 200
    appoint(User.objects.get(pk=nino.pk), User.Role.READER)
    assert GATED_WORD not in browser.get(path).content.decode()
    assert browser.get("/admin/").status_code == 302


def test_a_session_signed_out_of_stays_out_even_if_its_cookie_comes_again(story, as_, aram):
    path = story(audience=Audience.REGISTERED).get_absolute_url()
    browser, thief = as_(aram), as_(None)
    thief.cookies["sessionid"] = browser.cookies["sessionid"].value
    assert GATED_WORD in thief.get(path).content.decode()
    browser.post(reverse("account_logout"))
    assert GATED_WORD not in thief.get(path).content.decode()


def test_signing_in_gives_a_key_that_nobody_knew_before(as_, aram):
    """By the password, and again by the second factor: a key that was planted in the browser opens nothing."""
    EmailAddress.objects.create(user=aram, email=aram.email, verified=True, primary=True)
    give_app(aram)
    browser = as_(None)
    browser.get(reverse("mfa_login_webauthn"))
    planted = browser.cookies["sessionid"].value
    browser.post(reverse("account_login"), {"login": aram.email, "password": PASSWORD})
    half_way = browser.cookies["sessionid"].value
    browser.post(reverse("mfa_authenticate"), {"code": code()})
    signed = browser.cookies["sessionid"].value
    assert signed not in {planted, half_way}
    for known in (planted, half_way):
        thief = as_(None)
        thief.cookies["sessionid"] = known
        assert thief.get(reverse("account")).status_code == 302
