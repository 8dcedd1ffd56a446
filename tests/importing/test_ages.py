from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from articles.importing.ages import moment

TBILISI = ZoneInfo("Asia/Tbilisi")
NOW = datetime(2025, 7, 31, 9, 30, tzinfo=TBILISI)
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("text", "back"),
    [
        ("just now", 0 * DAY), ("Now", 0 * DAY), ("a few seconds ago", timedelta(seconds=3)), ("1 min ago", timedelta(minutes=1)),
        ("an hour ago", DAY / 24), ("2 hours ago", DAY / 12), ("5h", DAY * 5 / 24), ("5h ago", DAY * 5 / 24), ("5 hrs ago", DAY * 5 / 24),
        ("half an hour ago", DAY / 48), ("about an hour ago", DAY / 24), ("a day ago", DAY), ("one day ago", DAY), ("Yesterday", DAY),
        ("2d", 2 * DAY), ("3 weeks ago", 21 * DAY), ("last week", 7 * DAY), ("3  WEEKS\xa0ago", 21 * DAY), ("in 3 days", -3 * DAY),
        ("a couple of days ago", 2 * DAY), ("tomorrow", -DAY),
    ],
)  # fmt: skip
def test_an_age_counts_back_from_the_moment_it_is_read_at(text, back):
    assert (moment(text, NOW).at, moment(text, NOW).worked_out) == (NOW - back, True)


@pytest.mark.parametrize(
    ("text", "date"),
    [("a month ago", (2025, 6, 30)), ("2 months ago", (2025, 5, 31)), ("6mo", (2025, 1, 31)), ("a year ago", (2024, 7, 31)),
     ("5 months ago", (2025, 2, 28)), ("last year", (2024, 7, 31)), ("half a year ago", (2025, 1, 31))],
)  # fmt: skip
def test_months_and_years_are_those_of_the_calendar(text, date):
    assert moment(text, NOW).at == datetime(*date, 9, 30, tzinfo=TBILISI)


@pytest.mark.parametrize(
    "text",
    ["2025-06-12", "12 Jun 2025", "12 June 2025", "Jun 12, 2025", "June 12th, 2025", "12-06-2025", "12/06/2025", "12.06.2025",
     "Thu, 12 Jun 2025", "Jun. 12 2025"],
)  # fmt: skip
def test_a_bare_date_is_noon_where_the_newsroom_is(text):
    assert (moment(text, NOW).at, moment(text, NOW).worked_out) == (datetime(2025, 6, 12, 12, tzinfo=TBILISI), False)


def test_a_date_without_year_is_the_last_one_there_was():
    assert moment("12 Jun", NOW).at.date().isoformat() == "2025-06-12"
    assert moment("12 December", NOW).at.date().isoformat() == "2024-12-12"


def test_an_iso_moment_keeps_its_zone_and_else_has_that_of_the_newsroom():
    assert moment("2026-03-31T18:30", NOW).at == datetime(2026, 3, 31, 18, 30, tzinfo=TBILISI)
    assert moment("2026-03-31T18:30:00Z", NOW).at.isoformat() == "2026-03-31T18:30:00+00:00"


@pytest.mark.parametrize("text", ["", " ", "OC Media", "- OC Media", "ago", "a", "day ago", "in a day ago", "2025-13-01", "32 Jun 2025",
                                  "The ferry left 2 hours ago", "9999 years ago", "a week", "20250612", "12"])  # fmt: skip
def test_what_is_neither_age_nor_date_is_none(text):
    assert moment(text, NOW) is None


@given(st.text(max_size=40))
def test_no_text_makes_it_fall_over(text):
    assert moment(text, NOW) is None or moment(text, NOW).at.tzinfo
