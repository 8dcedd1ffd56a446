"""How long words stay true, and what a page rests on."""

from datetime import UTC, date, datetime, timedelta
from itertools import permutations
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone, translation
from hypothesis import example, given
from hypothesis import settings as patient
from hypothesis import strategies as st

from articles.models import Article, Section
from articles.reading.basis import Basis
from articles.reading.memory import Memo
from articles.reading.parts import words
from newsroom.ground import stamps

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
MICROSECOND, SECOND, MINUTE, HOUR = (timedelta(**{unit: 1}) for unit in ("microseconds", "seconds", "minutes", "hours"))
languages = pytest.mark.parametrize("language", ["en", "ru"])


# Ages


def borders(moment, now):
    """The moments at which the words for the age of `moment` change, one after another."""
    while (now := words.age_until(moment, now)) is not None:
        yield now


def changes(moment, since, until, step):
    """The same by looking at every step between two moments: those at which the words are not what they were before."""
    before = words.age(moment, since)
    while since < until:
        since += step
        now = words.age(moment, since)
        if now != before:
            yield since
        before = now


@languages
def test_an_age_changes_exactly_when_it_is_said_to(language):
    with translation.override(language):
        told = list(borders(NOW, NOW))
        assert told[-1] == NOW + timedelta(weeks=4)
        for since, until, step in (
            (NOW - MINUTE, NOW + 2 * HOUR, SECOND),
            (NOW + HOUR, NOW + timedelta(days=3), MINUTE),
            (NOW + timedelta(days=2), NOW + timedelta(weeks=6), HOUR),
        ):
            seen = list(changes(NOW, since, until, step))
            assert seen == [border for border in told if since < border <= until]


@languages
@patient(deadline=None)
@given(
    ago=st.timedeltas(timedelta(days=-2), timedelta(weeks=5)),
    between=st.lists(st.floats(0, 1, exclude_max=True), max_size=5),
)
@example(ago=timedelta(0), between=[])
@example(ago=MINUTE - MICROSECOND, between=[])
@example(ago=MINUTE, between=[])
@example(ago=HOUR - MICROSECOND, between=[])
@example(ago=timedelta(weeks=4) - MICROSECOND, between=[])
@example(ago=timedelta(weeks=4), between=[])
def test_an_age_stays_the_same_to_the_last_microsecond(language, ago, between):
    moment = NOW - ago
    until = words.age_until(moment, NOW)
    with translation.override(language):
        said = words.age(moment, NOW)
        if until is None:
            assert said == words.day(moment) == words.age(moment, NOW + timedelta(days=10_000))
            return
        assert until > NOW
        assert words.age(moment, until) != said
        for part in between:
            assert words.age(moment, min(NOW + (until - NOW) * part, until - MICROSECOND)) == said
        assert words.age(moment, until - MICROSECOND) == said


# Days


def first_of_another_day(now):
    """By looking at every minute: when the newsroom's date is another one than `now`."""
    today, at = timezone.localdate(now), now.replace(second=0, microsecond=0)
    while timezone.localdate(at) == today:
        at += MINUTE
    return at


# Midnights that are skipped, come twice or are only near a change of the clock, and days of 23, 25 and no hours.
NIGHTS = [
    ("Asia/Tbilisi", date(2026, 11, 23)),
    ("Asia/Tbilisi", date(2004, 6, 26)),
    ("Asia/Tbilisi", date(1996, 10, 26)),
    ("Asia/Beirut", date(2022, 3, 26)),
    ("Asia/Beirut", date(2022, 10, 29)),
    ("America/Sao_Paulo", date(2018, 11, 3)),
    ("America/Sao_Paulo", date(2018, 2, 17)),
    ("America/Havana", date(2025, 11, 1)),
    ("America/Havana", date(2025, 3, 8)),
    ("Africa/Cairo", date(2024, 4, 25)),
    ("Africa/Cairo", date(2024, 10, 31)),
    ("Atlantic/Azores", date(2026, 3, 28)),
    ("Atlantic/Azores", date(2026, 10, 24)),
    ("Europe/London", date(2026, 3, 28)),
    ("Europe/London", date(2026, 10, 24)),
    ("Pacific/Apia", date(2011, 12, 29)),
    ("Asia/Kathmandu", date(2026, 1, 1)),
    ("UTC", date(2026, 12, 31)),
]


@patient(deadline=None)
@given(night=st.sampled_from(NIGHTS), hours=st.floats(0, 26, exclude_max=True))
def test_todays_date_is_another_from_the_moment_on_that_is_said(night, hours):
    zone, day = ZoneInfo(night[0]), night[1]
    start = datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)
    with timezone.override(zone):
        now = start + timedelta(hours=hours)
        # In UTC: Python holds a moment of a zone that does not exist there to be unlike any other.
        until = words.today_until(now).astimezone(UTC)
        assert until == first_of_another_day(now)
        assert words.today(until - MICROSECOND) == words.today(now) != words.today(until)


@pytest.mark.parametrize(
    ("zone", "now", "until"),
    [
        # Clocks go from 23:59:59 to 01:00.
        ("Asia/Beirut", datetime(2022, 3, 26, 20, tzinfo=UTC), datetime(2022, 3, 26, 22, tzinfo=UTC)),
        ("America/Sao_Paulo", datetime(2018, 11, 4, 1, tzinfo=UTC), datetime(2018, 11, 4, 3, tzinfo=UTC)),
        # They go from 23:59:59 to 23:00: a day of 25 hours.
        ("America/Sao_Paulo", datetime(2018, 2, 18, 1, 59, tzinfo=UTC), datetime(2018, 2, 18, 3, tzinfo=UTC)),
        ("America/Sao_Paulo", datetime(2018, 2, 18, 2, 30, tzinfo=UTC), datetime(2018, 2, 18, 3, tzinfo=UTC)),
        ("Europe/London", datetime(2026, 3, 28, 12, tzinfo=UTC), datetime(2026, 3, 29, 0, tzinfo=UTC)),
        ("Europe/London", datetime(2026, 3, 29, 0, tzinfo=UTC), datetime(2026, 3, 29, 23, tzinfo=UTC)),
        ("Europe/London", datetime(2026, 10, 25, 0, 30, tzinfo=UTC), datetime(2026, 10, 26, 0, tzinfo=UTC)),
        ("Asia/Tbilisi", datetime(2026, 11, 23, 19, 59, 59, tzinfo=UTC), datetime(2026, 11, 23, 20, tzinfo=UTC)),
        ("Asia/Tbilisi", datetime(2026, 11, 23, 20, tzinfo=UTC), datetime(2026, 11, 24, 20, tzinfo=UTC)),
    ],
)
def test_a_day_ends_at_the_newsrooms_midnight(zone, now, until):
    with timezone.override(ZoneInfo(zone)):
        assert words.today_until(now).astimezone(UTC) == until


def test_the_newsrooms_midnight_is_that_of_the_setting(settings):
    settings.TIME_ZONE = "Europe/London"
    assert words.today_until(NOW).astimezone(UTC) == datetime(2026, 11, 24, tzinfo=UTC)
    settings.TIME_ZONE = "Asia/Tbilisi"
    assert words.today_until(NOW).astimezone(UTC) == datetime(2026, 11, 23, 20, tzinfo=UTC)


# What a page rests on


def test_a_page_lasts_until_the_first_moment_to_come_that_was_said():
    moments = [None, NOW - HOUR, NOW, NOW + MICROSECOND, NOW + HOUR]
    for said in permutations(moments):
        basis = Basis(NOW)
        for moment in said:
            basis.lasts_until(moment)
        assert basis.until == NOW + MICROSECOND


def test_a_page_of_which_nothing_is_to_come_lasts():
    basis = Basis(NOW)
    for moment in (None, NOW - HOUR, NOW):
        basis.lasts_until(moment)
    assert basis.until is None


def test_moments_are_ordered_whatever_zone_they_are_said_in():
    basis = Basis(NOW)
    basis.lasts_until(datetime(2026, 11, 23, 13, tzinfo=UTC))
    basis.lasts_until(datetime(2026, 11, 23, 16, 30, tzinfo=ZoneInfo("Asia/Tbilisi")))
    basis.lasts_until(datetime(2026, 11, 23, 12, 45, tzinfo=ZoneInfo("Europe/London")))
    assert basis.until == datetime(2026, 11, 23, 12, 30, tzinfo=UTC)


def test_a_page_rests_on_what_it_shows():
    basis = Basis(NOW)
    basis.shows(Section(pk=3), None, Article(pk=7))
    basis.rests_on("list", "en")
    basis.rests_on("prompt-story", 7)
    assert basis.changes == {("section", "3"), ("article", "7"), ("list", "en"), ("prompt-story", "7")}


@pytest.mark.django_db
@pytest.mark.parametrize("remembered", [False, True])
def test_what_pages_share_makes_each_of_them_rest_on_the_same(remembered):
    follower = stamps.Follower()
    follower.poll()
    memo, made = Memo(follower) if remembered else None, []

    def make(basis):
        made.append(basis)
        basis.rests_on("menu", "en")
        basis.lasts_until(NOW + HOUR)
        return "the menu"

    for number in (1, 2):
        basis = Basis(NOW, follower.mark, memo)
        basis.rests_on("article", number)
        basis.lasts_until(NOW + 2 * HOUR)
        assert basis.recall("menu", make) == "the menu"
        assert basis.changes == {("article", str(number)), ("menu", "en")}
        assert basis.until == NOW + HOUR
    assert len(made) == (1 if remembered else 2)
