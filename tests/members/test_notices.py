"""What was changed about an account is told by mail, where its owner reads it even if somebody else made the change."""

import pytest
from allauth.account.models import EmailAddress
from django.test import Client
from django.urls import reverse

from members.models import User
from tests.conftest import PASSWORD
from tests.members.factors import just_signed_in
from tests.members.mail import code_in, delivered, link_in

pytestmark = pytest.mark.django_db

NEW = "a mill stands by the water"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


@pytest.fixture
def reader(aram):
    EmailAddress.objects.create(user=aram, email=aram.email, verified=True, primary=True)
    return aram


@pytest.fixture
def browser(reader):
    """Signed in, and the password just given."""
    browser = Client(headers={"host": "localhost:8000", "user-agent": FIREFOX})
    browser.force_login(reader)
    browser.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    return browser


def move(browser, to="new@example.com"):
    """Change the address of the account, with proof. Returns the mails on the way."""
    code_page = browser.post(reverse("account_email"), {"email": to, "action_add": ""}).url
    (asked,) = delivered()
    browser.post(code_page, {"code": code_in(asked)})
    return asked, delivered()


def test_a_new_password_is_told(browser, reader):
    form = {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW}
    browser.post(reverse("account_change_password"), form)
    (message,) = delivered()
    assert message.to == [reader.email]
    assert "was changed" in message.subject
    assert "Browser: Firefox, Linux" in message.body
    assert link_in(message) == reverse("account_reset_password")


def test_a_password_chosen_by_the_link_is_told(stranger, reader):
    stranger.post(reverse("account_reset_password"), {"email": reader.email})
    page = stranger.get(link_in(delivered()[0]), follow=True)
    stranger.post(page.context["action_url"], {"password1": NEW, "password2": NEW})
    assert any("by the link that we sent" in message.body for message in delivered())


def test_a_first_password_is_told(browser, reader):
    reader.set_unusable_password()
    reader.save()
    browser.force_login(reader)
    just_signed_in(browser).post(reverse("account_set_password"), {"password1": NEW, "password2": NEW})
    (message,) = delivered()
    assert "has a password now" in message.subject


def test_a_new_address_is_proven_at_the_new_one_and_told_at_the_old(browser, reader):
    asked, told = move(browser)
    assert asked.to == ["new@example.com"]
    (notice,) = told
    assert notice.to == ["aram@example.com"]
    assert "now used with new@example.com" in notice.body
    assert User.objects.get(pk=reader.pk).email == "new@example.com"


def test_the_old_address_no_longer_signs_in_and_the_new_one_does(browser, reader, as_):
    move(browser)
    for email, known in (("aram@example.com", False), ("new@example.com", True)):
        other = as_(None)
        other.post(reverse("account_login"), {"login": email, "password": PASSWORD})
        assert ("_auth_user_id" in other.session) == known


def test_an_address_that_is_not_proven_changes_nothing_and_tells_nobody(browser, reader):
    code_page = browser.post(reverse("account_email"), {"email": "new@example.com", "action_add": ""}).url
    delivered()
    browser.post(code_page, {"code": "WRONG-CODE"})
    assert User.objects.get(pk=reader.pk).email == "aram@example.com"
    assert delivered() == []


def test_no_notice_holds_an_address_of_the_network(browser, reader):
    _asked, told = move(browser)
    browser.post(reverse("account_change_password"), {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW})
    for message in [*told, *delivered()]:
        assert "127.0.0.1" not in message.body
        assert "Mozilla" not in message.body


def test_a_notice_speaks_the_language_of_its_account(browser, reader):
    User.objects.update(language="ru")
    browser.post(reverse("account_change_password"), {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW})
    (message,) = delivered()
    assert "изменён" in message.subject
    assert link_in(message) == "/ru/accounts/password/reset/"
