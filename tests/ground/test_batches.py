"""What is forgotten goes in small statements: nobody waits for a million rows."""

from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django_tasks_db.models import DBTaskResult

from members.gifts import forget_past_gifts
from members.models import Gift, Invitation, Session
from members.models.invitation import forget_old_invitations
from members.sessions import forget_expired_sessions
from newsroom.ground import batches
from newsroom.ground.audit import forget_old_deeds
from newsroom.ground.cache import forget_expired
from newsroom.ground.limits import forget_counts
from newsroom.ground.models import Tally
from newsroom.ground.tasks import forget_failed

pytestmark = pytest.mark.django_db

LONG_AGO = timedelta(days=4 * 365)


def sessions(user, then):
    Session.objects.bulk_create(Session(session_key=f"old{n}", expire_date=then) for n in range(5))


def tallies(user, then):
    Tally.objects.bulk_create(Tally(key=f"old{n}", number=1, until=1) for n in range(5))


def gifts(user, then):
    Gift.objects.bulk_create(Gift(user=user, token=f"{n}", ends_at=then, made_at=then, left=1) for n in range(5))


def invitations(user, then):
    Invitation.objects.bulk_create(Invitation(digest=f"{n}", note="old", expires_at=then) for n in range(5))


def history(user, then):
    LogEntry.objects.bulk_create(LogEntry(user=user, action_time=then, action_flag=2) for n in range(5))


def failed(user, then):
    told = {"status": "FAILED", "finished_at": then, "run_after": then, "args_kwargs": {}, "backend_name": "default"}
    DBTaskResult.objects.bulk_create(DBTaskResult(**told) for n in range(5))


def limits(user, then):
    for n in range(5):
        cache.set(f"old{n}", 1, 0.001)


@pytest.mark.parametrize(
    ("table", "made", "chore"),
    [
        ("members_session", sessions, forget_expired_sessions),
        ("ground_tally", tallies, forget_counts),
        ("members_gift", gifts, forget_past_gifts),
        ("members_invitation", invitations, forget_old_invitations),
        ("django_admin_log", history, forget_old_deeds),
        ("django_tasks_database_dbtaskresult", failed, forget_failed),
        ("cache", limits, forget_expired),
    ],
)
def test_a_chore_deletes_so_many_rows_a_statement_until_none_is_left(monkeypatch, aram, now, table, made, chore):
    monkeypatch.setattr(batches, "MANY", 2)
    made(aram, now - LONG_AGO)
    with CaptureQueriesContext(
        connection,
    ) as asked:
        chore(now + timedelta(seconds=2))
    deleting = [one["sql"] for one in asked if one["sql"].startswith("DELETE") and f'"{table}"' in one["sql"]]
    assert len(deleting) >= 3
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT count(*) FROM "{table}"')  # noqa: S608 (names of our own)
        assert cursor.fetchone() == (0,)


def test_rows_are_read_in_statements_that_are_over_before_anything_is_done_with_them(monkeypatch, aram, now):
    """Else who writes meanwhile would be refused on SQLite; what is deleted meanwhile is read no more."""
    monkeypatch.setattr(batches, "MANY", 2)
    tallies(aram, now)
    with CaptureQueriesContext(connection) as asked:
        found = []
        for row in batches.each(Tally.objects.order_by("-key")):
            found.append((row.key, len(asked)))
            Tally.objects.filter(key="old2").delete()
    assert [key for key, _asked in found] == ["old0", "old1", "old3", "old4"]
    assert found[1][1] - found[0][1] == 1, "the deletion, and no reading"


def test_what_is_renewed_meanwhile_stays(aram, now):
    """As a count that begins anew between the look and the deed."""
    tallies(aram, now)

    def renew(execute, sql, *query):
        if sql.startswith("DELETE"):
            Tally.objects.filter(key="old1").update(until=2)
        return execute(sql, *query)

    with connection.execute_wrapper(renew):
        batches.delete(Tally.objects.filter(until=1))
    assert [one.key for one in Tally.objects.all()] == ["old1"]
