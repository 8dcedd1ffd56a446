"""Sessions: one query tells session, account and membership; Django decides wherever there is anything to decide."""

from datetime import UTC, datetime, timedelta

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth import get_user
from django.test import RequestFactory
from django.urls import reverse
from django.utils import timezone

from members import sessions
from members.models import Session
from members.sessions import SessionStore, forget_expired_sessions, signed_in
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db


def request_of(browser):
    request = RequestFactory().get("/")
    request.COOKIES["sessionid"] = browser.cookies["sessionid"].value
    request.session = SessionStore(request.COOKIES["sessionid"])
    return request


def test_one_query_tells_all(as_, leyla, aram, django_assert_num_queries):
    for user, member in ((leyla, True), (aram, False)):
        request = request_of(as_(user))
        with django_assert_num_queries(1):
            found = signed_in(request)
            held = sessions.standing_of(found, timezone.now())
            assert (found, held.member, found.get_short_name()) == (user, member, user.display_name)
            assert found.is_active
            assert not found.is_staff


def test_it_is_the_account_that_django_would_find(as_, leyla, aram, nino):
    for user in (leyla, aram, nino):
        request = request_of(as_(user))
        found = signed_in(request)
        assert found == get_user(request) == user
        for field in ("email", "display_name", "language", "role", "is_staff", "is_superuser", "last_login", "key"):
            assert getattr(found, field) == getattr(get_user(request), field), field


def test_a_row_knows_whose_session_it_is_as_long_as_somebody_is_signed_in(as_, aram):
    browser = as_(aram)
    assert Session.objects.get().user == aram
    browser.logout()
    assert not Session.objects.filter(user=aram).exists()


def test_an_account_that_goes_takes_its_sessions_along(as_, aram):
    as_(aram)
    aram.delete()
    assert not Session.objects.exists()


def test_data_that_were_found_good_once_are_not_good_with_another_row(as_, aram, leyla):
    """What is remembered is what signed words say, not whose they are."""
    request = request_of(as_(leyla))
    assert signed_in(request) == leyla
    as_(aram)
    told = Session.objects.get(user=aram).session_data
    Session.objects.filter(user=leyla).update(session_data=told)
    assert signed_in(request_of_key(request.COOKIES["sessionid"])) is None


def request_of_key(key):
    request = RequestFactory().get("/")
    request.COOKIES["sessionid"] = key
    return request


@pytest.mark.parametrize("key", ["", "short", "k" * 32, "k" * 5000, "a'b", "\x00" * 32, "ქ" * 32, "%s", "../../x"])
def test_odd_keys_are_nobodys(key):
    assert signed_in(request_of_key(key)) is None
    assert SessionStore(key).load() == {}


def test_what_the_session_holds_can_be_changed_and_kept(as_, aram):
    browser = as_(aram)
    session = browser.session
    session["seen"] = [1]
    session.save()
    again = SessionStore(session.session_key)
    assert again["seen"] == [1]
    again["seen"].append(2)
    assert SessionStore(session.session_key)["seen"] == [1], "what was not saved is nobody else's"


def test_a_strangers_session_lives_an_hour_and_one_that_is_signed_in_as_long_as_the_cookie(as_, aram, stranger):
    stranger.get(reverse("mfa_login_webauthn"))
    as_(aram)
    left = {session.user: session.expire_date - timezone.now() for session in Session.objects.all()}
    assert left[None] <= timedelta(hours=1)
    assert left[aram] > timedelta(days=13)


def test_a_session_that_somebody_signs_in_to_lives_on(stranger, aram):
    EmailAddress.objects.create(user=aram, email=aram.email, verified=True, primary=True)
    stranger.get(reverse("mfa_login_webauthn"))
    stranger.post(reverse("account_login"), {"login": aram.email, "password": PASSWORD})
    assert Session.objects.get(user=aram).expire_date - timezone.now() > timedelta(days=13)


def test_sessions_that_ended_are_forgotten(as_, aram, leyla):
    as_(aram)
    as_(leyla)
    now = timezone.now()
    Session.objects.filter(user=aram).update(expire_date=now - timedelta(seconds=1))
    forget_expired_sessions(now)
    assert [session.user for session in Session.objects.all()] == [leyla]
    assert datetime.now(UTC) < Session.objects.get().expire_date
    assert sessions.DECODED_MAX > 0
