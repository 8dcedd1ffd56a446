"""Passkeys in a real browser, with an authenticator that Chromium plays: made, signed in with, and asked for."""

import re

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.urls import reverse

from members.models import User
from tests.conftest import PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}
FRONT = re.compile(r"^https?://[^/]+/$")


@pytest.fixture
def reader(transactional_db):
    user = User.objects.create_user("aram@example.com", PASSWORD, display_name="Aram")
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


@pytest.fixture
def page(browser, live_server):
    """A page of a browser with a device that makes passkeys. Whatever the browser complains of fails the test."""
    context = browser.new_context(base_url=live_server.url)
    page, complaints = context.new_page(), []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.device = context.new_cdp_session(page)
    page.device.send("WebAuthn.enable")
    page.device_id = page.device.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})["authenticatorId"]
    yield page
    context.close()
    assert complaints == []


def sign_in(page):
    page.goto(reverse("account_login"))
    page.get_by_label("E-mail address").fill("aram@example.com")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(lambda url: not url.endswith(reverse("account_login")))


def sign_out(page):
    page.goto(reverse("account"))
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url(FRONT)


def add_passkey(page, name="my phone"):
    page.goto(reverse("mfa_add_webauthn"))
    if page.get_by_role("heading", name="Your password, please").count():
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Go on").click()
    page.get_by_label("Name of the passkey").fill(name)
    page.get_by_role("button", name="Add a passkey").click()


def test_a_passkey_is_made_and_signs_in_by_itself_and_leads_on(page, reader):
    sign_in(page)
    add_passkey(page)
    page.get_by_role("heading", name="Recovery codes").wait_for()
    assert Authenticator.objects.get(type="webauthn").data["name"] == "my phone"
    sign_out(page)
    page.goto(reverse("account_login") + "?next=/join/")
    page.get_by_role("link", name="Sign in with a passkey").click()
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url("**/join/")
    page.goto(reverse("account"))
    assert page.get_by_text("aram@example.com").count()


def test_a_passkey_is_asked_for_after_the_password(page, reader):
    sign_in(page)
    add_passkey(page)
    page.get_by_role("heading", name="Recovery codes").wait_for()
    sign_out(page)
    sign_in(page)
    page.get_by_role("heading", name="One more step").wait_for()
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url(FRONT)
    page.goto(reverse("account"))
    assert page.get_by_text("aram@example.com").count()


def test_a_device_that_refuses_is_told_and_another_way_stays(page, reader):
    sign_in(page)
    add_passkey(page)
    page.get_by_role("heading", name="Recovery codes").wait_for()
    sign_out(page)
    verified = {"authenticatorId": page.device_id, "isUserVerified": False}
    page.device.send("WebAuthn.setUserVerified", verified)
    page.goto(reverse("mfa_login_webauthn"))
    page.get_by_role("button", name="Use a passkey").click()
    page.get_by_text("The browser gave no passkey").wait_for()
    assert page.get_by_role("link", name="Sign in with a password").is_visible()


def test_a_passkey_is_renamed_and_taken_away(page, reader):
    sign_in(page)
    add_passkey(page)
    page.get_by_role("heading", name="Recovery codes").wait_for()
    page.goto(reverse("mfa_list_webauthn"))
    page.get_by_role("link", name="Rename").click()
    page.get_by_label("Name of the passkey").fill("the old phone")
    page.get_by_role("button", name="Save the name").click()
    page.get_by_text("the old phone").wait_for()
    page.get_by_role("link", name="Remove").click()
    page.get_by_role("button", name="Remove the passkey").click()
    page.get_by_text("You have none yet").wait_for()
    assert not Authenticator.objects.exists(), "recovery codes go with the last second factor"


def test_without_javascript_the_page_says_what_passkeys_need(browser, live_server, reader):
    context = browser.new_context(base_url=live_server.url, java_script_enabled=False)
    page = context.new_page()
    page.goto(reverse("mfa_login_webauthn"))
    assert page.get_by_text("Passkeys need JavaScript").is_visible()
    assert page.get_by_role("button", name="Use a passkey").is_disabled()
    context.close()
