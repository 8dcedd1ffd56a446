"""Two at the desk at once: a deed is done once, and a file brings each person once."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from members.accounts import support
from members.accounts.moving import load
from members.models import Grant, Note, User
from newsroom.ground.models import Deed
from tests.members.moving import GHOST, file

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


def together(work, times=2):
    """What `work` returns, done so many times at once."""
    start = Barrier(times)

    def one(_number):
        try:
            start.wait()
            return work()
        finally:
            connection.close()

    with ThreadPoolExecutor(times) as threads:
        return list(threads.map(one, range(times)))


def test_of_two_who_add_days_at_once_one_is_told_to_look_again(aram, davit):
    def add():
        try:
            support.extend(davit, aram, "She asked.", 0, 7)
        except support.Overtaken:
            return "look again"
        return "done"

    assert sorted(together(add, 4)) == ["done", "look again", "look again", "look again"]
    assert (Grant.objects.count(), Note.objects.count(), Deed.objects.count()) == (1, 1, 1)


def test_two_imports_of_one_file_at_once_bring_everybody_once():
    people = [{"email": f"reader{n}@example.com", "name": f"Reader {n}", "created_at": "2024-03-01T09:30:00Z",
               "complimentary_plan": "true", "note": "x"} for n in range(1_200)]  # fmt: skip
    told = file(GHOST, *people)
    reports = together(lambda: load.run(told))
    assert User.objects.count() == Grant.objects.count() == Note.objects.count() == len(people)
    assert sum(report.counts["created"] for report in reports) == len(people)
    assert not any(report.counts["failed"] for report in reports)
