"""What came of a campaign: in the desk, as a file, and for the advertiser alone."""

import csv
import io
import re
from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from articles.ads import pace, report, state
from articles.ads.models import Advertiser, Creative
from newsroom.ground.models import Count
from newsroom.ground.rollup import roll_up_counts
from tests.ads.bookings import book

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 11, 20, 8, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def count(creative, place="inline1", served=0, seen=0, clicked=0, at=NOON):
    for series, number in (("ad", served), ("ad-seen", seen), ("ad-click", clicked)):
        if number:
            key = f"{creative.pk}:{place}" if place else str(creative.pk)
            Count.objects.create(series=series, key=key, hour=at, number=number)


@pytest.fixture
def bread():
    made = book("Bread", starts_at=NOON - 10 * DAY, ends_at=NOON + 10 * DAY, goal=10_000)
    count(made, "inline1", served=900, seen=450, clicked=9)
    count(made, "top", served=90, seen=80, clicked=3)
    count(made, "inline1", served=10, seen=5, at=NOON + DAY)
    count(made, "", served=7, at=NOON - 3 * DAY)
    other = book("Nails")
    count(other, served=5_000, clicked=500)
    return made


def lines(found):
    return {line.label: (line.numbers.served, line.numbers.seen, line.numbers.clicked) for line in found}


def test_it_adds_up_by_creative_place_and_day(bread):
    rolls = Creative.objects.create(campaign=bread.campaign, name="Rolls", headline="Rolls", url="/join/", active=False)
    count(rolls, "end", served=3)
    told = report.of_campaign(bread.campaign, NOON + 2 * DAY)
    assert lines([report.Line("all", told.total)]) == {"all": (1010, 535, 12)}
    assert lines(told.creatives) == {"Bread": (1007, 535, 12), "Rolls": (3, 0, 0)}
    assert lines(told.places) == {
        "Within a story, 1": (910, 455, 9), "On top of a page": (90, 80, 3), "After a story": (3, 0, 0),
        "Elsewhere": (7, 0, 0),
    }  # fmt: skip
    assert lines(told.days) == {
        "21 Nov 2026": (10, 5, 0), "20 Nov 2026": (993, 530, 12), "19 Nov 2026": (0, 0, 0),
        "18 Nov 2026": (0, 0, 0), "17 Nov 2026": (7, 0, 0),
    }  # fmt: skip


def test_days_are_the_newsrooms(settings):
    bread = book()
    with timezone.override("Asia/Tbilisi"):
        count(bread, served=1, at=datetime(2026, 11, 20, 21, tzinfo=UTC))
        assert list(lines(report.of_campaign(bread.campaign, NOON).days)) == ["21 Nov 2026"]


def test_counts_that_were_added_up_by_the_day_say_the_same(bread):
    before = report.of_campaign(bread.campaign, NOON + 2 * DAY)
    roll_up_counts(NOON + 60 * DAY)
    assert lines(report.of_campaign(bread.campaign, NOON + 2 * DAY).days) == lines(before.days)


def test_it_asks_twice_whatever_was_counted(bread, django_assert_num_queries):
    with django_assert_num_queries(2):
        report.of_campaign(bread.campaign, NOON)


@pytest.mark.parametrize(
    ("part", "whole", "words"),
    [(0, 0, "–"), (3, 12, "3 of 12"), (99, 99, "99 of 99"), (25, 100, "25 %"), (1, 300, "0.33 %"), (0, 500, "0 %")],
)
def test_a_rate_of_few_is_told_as_numbers(part, whole, words):
    assert report.rate(part, whole) == words


def test_how_far_the_goal_is_is_said(bread):
    assert report.of_campaign(bread.campaign, NOON).towards == "1,007 of 10,000 impressions; 5,000 would be even."
    bread.campaign.goal_kind = "clicks"
    assert report.of_campaign(bread.campaign, NOON).towards == "12 of 10,000 clicks; 5,000 would be even."
    assert report.of_campaign(book("No goal").campaign, NOON).towards == ""


def test_the_chart_tells_each_day_and_what_an_even_day_is(bread):
    chart = report.of_campaign(bread.campaign, NOON).chart
    assert [bar.says for bar in chart.bars][-2:] == ["20 Nov: 990", "21 Nov: 10"]
    assert len(chart.line.split()) == len(chart.bars)
    assert report.of_campaign(book("New").campaign, NOON).chart is None


def test_a_page_shows_a_quarter_and_a_file_everything(bread):
    count(bread, served=4, at=NOON - 200 * DAY)
    told = report.of_campaign(bread.campaign, NOON + DAY)
    assert len(told.days) == report.DAYS
    assert {row["day"] for row in told.rows} >= {"2026-05-04", "2026-11-20"}
    assert told.total.served == 1011


def test_the_desk_shows_it_and_gives_it_as_a_file(bread, as_, nino):
    page = as_(nino).get(reverse("admin:ads_campaign_report", args=[bread.campaign_id]))
    text = page.content.decode()
    for words in ("1,007 of 10,000", "Within a story, 1", "20 Nov 2026", "<svg", "<caption>By day</caption>"):
        assert words in text, words
    assert "style=" not in text[text.index("<svg") :]
    file = as_(nino).get(reverse("admin:ads_campaign_csv", args=[bread.campaign_id]))
    rows = list(csv.DictReader(io.StringIO(file.content.decode())))
    assert rows[0] == {
        "day": "2026-11-17", "creative": "Bread", "place": "elsewhere", "impressions": "7", "viewable": "0", "clicks": "0",
    }  # fmt: skip
    assert sum(int(row["impressions"]) for row in rows) == 1007


def test_a_name_that_a_spreadsheet_would_run_is_text(as_, nino):
    bread = book("=cmd|' /C calc'!A0")
    count(bread, served=1)
    file = as_(nino).get(reverse("admin:ads_campaign_csv", args=[bread.campaign_id])).content.decode()
    assert ",'=cmd" in file


@pytest.mark.parametrize("name", ["ads_campaign_report", "ads_campaign_csv"])
def test_nobody_else_sees_it(bread, as_, aram, stranger, name):
    path = reverse(f"admin:{name}", args=[bread.campaign_id])
    for browser in (stranger, as_(aram)):
        assert browser.get(path).status_code == 302
    assert as_(_reporter()).get(path).status_code == 403


def _reporter():
    from members.models import User
    from tests.desk.people import with_role

    return with_role("reporter@example.com", User.Role.REPORTER)


def test_an_advertiser_reads_its_own_numbers_by_its_link_and_no_others(bread, stranger):
    bakery = bread.campaign.advertiser
    forge = Advertiser.objects.create(name="The forge")
    secret = book("Secret anvils", advertiser=forge)
    count(secret, served=77_777)
    book("Planned", starts_at=timezone.now() + DAY)
    token = bakery.make_token()
    page = stranger.get(f"/advertisers/{token}/")
    text = page.content.decode()
    assert page.status_code == 200
    assert "Bread" in text
    assert "1007 impressions" in text
    for words in ("anvils", "77777", "77,777", "forge", "Planned"):
        assert words not in text
    assert page["Referrer-Policy"] == "no-referrer"
    assert page["Cache-Control"] == "private, no-store"
    assert "noindex" in page["X-Robots-Tag"]
    assert not page.cookies
    assert not re.search(r'(src|href)="https?:', text)
    file = stranger.get(f"/advertisers/{token}/csv/")
    assert "Bread" in file.content.decode()
    assert "anvils" not in file.content.decode()
    assert (file["Referrer-Policy"], file["Cache-Control"]) == ("no-referrer", "private, no-store")


def test_a_link_that_was_withdrawn_or_made_anew_opens_nothing(bread, stranger):
    bakery = bread.campaign.advertiser
    first = bakery.make_token()
    second = bakery.make_token()
    assert stranger.get(f"/advertisers/{first}/").status_code == 404
    assert stranger.get(f"/advertisers/{second}/").status_code == 200
    bakery.withdraw_token()
    for path in (
        f"/advertisers/{second}/",
        f"/advertisers/{second}/csv/",
        "/advertisers//",
        f"/advertisers/{'x' * 32}/",
    ):
        assert stranger.get(path).status_code == 404
    assert stranger.post(f"/advertisers/{second}/").status_code == 405


def test_an_advertiser_without_campaigns_is_told_so(stranger):
    token = Advertiser.objects.create(name="New").make_token()
    assert "no campaign here yet" in stranger.get(f"/advertisers/{token}/").content.decode()


# States.

# (fields of a campaign, active creatives, done) -> its state at NOON.
STATES = [
    ({"starts_at": None}, 1, 0, "draft"),
    ({}, 0, 0, "empty"),
    ({"starts_at": NOON + HOUR}, 1, 0, "scheduled"),
    ({}, 1, 0, "running"),
    ({"paused": True}, 1, 0, "paused"),
    ({"ends_at": NOON}, 1, 0, "ended"),
    ({"ends_at": NOON, "paused": True}, 1, 0, "ended"),
    ({"goal": 100}, 1, 50, "running"),
    ({"goal": 100}, 1, 46, "running"),
    ({"goal": 100}, 1, 40, "behind"),
    ({"goal": 100}, 1, 60, "ahead"),
    ({"goal": 100}, 1, 100, "reached"),
    ({"goal": 100, "starts_at": NOON}, 1, 0, "running"),
]


@pytest.mark.parametrize(("fields", "active", "done", "said"), STATES)
def test_a_campaign_is_in_one_state(fields, active, done, said):
    fields = {"starts_at": NOON - 10 * DAY, "ends_at": NOON + 10 * DAY} | fields
    campaign = book(**fields).campaign
    goal = pace.of_campaign(campaign, timezone.localtime)
    assert state.of(campaign, NOON, active, done, goal) == said
