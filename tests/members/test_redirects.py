"""`next` leads to our own hosts and nowhere else: at every address of accounts, on every way through it."""

from contextlib import suppress

import pytest
from allauth.account.models import EmailAddress
from django.urls import NoReverseMatch, reverse

from members.accounts import urls
from tests.conftest import PASSWORD
from tests.members.factors import code, give_app
from tests.members.mail import code_in, delivered

pytestmark = pytest.mark.django_db

HOME = "http://localhost:8000"
OURS = ["/join/", "/articles/x/?a=1#p4", "http://127.0.0.1:8000/join/", "http://localhost:8000/"]
ELSEWHERE = [
    "https://evil.example/",
    "//evil.example/",
    "///evil.example/",
    r"/\evil.example",
    r"\\evil.example",
    "https:evil.example",
    "https:/evil.example",
    "http:///evil.example",
    "http://localhost:8000@evil.example/",
    "http://localhost:8000.evil.example/",
    "http://evil.example:8000/",
    "http://localhost:9999/",
    "javascript:alert(1)",
    "data:text/html,evil",
    " //evil.example",
    "\t//evil.example",
    "/\t/evil.example",
    "//evil.example%2f@localhost:8000/",
    "ftp://localhost:8000/",
]


@pytest.fixture
def reader(aram):
    EmailAddress.objects.create(user=aram, email=aram.email, verified=True, primary=True)
    return aram


def stays(response):
    """Whether an answer that redirects does so within our hosts, as browsers read the address."""
    if response.status_code not in (301, 302, 303, 307):
        return True
    target = response.headers["Location"]
    return target.startswith(("/", f"{HOME}/", "http://127.0.0.1:8000/")) and not target.startswith(
        ("//", "/\\", "/\t")
    )


def signs_in(browser, going):
    return browser.post(reverse("account_login"), {"login": "aram@example.com", "password": PASSWORD, "next": going})


def signs_in_by_code(browser, going):
    asked = browser.post(reverse("account_request_login_code"), {"email": "aram@example.com", "next": going})
    assert stays(asked)
    form = {"code": code_in(delivered()[-1]), "next": going}
    return browser.post(reverse("account_confirm_login_code"), form)


def signs_up(browser, going):
    form = {"email": "tamar@example.com", "password1": PASSWORD, "next": going}
    assert stays(browser.post(reverse("account_signup"), form))
    form = {"code": code_in(delivered()[-1]), "next": going}
    return browser.post(reverse("account_email_verification_sent"), form)


def signs_in_with_a_second_factor(browser, going, user):
    give_app(user)
    signs_in(browser, going)
    return browser.post(reverse("mfa_authenticate"), {"code": code(), "next": going})


def signs_out(browser, going):
    return browser.post(reverse("account_logout"), {"next": going})


@pytest.mark.parametrize("way", [signs_in, signs_in_by_code, signs_up, signs_out])
@pytest.mark.parametrize("going", OURS)
def test_a_reader_goes_on_to_where_they_were_going(stranger, reader, way, going):
    assert way(stranger, going).url == going


@pytest.mark.parametrize("way", [signs_in, signs_in_by_code, signs_up, signs_out])
@pytest.mark.parametrize("going", ELSEWHERE)
def test_nobody_is_led_elsewhere(stranger, reader, way, going):
    response = way(stranger, going)
    assert stays(response)
    assert response.status_code == 302


@pytest.mark.parametrize("going", [*ELSEWHERE, "/join/"])
def test_nor_after_the_second_factor(stranger, reader, going):
    assert signs_in_with_a_second_factor(stranger, going, reader).url == ("/join/" if going == "/join/" else "/")


@pytest.mark.parametrize("going", [*ELSEWHERE, "/join/"])
def test_nor_by_giving_the_password_again(as_, reader, going):
    response = as_(reader).post(reverse("account_reauthenticate"), {"password": PASSWORD, "next": going})
    assert response.url == ("/join/" if going == "/join/" else "/")


def every_address():
    """The addresses of accounts that take no argument, by name."""
    found = {}
    for name in names(urls.urlpatterns):
        with suppress(NoReverseMatch):
            found[name] = reverse(name)
    return found


def names(patterns):
    for one in patterns:
        if hasattr(one, "url_patterns"):
            yield from names(one.url_patterns)
        else:
            yield one.name


def test_no_address_of_accounts_leads_elsewhere_whoever_asks(as_, reader):
    found = every_address()
    assert {"account_login", "mfa_login_webauthn", "account_delete", "mail_preferences", "sessions"} <= found.keys()
    for name, path in found.items():
        for user in (None, reader):
            for going in ("https://evil.example/", "//evil.example/", r"/\\evil.example"):
                for field in ("next", "redirect_to", "url", "continue"):
                    browser = as_(user)
                    assert stays(browser.get(path, {field: going})), (name, field)
                    assert stays(browser.post(path, {field: going})), (name, field)


def test_no_page_of_accounts_holds_a_link_elsewhere(as_, reader):
    for name, path in every_address().items():
        for user in (None, reader):
            page = as_(user).get(path, {"next": "https://evil.example/"})
            assert b'href="https://evil.example' not in page.content, name
            assert b'action="https://evil.example' not in page.content, name
