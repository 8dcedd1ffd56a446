"""Nobody learns from us who has an account: not from words, and not from work that takes time.

Every form that takes an address is sent one that has an account and one that has none, by two fresh browsers, and
compared: status, headers and bytes of every answer on the way, passwords hashed, mails queued and queries made.
"""

import re
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import MD5PasswordHasher
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django_tasks_db.models import DBTaskResult

from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db

KNOWN, UNKNOWN = "leyla@example.com", "lenka@example.com"
# What differs by chance alone.
CHANCE = re.compile(
    rb'(csrfmiddlewaretoken" value="|nonce="|nonce-|Message-ID|sessionid=|csrftoken=|browser=)[^";]*', re.IGNORECASE
)
# Headers that hold a moment, or the length of an address.
TIMES = {"Content-Length", "Expires"}
WRITE = re.compile(r'(INSERT INTO|UPDATE|DELETE FROM) "\w+"')
# Rows that one page more may look up by their key: an account, its addresses.
LOOKS_MORE = 4


@dataclass
class Work:
    """Passwords hashed, mails queued, rows written by table and kind, rows looked up."""

    hashed: int
    mails: int
    writes: Counter
    looks: int


@pytest.fixture
def hashings(monkeypatch):
    """Counts every time that a password is hashed or checked."""
    counted = []
    encode = MD5PasswordHasher.encode

    def count(self, password, salt):
        counted.append(password)
        return encode(self, password, salt)

    monkeypatch.setattr(MD5PasswordHasher, "encode", count)
    return counted


@pytest.fixture
def known(leyla):
    EmailAddress.objects.create(user=leyla, email=leyla.email, verified=True, primary=True)
    return leyla


def told(response, email):
    """All that an answer says."""
    headers = sorted((name, value) for name, value in response.headers.items() if name not in TIMES)
    cookies = sorted((name, {**cookie, "expires": ""}) for name, cookie in response.cookies.items())
    said = CHANCE.sub(rb"\1", response.content.replace(email.encode(), b"ADDRESS"))
    return response.status_code, CHANCE.sub(rb"\1", repr(headers).encode()), repr(cookies), said


def played(browser, steps, email, hashings):
    """The answers to some steps, (name of an address, form) each, and the work that they cost."""
    hashings.clear()
    before = DBTaskResult.objects.count()
    answers = []
    with CaptureQueriesContext(connection) as captured:
        for name, form in steps:
            sent = {key: value.replace("ADDRESS", email) for key, value in (form or {}).items()}
            address = reverse(name)
            answers.append(told(browser.post(address, sent) if form is not None else browser.get(address), email))
    queries = [query["sql"] for query in captured.captured_queries]
    writes = Counter(found[0] for query in queries if (found := WRITE.match(query)))
    looks = sum(query.startswith("SELECT") for query in queries)
    return answers, Work(len(hashings), DBTaskResult.objects.count() - before, writes, looks)


WRONG = {"code": "WRONG-CODE"}
RESEND = {"action": "resend"}
PATHS = {
    "sign-up": [
        ("account_signup", {"email": "ADDRESS", "password1": "a mill by the water"}),
        ("account_email_verification_sent", None),
        ("account_email_verification_sent", WRONG),
        ("account_email_verification_sent", RESEND),
        ("account_email_verification_sent", WRONG),
        ("account_email_verification_sent", WRONG),
        ("account_email_verification_sent", WRONG),
        ("account_login", None),
    ],
    "sign-in": [
        ("account_login", {"login": "ADDRESS", "password": "not the password"}),
        ("account_login", {"login": "ADDRESS", "password": "not that one either"}),
    ],
    "new password": [
        ("account_reset_password", {"email": "ADDRESS"}),
        ("account_reset_password_done", None),
        ("account_reset_password", None),
    ],
    "code by mail": [
        ("account_request_login_code", {"email": "ADDRESS"}),
        ("account_confirm_login_code", None),
        ("account_confirm_login_code", WRONG),
        ("account_confirm_login_code", RESEND),
        ("account_confirm_login_code", WRONG),
        ("account_confirm_login_code", WRONG),
        ("account_request_login_code", None),
    ],
}
# Passwords hashed and mails queued on each path.
WORK = {"sign-up": (1, 2), "sign-in": (2, 0), "new password": (0, 1), "code by mail": (0, 2)}
CHANGE = [
    ("account_email", {"email": "ADDRESS", "action_add": ""}),
    ("account_email_verification_sent", None),
    ("account_email_verification_sent", WRONG),
    ("account_email", None),
]


def compared(browser_for, steps, hashings):
    """Plays some steps with either address, each in a browser that `browser_for()` makes, and compares all."""
    played(browser_for(), steps, "warm-up@example.com", hashings)
    answers, work = zip(*(played(browser_for(), steps, email, hashings) for email in (KNOWN, UNKNOWN)), strict=True)
    for (name, _form), ours, theirs in zip(steps, *answers, strict=True):
        assert ours == theirs, name
    assert work[0].hashed == work[1].hashed
    assert work[0].mails == work[1].mails
    assert work[0].writes == work[1].writes
    # What is left are look-ups of one row by its key.
    assert abs(work[0].looks - work[1].looks) <= LOOKS_MORE * len(steps)
    return work[0]


@pytest.mark.parametrize("path", PATHS)
def test_a_stranger_gets_the_same_answers_for_the_same_work(as_, known, hashings, path):
    work = compared(lambda: as_(None), PATHS[path], hashings)
    assert (work.hashed, work.mails) == WORK[path], "the path was not walked to its end"


CAPPED = {
    "sign-up": ("account_signup", {"email": "ADDRESS", "password1": "a mill by the water"}),
    "new password": ("account_reset_password", {"email": "ADDRESS"}),
    "code by mail": ("account_request_login_code", {"email": "ADDRESS"}),
}


@pytest.mark.parametrize("path", CAPPED)
def test_an_address_that_had_enough_mail_is_answered_alike_too(as_, known, hashings, time_machine, path):
    for number in range(11):
        time_machine.move_to(datetime(2026, 11, 24, 12, 5 * number, tzinfo=UTC), tick=False)
        answers = [played(as_(None), [CAPPED[path]], email, hashings)[0] for email in (KNOWN, UNKNOWN)]
        assert answers[0] == answers[1]
    assert answers[0][0][0] == 429


def test_whether_an_address_can_be_taken_tells_nothing_either(as_, known, aram, hashings):
    EmailAddress.objects.create(user=aram, email=aram.email, verified=True, primary=True)

    def browser():
        signed_in = as_(aram)
        signed_in.post(reverse("account_reauthenticate"), {"password": PASSWORD})
        return signed_in

    work = compared(browser, CHANGE, hashings)
    assert work.mails == 1


def test_a_banned_account_is_told_from_none_by_its_password_alone(as_, known, hashings, now):
    known.banned_at = now
    known.save()
    compared(lambda: as_(None), PATHS["sign-in"], hashings)
    compared(lambda: as_(None), PATHS["new password"], hashings)
    compared(lambda: as_(None), PATHS["code by mail"], hashings)


def test_the_comparison_itself_would_notice(as_, known, hashings, monkeypatch):
    monkeypatch.setattr("members.accounts.forms.SignupForm._write_as_much", lambda form: None)
    with pytest.raises(AssertionError):
        compared(lambda: as_(None), PATHS["sign-up"], hashings)
