"""Signing in by a code by mail."""

import re

import pytest
from allauth.account.models import EmailAddress
from django.urls import reverse

from tests.members.factors import code as app_code
from tests.members.factors import give_app
from tests.members.mail import code_in, delivered
from tests.members.test_account_pages import check

pytestmark = pytest.mark.django_db

STORY = "/articles/the-mill-road-reopens/"


@pytest.fixture
def verified(aram):
    EmailAddress.objects.create(user=aram, email=aram.email, verified=True, primary=True)
    return aram


def ask(browser, email="aram@example.com", **more):
    return browser.post(reverse("account_request_login_code"), {"email": email, **more})


def enter(browser, code, **more):
    return browser.post(reverse("account_confirm_login_code"), {"code": code, **more})


def is_known(browser):
    return browser.get(reverse("account")).status_code == 200


def test_a_code_signs_in_and_leads_back_to_the_story(stranger, verified):
    asked = ask(stranger, next=STORY)
    page = check(stranger.get(asked.url))
    assert f'name="next" value="{STORY}"' in page
    (message,) = delivered()
    assert enter(stranger, code_in(message), next=STORY).url == STORY
    assert is_known(stranger)


def test_the_form_is_a_whole_page_and_keeps_what_was_typed(stranger):
    check(stranger.get(reverse("account_request_login_code")))
    assert 'value="no address"' in check(ask(stranger, "no address"))


def test_a_code_is_good_once_and_in_its_own_browser_only(as_, verified):
    first, second = as_(None), as_(None)
    ask(first)
    code = code_in(delivered()[0])
    assert enter(second, code).status_code == 302
    assert not is_known(second)
    enter(first, code)
    assert is_known(first)
    first.post(reverse("account_logout"))
    enter(first, code)
    assert not is_known(first)


def test_three_wrong_codes_end_it(stranger, verified):
    ask(stranger)
    code = code_in(delivered()[0])
    for _guess in range(3):
        enter(stranger, "WRONG-CODE")
    enter(stranger, code)
    assert not is_known(stranger)


def test_a_code_does_not_replace_the_second_factor(stranger, verified):
    give_app(verified)
    ask(stranger)
    assert enter(stranger, code_in(delivered()[0])).url.startswith(reverse("mfa_authenticate"))
    assert not is_known(stranger)
    stranger.post(reverse("mfa_authenticate"), {"code": app_code()})
    assert is_known(stranger)


def test_an_address_without_an_account_is_answered_alike_and_told_by_mail(as_, verified):
    browsers = {"aram@example.com": as_(None), "nobody@example.com": as_(None)}
    answers = {email: ask(browser, email) for email, browser in browsers.items()}
    assert len({(answer.status_code, answer.url) for answer in answers.values()}) == 1
    pages = [
        re.sub(r'csrfmiddlewaretoken" value="[^"]*|nonce="[^"]*', "", browser.get(answers[email].url).content.decode())
        .replace(email, "ADDRESS")
        for email, browser in browsers.items()
    ]  # fmt: skip
    assert pages[0] == pages[1]
    sent = {message.to[0]: message.body for message in delivered()}
    assert "wanted to get into an account" in sent["nobody@example.com"]
    wrong = [enter(browser, "WRONG-CODE").content.decode() for browser in browsers.values()]
    assert len({"not the code" in page for page in wrong}) == 1


def test_a_closed_account_gets_no_code(stranger, verified, now):
    verified.banned_at = now
    verified.save()
    ask(stranger)
    (message,) = delivered()
    assert "No account can be used" in message.body
