"""When periods end: the day on which a subscription began is kept, in UTC, through short months and leap years."""

from datetime import UTC, datetime

import pytest

from members.billing.sandbox.core.clock import after, period


def _moment(day):
    return int(datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp())


def _days(anchor, interval, counts, step=1):
    moments = [after(_moment(anchor), interval, count * step) for count in counts]
    return [f"{datetime.fromtimestamp(moment, UTC):%Y-%m-%d}" for moment in moments]


def test_the_31st_is_the_last_day_of_a_shorter_month_and_comes_back():
    days = ["2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30", "2026-05-31"]
    assert _days("2026-01-31T12:00:00", "month", range(5)) == days


def test_a_leap_day_is_the_28th_in_other_years_and_comes_back():
    assert _days("2024-02-29", "year", range(5)) == [
        "2024-02-29",
        "2025-02-28",
        "2026-02-28",
        "2027-02-28",
        "2028-02-29",
    ]


def test_quarters_weeks_and_days_count_as_they_should():
    assert _days("2025-11-30", "month", range(3), 3) == ["2025-11-30", "2026-02-28", "2026-05-30"]
    assert _days("2026-02-20", "week", range(3)) == ["2026-02-20", "2026-02-27", "2026-03-06"]
    assert _days("2026-02-27", "day", range(3)) == ["2026-02-27", "2026-02-28", "2026-03-01"]


@pytest.mark.parametrize("interval", ["day", "week", "month", "year"])
@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("day", ["2023-12-01", "2024-01-31", "2024-02-01", "2024-03-30T23:59:59", "2031-07-09"])
def test_each_moment_lies_in_one_period_of_its_rhythm(interval, count, day):
    anchor, moment = _moment("2024-01-31"), _moment(day)
    start, end = period(anchor, interval, count, moment)

    assert start <= moment < end
    assert period(anchor, interval, count, end)[0] == end
    assert period(anchor, interval, count, start) == (start, end)
