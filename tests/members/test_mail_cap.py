"""An address is sent ten mails an hour of a kind and no more, and its owner is not locked out by who asked for them."""

from datetime import UTC, datetime, timedelta

import pytest
from allauth.account.models import EmailAddress
from django.urls import reverse

from members.models import User
from tests.conftest import PASSWORD
from tests.members.mail import delivered, link_in

pytestmark = pytest.mark.django_db

START = datetime(2026, 11, 24, 12, tzinfo=UTC)
EACH = timedelta(minutes=5)
ASK = {
    "account_reset_password": {"email": "aram@example.com"},
    "account_request_login_code": {"email": "aram@example.com"},
    "account_signup": {"email": "aram@example.com", "password1": PASSWORD},
}


@pytest.fixture
def verified(aram):
    EmailAddress.objects.create(user=aram, email=aram.email, verified=True, primary=True)
    return aram


@pytest.fixture
def used_up(as_, time_machine):
    """used_up(name): a stranger asks for mails to aram until none goes any more; the last answer. The clock stands."""

    def ask(name):
        for number in range(11):
            time_machine.move_to(START + number * EACH, tick=False)
            answer = as_(None).post(reverse(name), ASK[name])
        return answer

    return ask


@pytest.mark.parametrize("name", ASK)
@pytest.mark.parametrize("prefix", ["", "/ru"])
def test_the_answer_says_truly_when_the_next_mail_goes_and_what_is_open(
    as_, verified, used_up, time_machine, name, prefix
):
    assert used_up(name).status_code == 429
    assert len(delivered()) == 10
    answer = as_(None).post(prefix + reverse(name), ASK[name])
    assert answer.status_code == 429
    assert answer["Retry-After"] == "600"
    page = answer.content.decode()
    assert {"": "in 10 minutes", "/ru": "через 10 минут"}[prefix] in page
    for way in ("account_login", "account_reset_password", "account_request_login_code"):
        assert f'href="{prefix}{reverse(way)}"' in page
    time_machine.shift(timedelta(seconds=600))
    assert as_(None).post(reverse(name), ASK[name]).status_code == 302


def test_the_owner_signs_in_by_password_meanwhile(stranger, verified, used_up):
    used_up("account_reset_password")
    used_up("account_request_login_code")
    assert stranger.post(reverse("account_login"), {"login": verified.email, "password": PASSWORD}).status_code == 302


def test_every_link_of_the_last_hour_works_though_others_were_sent_after_it(as_, verified, used_up):
    used_up("account_reset_password")
    first, *_others, last = [link_in(message) for message in delivered()]
    for link in (first, last):
        assert "password1" in as_(None).get(link, follow=True).content.decode()
    browser = as_(None)
    form = {"password1": "a mill by the water", "password2": "a mill by the water"}
    assert browser.post(browser.get(link_in_form(browser, first)).context["action_url"], form).status_code == 302
    assert User.objects.get().check_password("a mill by the water")


def link_in_form(browser, link):
    return browser.get(link).url


def test_where_an_address_was_never_confirmed_signing_in_over_and_over_is_answered_so_too(as_, aram, time_machine):
    for number in range(11):
        time_machine.move_to(START + number * EACH, tick=False)
        answer = as_(None).post(reverse("account_login"), {"login": aram.email, "password": PASSWORD})
    assert (answer.status_code, answer["Retry-After"]) == (429, "600")
    assert len(delivered()) == 10


def test_who_signs_up_again_and_again_is_challenged_before_the_mail_ends(as_, db):
    answers = [as_(None).post(reverse("account_signup"), ASK["account_signup"]) for _number in range(6)]
    assert [answer.status_code for answer in answers] == [302] * 5 + [429]
    assert b"data-challenge" in answers[-1].content
