"""Mail goes through the queue: nothing waits for the mail server, nothing is lost with it."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core import mail
from django.db import transaction
from django_tasks_db.models import DBTaskResult

from members import emails
from tests.members.mail import delivered, work

pytestmark = pytest.mark.django_db


def ask(to="tamar@example.com"):
    emails.account("account/email/email_confirmation", to, {"code": "ABC123"})


def test_a_message_is_sent_by_the_worker_and_not_before():
    ask()
    assert mail.outbox == []
    (message,) = delivered()
    assert message.to == ["tamar@example.com"]
    assert "ABC123" in message.body
    assert "The Test Courier" in message.subject
    assert "The Test Courier" in message.body


def test_a_message_exists_exactly_when_its_cause_does():
    with transaction.atomic():
        ask()
        transaction.set_rollback(True)
    assert not DBTaskResult.objects.exists()


def test_a_mail_server_that_is_down_leaves_the_mail_queued_and_it_is_sent_later_once(settings, time_machine):
    working = settings.EMAIL_BACKEND
    settings.EMAIL_BACKEND = "tests.members.mail.ServerDown"
    ask()
    work()
    assert DBTaskResult.objects.filter(status="READY").count() == 1, "it waits for another attempt"
    settings.EMAIL_BACKEND = working
    assert delivered() == [], "the next attempt is not due yet"
    time_machine.move_to(datetime.now(UTC) + timedelta(minutes=1))
    assert len(delivered()) == 1
    time_machine.move_to(datetime.now(UTC) + timedelta(days=2))
    assert delivered() == []


def test_a_message_has_one_name_through_all_attempts(settings):
    settings.EMAIL_BACKEND = "tests.members.mail.ServerDown"
    ask()
    first = queued()
    work()
    second = queued()
    assert second.pk != first.pk
    assert second.args_kwargs["kwargs"]["message_id"] == first.args_kwargs["kwargs"]["message_id"]


def queued():
    """The one row in the queue: of attempts that failed none is kept, for it would hold address and code."""
    return DBTaskResult.objects.get()


def test_what_was_sent_is_not_kept():
    ask()
    delivered()
    assert not DBTaskResult.objects.exists()


def test_a_subject_is_one_line():
    ask()
    (message,) = delivered()
    assert "\n" not in message.subject
