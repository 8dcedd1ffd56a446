"""Which advertisement stands where: rules as a table, dice that are fair, limits that hold."""

import random
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.utils import timezone

from articles.ads import choose as ads
from articles.ads import targeting
from articles.ads.models import Advertiser, Campaign, Creative
from articles.ads.snapshot import PAGES_MAX, Snapshot
from members.access import Audience
from members.habits import ADS_MAX, Habits, day_of
from members.models import User
from members.reader import Reader
from members.visit import Device, Subject, Visitor
from tests.ads.bookings import book, dice

pytestmark = pytest.mark.django_db

# A Tuesday, 14:30 in the newsroom's time zone.
NOW = datetime(2026, 11, 24, 14, 30, tzinfo=UTC)
INLINE, SECOND, TOP, END, ROW = ("inline", 1), ("inline", 2), ("top", 1), ("end", 1), ("row", 3)
STORY = Subject(7, "en", section=3, tags=frozenset({11, 12}))
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture(autouse=True)
def _now():
    with time_machine.travel(NOW, tick=False), timezone.override("UTC"):
        yield


def visitor(at=NOW, habits=None, **fields):
    if habits is True:
        habits = Habits(7, day_of(at))
    return Visitor(Reader.stranger(at), habits, **fields)


def names(slots, subject=STORY, who=None, snapshot=None, draw=random.random):
    chosen = ads.choose(slots, subject, who or visitor(), snapshot or Snapshot.load(NOW), draw)
    return [one and one.name for one in chosen]


def refused(slot=INLINE, subject=STORY, who=None):
    """The words that refuse the one creative that is booked."""
    (odds,) = ads.explain(slot, subject, who or visitor(), Snapshot.load(NOW))
    assert odds.chance == (0 if odds.refusals else 1)
    return [str(words) for words in odds.refusals]


def member():
    return Visitor(Reader(Audience.MEMBERS, NOW, user=User(email="leyla@example.com")))


# What is booked -> what refuses it on a page of STORY within a story, to a stranger with a computer; none: it is shown.
TABLE = {
    "nothing asked": ({}, []),
    "its section": ({"include": {"section": [3]}}, []),
    "one of several sections": ({"include": {"section": [2, 3]}}, []),
    "another section": ({"include": {"section": [2]}}, ["Meant for other sections"]),
    "one of its tags": ({"include": {"tag": [12, 13]}}, []),
    "other tags": ({"include": {"tag": [13, 14]}}, ["Meant for other tags"]),
    "section and tag": ({"include": {"section": [3], "tag": [11]}}, []),
    "section, and another tag": ({"include": {"section": [3], "tag": [13]}}, ["Meant for other tags"]),
    "this story": ({"include": {"article": [7]}}, []),
    "another story": ({"include": {"article": [8]}}, ["Meant for other stories"]),
    "its language": ({"include": {"language": ["en"]}}, []),
    "another language": ({"include": {"language": ["ru"]}}, ["Meant for another language"]),
    "its device": ({"include": {"device": ["desktop", "tablet"]}}, []),
    "another device": ({"include": {"device": ["mobile"]}}, ["Meant for other devices"]),
    "such readers": ({"include": {"audience": ["anonymous"]}}, []),
    "other readers": ({"include": {"audience": ["registered", "lapsed"]}}, ["Meant for other readers"]),
    "not its section": ({"exclude": {"section": [3]}}, ["Not for this section"]),
    "not another section": ({"exclude": {"section": [2]}}, []),
    "not a tag of it": ({"exclude": {"tag": [12]}}, ["Not for one of its tags"]),
    "not this story": ({"exclude": {"article": [7]}}, ["Not for this story"]),
    "not this language": ({"exclude": {"language": ["en"]}}, ["Not for this language"]),
    "not this device": ({"exclude": {"device": ["desktop"]}}, ["Not for this device"]),
    "not such readers": ({"exclude": {"audience": ["anonymous"]}}, ["Not for such readers"]),
    "in and out: out wins": ({"include": {"tag": [11]}, "exclude": {"tag": [12]}}, ["Not for one of its tags"]),
    "in by section, out by story": (
        {"include": {"section": [3]}, "exclude": {"article": [7]}},
        ["Not for this story"],
    ),
    "this kind of place": ({"placements": ["inline"]}, []),
    "this very place": ({"placements": ["inline1"]}, []),
    "the second place": ({"placements": ["inline2"]}, ["Booked for other places"]),
    "other places": ({"placements": ["top", "row2"]}, ["Booked for other places"]),
    "a size that fits": ({"kind": "html", "width": 300, "height": 250}, []),
    "a size that does not": ({"kind": "html", "width": 970, "height": 90}, ["Its size does not fit this place"]),
    "paused": ({"paused": True}, ["Paused"]),
    "from now on": ({"starts_at": NOW}, []),
    "later": ({"starts_at": NOW + timedelta(microseconds=1)}, ["Begins later"]),
    "until a moment from now": ({"ends_at": NOW + timedelta(microseconds=1)}, []),
    "at this hour": ({"hour_from": 14, "hour_until": 15}, []),
    "until this hour": ({"hour_from": 10, "hour_until": 14}, ["Runs at other hours"]),
    "on this day": ({"weekdays": [1]}, []),
    "on other days": ({"weekdays": [0, 2]}, ["Runs at other hours"]),
    "by night": ({"hour_from": 22, "hour_until": 4}, ["Runs at other hours"]),
    "through the night into the afternoon": ({"hour_from": 22, "hour_until": 15}, []),
    "that of the day before": ({"hour_from": 22, "hour_until": 15, "weekdays": [0]}, []),
    "that of this day": ({"hour_from": 22, "hour_until": 15, "weekdays": [1]}, ["Runs at other hours"]),
    "a limit where nothing can be counted": ({"cap": 2}, ["Its limit a day cannot be kept count of here"]),
    "two reasons": (
        {"include": {"section": [2]}, "placements": ["top"]},
        ["Booked for other places", "Meant for other sections"],
    ),
}


@pytest.mark.parametrize("case", TABLE)
def test_what_is_booked_meets_page_reader_and_moment(case):
    fields, reasons = TABLE[case]
    book("Bread", **fields)
    assert refused() == reasons
    assert names([INLINE]) == [None if reasons else "Bread"]


def test_a_campaign_that_is_over_or_a_draft_or_without_creatives_is_not_even_held():
    book("Over", ends_at=NOW - timedelta(microseconds=1))
    book("Draft", starts_at=None)
    book("Off", active=False)
    assert Snapshot.load(NOW).bookings == ()
    assert names([INLINE]) == [None]


def test_a_page_without_advertisements_gets_none_and_says_so():
    book("Bread")
    bare = Subject(7, "en", ads=False)
    assert names([INLINE, TOP], bare) == [None, None]
    assert refused(subject=bare) == ["This page shows no advertisements"]


def test_a_list_has_no_story_and_no_section_of_its_own():
    book("Bread", include={"article": [7]})
    assert refused(ROW, Subject(None, "en")) == ["Meant for other stories"]


def test_readers_are_told_apart_by_what_they_are_to_the_paper():
    book("Bread", include={"audience": ["member"]})
    assert refused() == ["Meant for other readers"]
    assert refused(who=member()) == []
    assert refused(who=visitor(device=Device.MOBILE)) == ["Meant for other readers"]


def test_one_snapshot_serves_every_moment():
    book("Morning", starts_at=NOW - 3 * HOUR, ends_at=NOW - HOUR / 2)
    snapshot = Snapshot.load(NOW - HOUR)
    book("Evening", starts_at=NOW + HOUR, ends_at=NOW + 2 * HOUR)
    snapshot = Snapshot.load(NOW - HOUR)
    for hours, shown in (
        (-1, "Morning"),
        (-0.5, None),
        (0, None),
        (1, "Evening"),
        (2, None),
        (1.5, "Evening"),
        (-1, "Morning"),
    ):
        at = NOW + hours * HOUR
        assert names([INLINE], who=visitor(at), snapshot=snapshot) == [shown], hours


def test_hours_begin_and_end_without_anybody_saying_so():
    book("Lunch", hour_from=12, hour_until=15)
    snapshot = Snapshot.load(NOW)
    for minutes, shown in ((0, "Lunch"), (29, "Lunch"), (30, None), (31, None), (29, "Lunch")):
        assert names([INLINE], who=visitor(NOW + timedelta(minutes=minutes)), snapshot=snapshot) == [shown], minutes


def test_the_first_priority_that_has_anything_takes_the_place():
    book("House", priority=3)
    assert names([INLINE]) == ["House"]
    book("Standard", priority=2, weight=1)
    book("Sponsor", priority=1, weight=1, include={"section": [4]})
    for _throw in range(20):
        assert names([INLINE]) == ["Standard"]
    assert names([INLINE], Subject(7, "en", section=4)) == ["Sponsor"]


def test_what_one_place_took_leaves_the_next_to_others():
    for name, priority in (("Sponsor", 1), ("Standard", 2), ("House", 3)):
        book(name, priority=priority)
    assert names([INLINE, SECOND, TOP, END]) == ["Sponsor", "Standard", "House", None]


def test_dice_fall_by_weight():
    weights = {"One": 10, "Two": 20, "Three": 70}
    for name, weight in weights.items():
        book(name, weight=weight)
    snapshot, thrown = Snapshot.load(NOW), dice(6)
    who = visitor()
    counted = Counter(names([INLINE], who=who, snapshot=snapshot, draw=thrown.random)[0] for _throw in range(100_000))
    for name, weight in weights.items():
        assert abs(counted[name] / 100_000 - weight / 100) < 0.01


def test_a_campaigns_weight_is_shared_among_its_creatives():
    first = book("Bread", weight=30)
    Creative.objects.create(campaign=first.campaign, name="Rolls", headline="Rolls", url="/join/")
    book("Nails", weight=10)
    odds = {one.creative.name: one.chance for one in ads.explain(INLINE, STORY, visitor(), Snapshot.load(NOW))}
    assert odds == {"Bread": 0.375, "Rolls": 0.375, "Nails": 0.25}


def test_what_does_not_fit_a_place_takes_no_share_of_the_weight_there():
    first = book("Bread", weight=10)
    Creative.objects.create(campaign=first.campaign, name="Rolls", kind="html", width=970, height=250, html="<p>x</p>")
    book("Nails", weight=10)
    odds = {one.creative.name: one.chance for one in ads.explain(("row", 1), STORY, visitor(), Snapshot.load(NOW))}
    assert odds == {"Bread": 0.5, "Rolls": 0.0, "Nails": 0.5}


def test_no_creative_stands_twice_on_a_page():
    for name in "ab":
        book(name)
    for seed in range(50):
        assert sorted(filter(None, names([INLINE, SECOND, TOP, END], draw=dice(seed).random))) == ["a", "b"]


def test_competitors_do_not_meet_on_a_page():
    for name in ("First bank", "Second bank"):
        advertiser = Advertiser.objects.create(name=name, exclusion_group=" Banks")
        book(name, advertiser=advertiser)
    book("Third bank", exclusion_group="banks")
    book("Bread")
    for seed in range(60):
        shown = names([INLINE, SECOND, TOP], draw=dice(seed).random)
        assert sorted(bool(name) and "bank" in name for name in shown) == [False, False, True]
        assert "Bread" in shown


def test_a_campaigns_own_word_for_competitors_comes_before_its_advertisers():
    advertiser = Advertiser.objects.create(name="A bank", exclusion_group="banks")
    book("Loans", advertiser=advertiser)
    book("Jobs", advertiser=advertiser, exclusion_group="jobs")
    assert sorted(names([INLINE, SECOND])) == ["Jobs", "Loans"]


def test_a_limit_a_day_is_never_broken():
    """A week of a browser that opens many pages a day, each with four places."""
    capped = book("Bread", cap=3, weight=100)
    Creative.objects.create(campaign=capped.campaign, name="Rolls", headline="Rolls", url="/join/")
    book("House", priority=3)
    snapshot, thrown = Snapshot.load(NOW), dice(1)
    for day in range(7):
        at = NOW + day * DAY
        habits = Habits(7, day_of(at))
        seen = 0
        for _page in range(thrown.randrange(1, 9)):
            chosen = ads.choose([INLINE, SECOND, TOP, END], STORY, visitor(at, habits), snapshot, thrown.random)
            for one in filter(None, chosen):
                if one.campaign_id in snapshot.caps:
                    habits.note_ad(one.campaign_id)
                    seen += 1
        assert seen <= 3
        assert habits.ads[capped.campaign_id] == seen


def test_a_limit_that_is_reached_is_said():
    bread = book("Bread", cap=2)
    who = visitor(habits=True)
    assert refused(who=who) == []
    who.habits.ads = {bread.campaign_id: 2}
    assert refused(who=who) == ["Shown to this browser as often today as it may be"]
    assert names([INLINE], who=who) == [None]


def test_where_the_cookie_is_full_no_further_campaign_with_a_limit_is_shown():
    known = book("Known", cap=5)
    who = visitor(habits=True)
    who.habits.ads = dict.fromkeys(range(1000, 1000 + ADS_MAX - 1), 1) | {known.campaign_id: 1}
    Campaign.objects.filter(pk=known.campaign_id).update(paused=True)
    book("New", cap=5)
    snapshot = Snapshot.load(NOW)
    assert names([INLINE], who=who, snapshot=snapshot) == [None]
    said = {one.creative.name: list(map(str, one.refusals)) for one in ads.explain(INLINE, STORY, who, snapshot)}
    assert said == {"Known": ["Paused"], "New": ["The reader’s cookie has no room to count another campaign"]}
    Campaign.objects.filter(pk=known.campaign_id).update(paused=False)
    assert names([INLINE], who=who) == ["Known"]


def test_one_page_does_not_take_more_room_than_there_is():
    for number in range(4):
        book(f"Ad {number}", cap=5)
    who = visitor(habits=True)
    who.habits.ads = dict.fromkeys(range(1000, 1000 + ADS_MAX - 2), 1)
    assert [bool(name) for name in names([INLINE, SECOND, TOP, END], who=who)] == [True, True, False, False]


def test_choosing_changes_nothing_in_the_readers_cookie():
    book("Bread", cap=2)
    who = visitor(habits=True)
    names([INLINE], who=who)
    assert (who.habits.ads, who.habits.changed) == ({}, False)


def test_choosing_asks_the_database_nothing(django_assert_num_queries):
    bread = book("Bread", include={"section": [3], "audience": ["anonymous"]}, goal=10, ends_at=NOW + DAY)
    assert bread.pk
    snapshot = Snapshot.load(NOW)
    with django_assert_num_queries(0):
        names([INLINE, TOP], snapshot=snapshot)
        ads.explain(INLINE, STORY, visitor(), snapshot)


def test_loading_takes_one_query_and_two_more_where_there_are_goals(django_assert_num_queries):
    for name in "abc":
        book(name)
    with django_assert_num_queries(1):
        assert len(Snapshot.load(NOW).creatives) == 3
    book("Goal", goal=10, ends_at=NOW + DAY)
    with django_assert_num_queries(5):
        Snapshot.load(NOW)


def test_a_snapshot_remembers_no_more_pages_than_it_may():
    book("Bread")
    snapshot = Snapshot.load(NOW)
    for story in range(PAGES_MAX + 10):
        names([INLINE], Subject(story, "en"), snapshot=snapshot)
    assert len(snapshot._period.pages) == 10


def test_explain_says_what_choose_does():
    """Random campaigns, pages and readers: what is chosen has a chance, in about that part of throws, and what has none
    is never chosen."""
    thrown = dice(4)
    for number in range(30):
        book(f"Ad {number}", **_random_fields(thrown))
    snapshot = Snapshot.load(NOW)
    for _page in range(25):
        subject = Subject(
            thrown.randrange(3), "en", section=thrown.randrange(3), tags=frozenset(thrown.sample(range(4), 2))
        )
        who = visitor(habits=thrown.choice([True, None]), device=thrown.choice(list(Device)))
        if who.habits:
            who.habits.ads = {one.campaign: 1 for one in thrown.sample(snapshot.bookings, 5)}
        slot = thrown.choice([INLINE, TOP, END, ROW])
        odds = ads.explain(slot, subject, who, snapshot)
        chances = {one.creative.pk: one.chance for one in odds if one.chance}
        assert not any(one.refusals for one in odds if one.chance)
        assert all(one.refusals for one in odds if not one.chance)
        found = Counter()
        for _throw in range(600):
            (one,) = ads.choose([slot], subject, who, snapshot, thrown.random)
            found[one and one.pk] += 1
        assert set(found) == (set(chances) or {None}) or set(found) < set(chances)
        assert sum(chances.values()) == pytest.approx(1 if chances else 0)
        for pk, chance in chances.items():
            assert abs(found[pk] / 600 - chance) < 0.1


def _random_fields(thrown):
    fields = {"priority": thrown.choice([1, 2, 2, 3]), "weight": thrown.randrange(1, 50)}
    for side in ("include", "exclude"):
        if thrown.random() < 0.4:
            kind = thrown.choice(["section", "tag", "article"])
            fields[side] = {kind: thrown.sample(range(4), 2)}
    if thrown.random() < 0.3:
        fields["cap"] = thrown.choice([1, 2])
    if thrown.random() < 0.3:
        fields["placements"] = [thrown.choice(["inline", "top", "end"])]
    if thrown.random() < 0.3:
        fields["include"] = fields.get("include", {}) | {"device": [thrown.choice(list(Device)).value]}
    return fields


APART = [
    ({"section": [1]}, {}, {"section": [2]}, {}, True),
    ({"section": [1, 2]}, {}, {"section": [2]}, {}, False),
    ({"tag": [1]}, {}, {"tag": [2]}, {}, False),
    ({"device": ["mobile"]}, {}, {"device": ["desktop"]}, {}, True),
    ({}, {"section": [1]}, {"section": [1]}, {}, True),
    ({"section": [1]}, {}, {}, {"section": [1, 3]}, True),
    ({"section": [1, 2]}, {}, {}, {"section": [1]}, False),
    ({}, {}, {}, {}, False),
]


@pytest.mark.parametrize(("include", "exclude", "other_include", "other_exclude", "apart"), APART)
def test_campaigns_that_can_never_meet_are_told(include, exclude, other_include, other_exclude, apart):
    assert targeting.apart((include, exclude), (other_include, other_exclude)) == apart


def test_the_newsrooms_own_zone_says_which_hour_it_is():
    with timezone.override("Asia/Tbilisi"):
        book("Evening", hour_from=18, hour_until=19)
        assert names([INLINE]) == ["Evening"], "14:30 UTC is 18:30 there"
