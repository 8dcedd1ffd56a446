"""Who tries too often at an account's pages is slowed; nobody is locked out."""

import hashlib
import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal import auth as totp
from django.core.cache import cache
from django.urls import reverse

from members.accounts import guards
from members.models import User
from newsroom.ground import challenge
from tests.conftest import PASSWORD
from tests.members.mail import code_in, delivered
from tests.test_canary import patterns

pytestmark = pytest.mark.django_db

LOGIN = "/accounts/login/"


@pytest.fixture(autouse=True)
def _easy(monkeypatch):
    monkeypatch.setattr(challenge, "BITS", 4)
    monkeypatch.setattr(challenge, "BITS_MAX", 4)


@pytest.fixture
def verified(aram):
    EmailAddress.objects.create(user=aram, email=aram.email, verified=True, primary=True)
    return aram


def sign_in(browser, email="aram@example.com", password=PASSWORD, address="203.0.113.7", **more):
    return browser.post(LOGIN, {"login": email, "password": password, **more}, REMOTE_ADDR=address)


def solved(page):
    html = page.content.decode()
    puzzle, bits = re.search(r'data-challenge="(\w+)" data-bits="(\d+)"', html).groups()
    ticket = re.search(r'name="challenge" value="([^"]+)"', html)[1]
    number = next(n for n in range(10**6) if challenge.is_solution(puzzle, str(n), int(bits)))
    assert hashlib.sha256(f"{puzzle}:{number}".encode()).hexdigest()[0] == "0"
    return {"challenge": ticket, "challenge_answer": number}


def is_known(browser):
    return browser.get(reverse("account")).status_code == 200


def test_every_guarded_address_exists():
    assert set(guards.RULES) <= {name for name, _pattern in patterns()}


def test_guessing_from_one_network_is_slowed_and_a_flushed_cache_does_not_help(as_, verified):
    answers = []
    for guess in range(12):
        answers.append(sign_in(as_(None), password=f"guess {guess}").status_code)
        cache.clear()
    assert answers == [200] * 10 + [429] * 2


def test_who_guesses_from_everywhere_slows_the_owner_and_does_not_lock_him_out(as_, verified, stranger):
    for guess in range(40):
        sign_in(as_(None), password=f"guess {guess}", address=f"198.51.{guess}.1")
    page = sign_in(stranger, next="/join/")
    assert page.status_code == 429
    assert PASSWORD not in page.content.decode()
    done = sign_in(stranger, next="/join/", **solved(page))
    assert done.url == "/join/"
    assert is_known(stranger)


def test_the_owner_gets_a_new_password_by_mail_however_much_others_guess(as_, verified, stranger):
    for guess in range(40):
        sign_in(as_(None), password=f"guess {guess}")
    asked = stranger.post(reverse("account_reset_password"), {"email": verified.email}, REMOTE_ADDR="192.0.2.1")
    assert asked.status_code == 302
    assert delivered()


def test_a_school_signs_in_three_hundred_times_in_an_hour_from_one_address(as_, db):
    people = [User(email=f"pupil-{n}@example.com", key=f"pupil-{n}") for n in range(300)]
    for one in people:
        one.set_password(PASSWORD)
    people = User.objects.bulk_create(people)
    EmailAddress.objects.bulk_create(
        EmailAddress(user=one, email=one.email, verified=True, primary=True) for one in people
    )
    began, challenged = datetime.now(UTC), 0
    for number, one in enumerate(people):
        with time_machine.travel(began + number * timedelta(seconds=12), tick=False):
            browser = as_(None)
            page = sign_in(browser, one.email)
            if page.status_code == 429:
                challenged += 1
                page = sign_in(browser, one.email, **solved(page))
            assert page.status_code == 302, number
            assert is_known(browser), number
    assert 0 < challenged < 200


def test_without_a_script_a_school_gets_in_by_waiting(as_, verified):
    began = datetime.now(UTC)
    with time_machine.travel(began, tick=False) as clock:
        for number in range(30):
            sign_in(as_(None), f"pupil-{number}@example.com")
        browser = as_(None)
        page = sign_in(browser)
        assert page.status_code == 429
        ticket = re.search(r'name="challenge" value="([^"]+)"', page.content.decode())[1]
        clock.shift(int(page.headers["Retry-After"]))
        assert sign_in(browser, challenge=ticket).status_code == 302
        assert is_known(browser)


def test_other_forms_that_can_be_flooded_are_slowed_too(stranger):
    for name, form, free in (
        ("account_signup", {"email": "{}@example.com", "password1": PASSWORD}, 20),
        ("account_reset_password", {"email": "{}@example.com"}, 20),
    ):
        for number in range(free + 1):
            typed = {field: value.format(number) for field, value in form.items()}
            page = stranger.post(reverse(name), typed, REMOTE_ADDR="203.0.113.7")
            assert (page.status_code == 429) == (number == free), name


def test_one_address_is_not_flooded_with_mail(as_, verified, monkeypatch):
    monkeypatch.setattr(challenge.Ticket, "is_met", lambda *said: True)
    page = None
    for number in range(40):
        typed = {
            "email": verified.email,
            **(
                solved(page)
                if page is not None and page.status_code == 429 and b"data-challenge" in page.content
                else {}
            ),
        }
        page = as_(None).post(reverse("account_reset_password"), typed, REMOTE_ADDR=f"198.51.{number}.1")
    assert len(delivered()) <= 10


def test_an_account_that_is_signed_in_is_not_guessed_further(as_, verified):
    browser, statuses = as_(verified), []
    for guess in range(17):
        form = {"oldpassword": f"guess {guess}", "password1": "a mill by the water", "password2": "a mill by the water"}
        statuses.append(browser.post(reverse("account_change_password"), form).status_code)
    assert statuses == [200] * 15 + [429] * 2


def test_a_code_by_mail_dies_after_three_wrong_tries(as_, aram):
    browser = as_(None)
    sign_in(browser)
    (message,) = delivered()
    page = reverse("account_email_verification_sent")
    for _guess in range(3):
        browser.post(page, {"code": "XXXXXX"})
    browser.post(page, {"code": code_in(message)})
    assert not is_known(browser)


def test_guesses_at_a_second_factor_end_after_five(as_, verified):
    secret = totp.generate_totp_secret()
    totp.TOTP.activate(verified, secret)
    browser = as_(None)
    assert sign_in(browser).url.startswith(reverse("mfa_authenticate"))
    for _guess in range(5):
        browser.post(reverse("mfa_authenticate"), {"code": "000000"})
    right = totp.hotp_value(secret, int(datetime.now(UTC).timestamp()) // 30)
    browser.post(reverse("mfa_authenticate"), {"code": f"{right:06}"})
    assert not is_known(browser)
