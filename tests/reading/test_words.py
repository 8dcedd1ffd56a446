"""Ages and dates in words."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from articles.reading.parts import words

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("ago", "said"),
    [
        (timedelta(seconds=-5), "just now"),
        (timedelta(seconds=59), "just now"),
        (timedelta(minutes=1), "a minute ago"),
        (timedelta(minutes=59), "59 minutes ago"),
        (timedelta(hours=1), "an hour ago"),
        (timedelta(hours=23, minutes=59), "23 hours ago"),
        (timedelta(days=1), "a day ago"),
        (timedelta(days=6), "6 days ago"),
        (timedelta(weeks=1), "a week ago"),
        (timedelta(weeks=3), "3 weeks ago"),
        (timedelta(weeks=4), "26 October 2026"),
    ],
)
def test_ages_are_said_as_people_say_them(ago, said):
    assert words.age(NOW - ago, NOW) == said


def test_dates_are_the_newsrooms():
    assert words.day_and_time(datetime(2026, 11, 22, 22, 30, tzinfo=UTC)) == "23 November 2026, 02:30"


def test_the_date_of_a_page_holds_until_it_turns_even_where_it_turns_twice():
    """St. John's set its clocks from one minute past midnight back to one past eleven, on 7 November 2010."""
    with timezone.override("America/St_Johns"):
        moment, turns = datetime(2010, 11, 6, 12, tzinfo=UTC), []
        for _turn in range(3):
            until = words.today_until(moment)
            assert words.today(until) != words.today(until - timedelta(microseconds=1))
            turns.append(until)
            moment = until + timedelta(minutes=1)
    assert turns == sorted(set(turns))
