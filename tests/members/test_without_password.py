"""Who has neither password nor second factor proves by a code by mail that the account is theirs."""

import html
import re

import pytest
from allauth.account.models import EmailAddress
from django.urls import reverse

from members.models import User
from tests.members.factors import give_app
from tests.members.mail import code_in, delivered
from tests.members.test_account_pages import check

pytestmark = pytest.mark.django_db

ANEW = "/account/anew/"
# Whatever takes an account along, over or away.
GUARDED = {"account_data", "account_delete", "account_set_password", "mfa_activate_totp", "mfa_add_webauthn"}
NEW = "a mill stands by the water"


@pytest.fixture
def reader(aram):
    EmailAddress.objects.create(user=aram, email=aram.email, verified=True, primary=True)
    aram.set_unusable_password()
    aram.save()
    return aram


@pytest.mark.parametrize("name", sorted(GUARDED))
def test_an_open_browser_that_somebody_found_takes_nothing(as_, reader, name):
    browser, path = as_(reader), reverse(name)
    told = {"sure": "on", "password1": NEW, "password2": NEW}
    for answer in (browser.get(path), browser.post(path, told)):
        assert answer.status_code == 302
        assert answer.url == f"{ANEW}?next={path.replace('/', '%2F')}"
    kept = User.objects.get(pk=reader.pk)
    assert kept.is_active
    assert not kept.has_usable_password()


def test_nor_is_its_address_changed(as_, reader):
    answer = as_(reader).post(reverse("account_email"), {"email": "new@example.com", "action_add": ""})
    assert answer.url.startswith(ANEW)
    assert delivered() == []


def test_its_owner_is_told_why_signs_in_by_a_code_and_goes_on(as_, reader):
    browser = as_(reader)
    page = check(browser.get(browser.get(reverse("account_data")).url))
    assert "Your account has no password" in page
    code_page = html.unescape(re.search(r'name="next" value="([^"]*)"', page)[1])
    assert browser.post(reverse("account_logout"), {"next": code_page}).url == code_page
    asked = browser.get(code_page).content.decode()
    going = html.unescape(re.search(r'name="next" value="([^"]*)"', asked)[1])
    browser.post(reverse("account_request_login_code"), {"email": reader.email, "next": going})
    entered = {"code": code_in(delivered()[-1]), "next": going}
    assert browser.post(reverse("account_confirm_login_code"), entered).url == reverse("account_data")
    assert browser.post(reverse("account_data"))["Content-Type"] == "application/zip"
    assert browser.post(reverse("account_set_password"), {"password1": NEW, "password2": NEW}).status_code == 302
    assert User.objects.get(pk=reader.pk).check_password(NEW)


def test_who_has_a_second_factor_shows_that(as_, reader):
    give_app(reader)
    assert as_(reader).get(reverse("account_data")).url.startswith(reverse("mfa_reauthenticate"))
