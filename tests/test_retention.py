"""What is kept goes when its time is over, as the README says, and no log line tells who read what."""

import io
import logging
from datetime import UTC, datetime, timedelta
from smtplib import SMTPRecipientsRefused

import pytest
from allauth.account.models import EmailAddress
from django.conf import settings as django_settings
from django.contrib.admin.models import LogEntry
from django.urls import reverse
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from members import emails
from members.accounts.unconfirmed import KEPT, forget_unconfirmed
from members.models import Grant, User
from newsroom.ground import audit, rollup
from newsroom.ground.models import Count
from newsroom.ground.rollup import BY_THE_HOUR, roll_up_counts
from newsroom.management.commands import _retention as retention
from newsroom.management.commands import serve, worker
from tests.conftest import PASSWORD
from tests.members.mail import work
from tests.test_canary import patterns

pytestmark = pytest.mark.django_db

OLD = datetime(2026, 3, 10, 9, tzinfo=UTC)
LATER = OLD + BY_THE_HOUR + timedelta(days=2)


def test_the_readme_has_the_table_of_the_code():
    assert retention.as_markdown() in (django_settings.BASE_DIR / "README.md").read_text()


def test_the_worker_does_all_that_the_table_promises_and_again_without_harm(now):
    for chore in retention.CHORES:
        assert chore in worker.CHORES
        chore(now)
        chore(now)


def test_every_deletion_of_the_code_stands_in_the_table():
    promised = {chore.__name__ for chore in retention.CHORES}
    rooms = [django_settings.BASE_DIR / room for room in ("articles", "members", "newsroom")]
    written = {
        line.removeprefix("def ").partition("(")[0]
        for room in rooms
        for path in room.rglob("*.py")
        for line in path.read_text().splitlines()
        if line.startswith("def forget_") and line.endswith("(now):")
    }
    assert written - promised == set()


def counted(*hours):
    Count.objects.bulk_create(Count(series="read", key=key, hour=hour, number=number) for hour, key, number in hours)


def counts():
    return sorted(Count.objects.values_list("hour", "key", "number"))


def midnight(day):
    return timezone.make_aware(datetime(2026, 3, day))


def test_old_counts_are_added_up_by_the_newsrooms_day_and_lose_nothing():
    hour = timedelta(hours=1)
    counted((midnight(10), "1", 1), (midnight(10) + hour, "1", 2), (midnight(10) + 23 * hour, "1", 3))
    counted((midnight(10) + hour, "2", 5), (midnight(11), "1", 7), (midnight(11) - 3 * 24 * hour, "1", 9))
    roll_up_counts(LATER)
    assert counts() == [(midnight(8), "1", 9), (midnight(10), "1", 6), (midnight(10), "2", 5), (midnight(11), "1", 7)]
    roll_up_counts(LATER)
    assert len(counts()) == 4


def test_recent_counts_stay_by_the_hour(now):
    recent = now.replace(minute=0, second=0, microsecond=0) - BY_THE_HOUR + timedelta(days=1)
    counted(*((recent - timedelta(hours=n), "1", 1) for n in range(3)))
    roll_up_counts(now)
    assert len(counts()) == 3


@pytest.mark.parametrize("zone", ["UTC", "Asia/Kolkata", "America/New_York", "Pacific/Chatham"])
def test_a_day_is_a_day_in_every_time_zone_and_when_clocks_change(settings, zone):
    settings.TIME_ZONE = zone
    counted(*((OLD - timedelta(days=5) + timedelta(hours=n), "1", 1) for n in range(240)))
    roll_up_counts(LATER + timedelta(days=20))
    found = counts()
    assert sum(number for _hour, _key, number in found) == 240
    assert {timezone.localtime(hour).hour for hour, _key, _number in found} == {0}
    assert len({timezone.localtime(hour).date() for hour, _key, _number in found}) == len(found) <= 11


def test_one_call_does_a_bounded_piece_of_work_and_the_next_goes_on(monkeypatch):
    monkeypatch.setattr(rollup, "DAYS_A_CALL", 2)
    counted(*((OLD - timedelta(days=n), "1", 1) for n in range(3)))
    for _call in range(2):
        roll_up_counts(LATER)
    assert [hour for hour, _key, _number in counts()] == [midnight(8), midnight(9), midnight(10)]


def unconfirmed(name, verified=False, **fields):
    user = User.objects.create_user(f"{name}@example.com", PASSWORD, **fields)
    EmailAddress.objects.create(user=user, email=user.email, verified=verified, primary=True)
    return user


def test_an_account_that_nobody_confirmed_is_deleted_and_no_other(now, aram, nino):
    unconfirmed("mistyped", date_joined=now - KEPT - timedelta(hours=1))
    unconfirmed("new", date_joined=now - KEPT + timedelta(hours=1))
    unconfirmed("confirmed", verified=True, date_joined=now - 2 * KEPT)
    unconfirmed("works-here", date_joined=now - 2 * KEPT, role=User.Role.REPORTER)
    given = unconfirmed("given", date_joined=now - 2 * KEPT)
    Grant.objects.create(user=given, reason="a friend")
    User.objects.filter(pk=aram.pk).update(date_joined=now - 2 * KEPT)
    forget_unconfirmed(now)
    gone = {"mistyped"}
    names = {email.partition("@")[0] for email in User.objects.values_list("email", flat=True)}
    assert names == {"mistyped", "new", "confirmed", "works-here", "given", "aram", "nino"} - gone


def test_the_desks_history_goes_with_the_audit_log(nino, now):
    LogEntry.objects.create(user=nino, object_repr="aram@example.com", action_flag=2)
    audit.forget_old_deeds(now + audit.KEPT - timedelta(hours=1))
    assert LogEntry.objects.exists()
    audit.forget_old_deeds(now + audit.KEPT + timedelta(hours=1))
    assert not LogEntry.objects.exists()


@pytest.fixture
def log():
    """All that the site's own handlers would write, as they would write it."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    line = django_settings.LOGGING["formatters"]["line"]
    handler.setFormatter(logging.Formatter(line["format"], style=line["style"]))
    logging.getLogger().addHandler(handler)
    yield written
    logging.getLogger().removeHandler(handler)


def test_no_log_line_holds_a_readers_address(log, as_, story, monkeypatch):
    path = story().get_absolute_url()
    browser = as_(None)
    browser.raise_request_exception = False
    browser.handler.enforce_csrf_checks = True
    told = {"REMOTE_ADDR": "203.0.113.77", "HTTP_X_FORWARDED_FOR": "203.0.113.77"}
    browser.get(path, **told)
    browser.get("/nowhere/", **told)
    browser.post(path, **told)
    browser.post(reverse("account_login"), {"login": "a@example.com", "password": "x"}, **told)
    browser.get(path, headers={"host": "evil.example"}, **told)
    browser.get("/articles/%00/", **told)
    monkeypatch.setattr(dict(patterns())["healthz"], "callback", lambda request: 1 / 0)
    browser.get("/healthz", **told)
    assert "ZeroDivisionError" in log.getvalue()
    assert "203.0.113" not in log.getvalue()


def test_a_mail_that_is_refused_is_told_by_one_line_without_whom_it_was_for(log, monkeypatch):
    def refuse(message):
        raise SMTPRecipientsRefused({message.to[0]: (550, b"who is leyla@example.com?")})

    monkeypatch.setattr("members.emails.EmailMultiAlternatives.send", refuse)
    emails.farewell("leyla@example.com", "en")
    number = str(DBTaskResult.objects.get().pk)
    work()
    (line,) = log.getvalue().splitlines()
    assert f"members.emails.deliver ({number}) failed at attempt 1: SMTPRecipientsRefused" in line
    assert "@" not in line
    assert "leyla" not in line


def test_the_server_notes_no_requests():
    assert "--no-access-log" in serve.command("127.0.0.1", 8000, 1)
    levels = {name: one.get("level") for name, one in django_settings.LOGGING["loggers"].items()}
    assert levels["django.request"] == "ERROR"
