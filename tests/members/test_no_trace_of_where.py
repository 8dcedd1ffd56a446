"""Whoever reads the database alone does not learn for which story somebody signed up, signed in or lost a password."""

import base64
import re
import smtplib
import zlib
from contextlib import suppress

import pytest
from allauth.account.models import EmailAddress
from django.db import connection
from django.urls import reverse
from django_tasks_db.models import DBTaskResult

from newsroom.ground import tasks
from tests.conftest import PASSWORD
from tests.members.mail import code_in, delivered, link_in, work
from tests.members.test_account_pages import check

pytestmark = pytest.mark.django_db

SLUG = "the-informer-speaks"
STORY = f"/articles/{SLUG}/?from=front#p4"
NEW = "a mill stands by the water"


def told():
    """All that the tables hold, but those of the stories themselves."""
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names():
            cursor.execute(f'SELECT * FROM "{table}"')  # noqa: S608 (names of our own)
            yield from ((table, readable(str(row))) for row in cursor.fetchall())


def readable(text):
    """A text, and what its words hold that are written in base64, squeezed or not: no key is needed to read those."""
    for word in re.findall(r"[\w-]{16,}", text):
        with suppress(ValueError):
            held = base64.urlsafe_b64decode(word + "=" * (-len(word) % 4))
            text += repr(held)
            with suppress(zlib.error):
                text += repr(zlib.decompress(held))
    return text


def nowhere(*words):
    found = [(table, word, row) for table, row in told() for word in (SLUG, *words) if word in row]
    assert not found


def test_not_while_somebody_signs_up_and_goes_on_to_the_story(stranger):
    form = {"email": "tamar@example.com", "password1": PASSWORD, "next": STORY}
    page = stranger.post(reverse("account_signup"), form).url
    nowhere()
    check(stranger.get(page))
    stranger.post(reverse("account_email_verification_sent"), {"code": "WRONG1", "next": STORY})
    nowhere()
    code = code_in(delivered()[-1])
    assert stranger.post(reverse("account_email_verification_sent"), {"code": code}).url == STORY
    nowhere()


def test_nor_while_somebody_signs_in_by_a_code(stranger, aram):
    EmailAddress.objects.create(user=aram, email=aram.email, verified=True, primary=True)
    stranger.post(reverse("account_request_login_code"), {"email": aram.email, "next": STORY})
    nowhere()
    entered = {"code": code_in(delivered()[-1]), "next": STORY}
    assert stranger.post(reverse("account_confirm_login_code"), entered).url == STORY
    nowhere()


def test_nor_while_somebody_chooses_a_new_password(stranger, aram):
    EmailAddress.objects.create(user=aram, email=aram.email, verified=True, primary=True)
    stranger.post(reverse("account_reset_password"), {"email": aram.email, "next": STORY})
    nowhere()
    (message,) = delivered()
    page = stranger.get(link_in(message), follow=True)
    nowhere()
    answer = stranger.post(page.context["action_url"], {"password1": NEW, "password2": NEW, "next": STORY})
    assert answer.url == STORY
    nowhere()


def test_nor_in_a_mail_that_failed_for_good(stranger, aram, monkeypatch):
    def refuse(message):
        raise smtplib.SMTPServerDisconnected

    monkeypatch.setattr("members.emails.EmailMultiAlternatives.send", refuse)
    monkeypatch.setattr(tasks, "BACKOFF", ())
    stranger.post(reverse("account_reset_password"), {"email": aram.email, "next": STORY})
    work()
    assert DBTaskResult.objects.failed().count() == 1
    nowhere("accounts/password/reset")


def test_nor_is_a_network_told_by_what_somebody_was_about_to_send(as_, aram):
    """allauth keeps the whole request until the password was given."""
    as_(aram).post(
        reverse("account_data"), REMOTE_ADDR="203.0.113.77", headers={"referer": f"http://localhost:8000{STORY}"}
    )
    nowhere("203.0.113.77")
