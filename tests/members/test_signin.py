"""Signing in and out, and who cannot."""

from datetime import UTC, datetime

import pytest
from allauth.account.models import EmailAddress
from django.urls import reverse

from tests.conftest import PASSWORD
from tests.members.mail import code_in, delivered

pytestmark = pytest.mark.django_db

STORY = "/articles/the-mill-road-reopens/"


@pytest.fixture
def verified(aram):
    EmailAddress.objects.create(user=aram, email=aram.email, verified=True, primary=True)
    return aram


def sign_in(browser, email="aram@example.com", password=PASSWORD, **more):
    return browser.post(reverse("account_login"), {"login": email, "password": password, **more})


def is_known(browser):
    return browser.get(reverse("account")).status_code == 200


def test_a_reader_signs_in_and_goes_on_with_the_story(stranger, verified):
    assert sign_in(stranger, "Aram@Example.com", next=STORY).url == STORY
    assert is_known(stranger)


def test_a_session_gets_a_new_key_at_sign_in(stranger, verified):
    stranger.get(reverse("account_login"))
    stranger.session["before"] = True
    before = stranger.session.session_key
    sign_in(stranger)
    assert stranger.session.session_key != before


def test_an_address_that_was_never_confirmed_is_confirmed_first(stranger, aram):
    response = sign_in(stranger, next=STORY)
    assert response.url.startswith(reverse("account_email_verification_sent"))
    assert not is_known(stranger)
    (message,) = delivered()
    done = stranger.post(reverse("account_email_verification_sent"), {"code": code_in(message)})
    assert done.url == STORY


def test_a_wrong_password_and_an_unknown_address_are_answered_alike(as_, verified):
    wrong = sign_in(as_(None), password="not the password").context["form"].errors
    unknown = sign_in(as_(None), "nobody@example.com").context["form"].errors
    assert wrong == unknown


def test_what_was_typed_is_kept_but_for_the_password(stranger, verified):
    page = sign_in(stranger, password="not the password", next=STORY).content.decode()
    assert 'value="aram@example.com"' in page
    assert "not the password" not in page
    assert f'name="next" value="{STORY}"' in page


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example/",
        "//evil.example/",
        r"/\evil.example",
        r"\\evil.example",
        "https:evil.example",
        "http://localhost:8000@evil.example/",
        "http://localhost:8000.evil.example/",
        "javascript:alert(1)",
        " //evil.example",
        "http://localhost:9999/",
    ],
)
def test_nobody_is_sent_elsewhere_after_signing_in(stranger, verified, elsewhere):
    assert sign_in(stranger, next=elsewhere).url == "/"


def test_the_sites_own_hosts_are_not_elsewhere(stranger, verified):
    assert sign_in(stranger, next="http://127.0.0.1:8000/join/").url == "http://127.0.0.1:8000/join/"


def test_signing_out_takes_a_press_of_the_button(as_, aram):
    browser = as_(aram)
    browser.get(reverse("account_logout"))
    assert is_known(browser)
    assert browser.post(reverse("account_logout")).url == "/"
    assert not is_known(browser)


def test_a_banned_account_cannot_sign_in(stranger, verified):
    verified.banned_at = datetime.now(UTC)
    verified.save()
    assert sign_in(stranger).url == reverse("account_inactive")
    assert stranger.get(reverse("account_inactive")).status_code == 200
    assert not is_known(stranger)


def test_a_ban_ends_open_sessions_at_the_next_request(as_, aram):
    browser = as_(aram)
    assert is_known(browser)
    aram.banned_at = datetime.now(UTC)
    aram.save()
    assert not is_known(browser)


def test_a_new_password_signs_out_everywhere_else(as_, aram):
    here, elsewhere = as_(aram), as_(aram)
    new = "a mill stands by the water"
    form = {"oldpassword": PASSWORD, "password1": new, "password2": new}
    done = here.post(reverse("account_change_password"), form)
    assert done.url == reverse("account")
    assert "success" in here.get(done.url).content.decode()
    assert is_known(here)
    assert not is_known(elsewhere)


def test_a_new_address_asks_for_the_password_and_then_takes_the_place_of_the_old(as_, verified):
    browser = as_(verified)
    asked = browser.post(reverse("account_email"), {"email": "Aram@New.example", "action_add": ""})
    assert asked.url.startswith(reverse("account_reauthenticate"))
    assert not delivered()
    code_page = browser.post(asked.url, {"password": PASSWORD}).url
    assert code_page == reverse("account_email_verification_sent")
    (message,) = delivered()
    assert message.to == ["aram@new.example"]
    verified.refresh_from_db()
    assert verified.email == "aram@example.com", "nothing is proven yet"
    done = browser.post(code_page, {"code": code_in(message)})
    assert done.url == reverse("account")
    verified.refresh_from_db()
    assert verified.email == "aram@new.example"
    assert EmailAddress.objects.get(user=verified).email == "aram@new.example"


def test_an_address_that_somebody_else_has_is_not_taken_over(as_, verified, leyla):
    browser = as_(verified)
    asked = browser.post(reverse("account_email"), {"email": leyla.email, "action_add": ""})
    code_page = browser.post(asked.url, {"password": PASSWORD}).url
    (message,) = delivered()
    browser.post(code_page, {"code": code_in(message)})
    verified.refresh_from_db()
    assert verified.email == "aram@example.com"


def test_the_desks_own_sign_in_is_the_sites(stranger, verified, as_):
    assert stranger.get("/admin/login/?next=/admin/").url == f"{reverse('account_login')}?next=%2Fadmin%2F"
    assert as_(verified).get("/admin/login/").status_code == 403
