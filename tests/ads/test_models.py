"""What may be booked, what a copy is, and that what was there before campaigns is a campaign now."""

from datetime import timedelta
from importlib import import_module

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction

from articles.ads import hours, places
from articles.ads.models import Advertiser, Campaign, Creative
from tests.ads.bookings import book

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


def campaign(now, **fields):
    advertiser = Advertiser.objects.create(name="The bakery")
    return Campaign(**{"advertiser": advertiser, "name": "Bread", "starts_at": now, **fields})


# What is wrong -> a word of what is said.
WRONG = {
    "ends before it starts": (lambda now: {"ends_at": now - DAY}, "ends after it starts"),
    "ends when it starts": (lambda now: {"ends_at": now}, "ends after it starts"),
    "a goal without an end": (lambda now: {"goal": 10}, "say when it ends"),
    "an hour alone": (lambda now: {"hour_from": 8}, "both hours"),
    "no hours": (lambda now: {"hour_from": 8, "hour_until": 8}, "over when they begin"),
    "an hour that no clock has": (lambda now: {"hour_from": 24, "hour_until": 3}, "23"),
    "no weight": (lambda now: {"weight": 0}, "1"),
    "a goal of nothing": (lambda now: {"goal": 0, "ends_at": now + DAY}, "1"),
    "a limit of nothing": (lambda now: {"cap": 0}, "1"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_cannot_be_is_refused_with_what_to_do(case, now):
    fields, words = WRONG[case]
    with pytest.raises(ValidationError, match=words):
        campaign(now, **fields(now)).full_clean()


@pytest.mark.parametrize("case", ["ends before it starts", "a goal without an end", "an hour alone"])
def test_the_database_refuses_it_too(case, now):
    row = campaign(now, **WRONG[case][0](now))
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save()


def test_a_draft_may_have_a_goal_and_no_end_yet(now):
    campaign(now, starts_at=None, goal=10).full_clean()


@pytest.mark.parametrize(
    ("url", "good"),
    [
        ("https://example.com", True),
        ("https://example.com/x?y=1#z", True),
        ("https://example.com:8443/x", True),
        ("https://пример.example/", True),
        ("/join/", True),
        ("/", True),
        ("http://example.com/", False),
        ("//evil.example/", False),
        ("/\\evil.example/", False),
        ("https:/evil.example/", False),
        ("https://", False),
        ("https:///x", False),
        ("https://user@evil.example/", False),
        ("https://good.example\\@evil.example/", False),
        ("https://a b/", False),
        ("javascript:alert(1)", False),
        (" https://example.com", False),
        ("https://example.com/\r\nSet-Cookie: x", False),
        ("", False),
    ],
)
def test_a_creative_leads_to_https_or_to_a_page_of_ours(url, good):
    creative = Creative(campaign=book().campaign, name="x", headline="x", url=url)
    if good:
        creative.full_clean()
    else:
        with pytest.raises(ValidationError) as refusal:
            creative.full_clean()
        assert "url" in refusal.value.message_dict


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"kind": "native", "headline": " "}, "headline"),
        ({"kind": "image", "alt": ""}, "alt"),
        ({"kind": "html", "html": "<p>no link</p>"}, "html"),
    ],
)
def test_each_kind_needs_what_readers_see_of_it(fields, field):
    with pytest.raises(ValidationError) as refusal:
        Creative(campaign=book().campaign, name="x", url="/join/", **fields).full_clean()
    assert list(refusal.value.message_dict) == [field]


def test_a_copy_is_a_draft_with_creatives_of_its_own(now):
    bread = book("Bread", goal=100, ends_at=now + DAY, cap=2, weight=7, include={"section": [3]}, placements=["top"])
    Creative.objects.create(campaign=bread.campaign, name="Rolls", headline="Rolls", url="/join/", active=False)
    copy = bread.campaign.copied()
    assert (copy.starts_at, copy.ends_at, copy.paused) == (None, None, False)
    assert (copy.goal, copy.cap, copy.weight, copy.include, copy.placements) == (100, 2, 7, {"section": [3]}, ["top"])
    assert copy.name == "Bread (copy)"
    assert list(copy.creatives.order_by("pk").values_list("headline", "active")) == [("Bread", True), ("Rolls", False)]
    assert bread.campaign.creatives.count() == 2
    assert Campaign.objects.count() == 2


def test_an_advertiser_with_campaigns_is_not_deleted():
    bread = book()
    with pytest.raises(IntegrityError):
        bread.campaign.advertiser.delete()


def test_a_link_is_kept_as_a_digest_and_the_one_before_opens_nothing():
    advertiser = Advertiser.objects.create(name="The bakery")
    first = advertiser.make_token()
    second = advertiser.make_token()
    advertiser.refresh_from_db()
    assert second not in str(vars(advertiser))
    assert not Advertiser.objects.of_token(first).exists()
    assert Advertiser.objects.of_token(second).get() == advertiser
    advertiser.withdraw_token()
    assert not Advertiser.objects.of_token(second).exists()
    assert not Advertiser.objects.of_token("").exists()


# Hours of the week.

# (from, until, weekdays) at (weekday, hour) -> whether it runs.
WEEK = [
    (None, None, [], 3, 12, True),
    (None, None, [3], 3, 12, True),
    (None, None, [2], 3, 12, False),
    (8, 20, [], 3, 8, True),
    (8, 20, [], 3, 19, True),
    (8, 20, [], 3, 20, False),
    (8, 20, [], 3, 7, False),
    (0, 24, [3], 3, 23, True),
    (22, 4, [], 3, 23, True),
    (22, 4, [], 3, 3, True),
    (22, 4, [], 3, 4, False),
    (22, 4, [], 3, 12, False),
    (22, 4, [4], 4, 23, True),
    (22, 4, [4], 5, 3, True),
    (22, 4, [4], 4, 3, False),
    (22, 4, [6], 0, 1, True),
    (22, 0, [3], 3, 23, True),
    (22, 0, [3], 4, 0, False),
]


@pytest.mark.parametrize(("start", "end", "weekdays", "weekday", "hour", "runs"), WEEK)
def test_a_night_belongs_to_the_day_on_which_it_began(on_day, start, end, weekdays, weekday, hour, runs):
    # The second of November 2026 is a Monday.
    assert hours.runs(on_day(2026, 11, 2 + weekday, hour, 30), start, end, weekdays) == runs


# Places.


def test_every_place_has_a_name_and_nothing_else_has():
    for kind in places.Kind:
        for number in (1, 2):
            assert places.is_place(places.name((kind, number)))
    for word in ("", "inline", "inline0", "inline10", "top1", "row", "Top", "inline1 ", "inline１"):
        assert not places.is_place(word)


def test_what_fits_a_story_keeps_its_height_on_a_telephone():
    for kind in places.RESERVED:
        for width, height in places.SIZES[kind]:
            assert height <= places.SLOT_HEIGHT
            assert places.height_on_a_telephone(width, height) <= places.SLOT_HEIGHT
    assert places.height_on_a_telephone(970, 250) == 90
    assert places.height_on_a_telephone(300, 250) == 250


def test_sizes_of_several_places_are_those_that_fit_one_of_them():
    assert places.sizes([places.Kind.ROW]) == [(300, 250), (320, 50), (320, 100)]
    assert (970, 90) in places.sizes([places.Kind.ROW, places.Kind.TOP])


# What was there before.


def test_an_advertisement_of_before_is_a_campaign_of_the_houses(now):
    """The rows of the table of before are still there: put one in, and take it over as the migration does."""
    migration = import_module("articles.ads.migrations.0002_campaigns")
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM ads_ad")
        cursor.execute(
            "INSERT INTO ads_ad (id, name, headline, text, button, url, language, active, starts_at, ends_at) "
            "VALUES (417, 'Apples', 'Apples', 'Red', 'Buy', '/join/', 'ru', true, %s, NULL)",
            [connection.ops.adapt_datetimefield_value(now)],
        )

    class Before:
        def get_model(self, app, name):
            return state.get_model("ads", "Ad") if name == "Ad" else apps.get_model(app, name)

    from django.db.migrations.executor import MigrationExecutor

    state = MigrationExecutor(connection).loader.project_state(("ads", "0001_initial")).apps
    with connection.schema_editor(atomic=False) if connection.vendor == "postgresql" else _Editor() as editor:
        migration.take_over(Before(), editor)
    creative = Creative.objects.get()
    assert (creative.pk, creative.headline, creative.button, creative.active) == (417, "Apples", "Buy", True)
    taken = creative.campaign
    assert (taken.priority, taken.include, taken.starts_at, taken.ends_at) == (3, {"language": ["ru"]}, now, None)
    assert taken.advertiser.name == "House"
    assert book("New").pk > 417


class _Editor:
    """As much of a schema editor as the migration asks for; SQLite's own wants no transaction around it."""

    def __init__(self):
        self.connection = connection

    def __enter__(self):
        return self

    def __exit__(self, *error):
        pass

    def execute(self, statement):
        with connection.cursor() as cursor:
            cursor.execute(statement)


def test_a_goal_is_within_two_years(now):
    campaign = book("Bread", goal=10, starts_at=now, ends_at=now + timedelta(days=800)).campaign
    with pytest.raises(ValidationError, match="two years"):
        campaign.clean()
    campaign.goal = None
    campaign.clean()
