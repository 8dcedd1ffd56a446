"""Which campaign is shown to whom: every rule by a table, the order, and that choosing and explaining are one."""

from dataclasses import replace

import pytest
from django.utils.translation import override
from hypothesis import given, settings
from hypothesis import strategies as st

from members.prompts.choose import CARD, choose, explain
from members.prompts.rules import OF_PAGES, OF_VISITS, Fit
from members.visit import State
from tests.prompts.campaigns import BREAD, CITY, DAMS, DAY, NOW, PAGE, VALLEY, WATER, campaign, running, visitor


def refusals(one, page=PAGE, who=None, price=None):
    """Why a campaign is not shown, in English."""
    told = explain(page, who or visitor(), running(one, price=price), NOW)
    with override("en"):
        return [str(words) for words in next(verdict.refusals for verdict in told if verdict.campaign == one.pk)]


SENSITIVE = replace(PAGE, sensitive=True)
A_LIST = replace(PAGE, story=None, section=None, tags=frozenset(), prompts=())
SILENT = {"remembers": False}

# The campaign's fields -> page, who looks, and the only reason why it is not shown ("": it is).
RULES = [
    ({}, PAGE, {}, ""),
    ({"status": "draft"}, PAGE, {}, "does not run"),
    ({"status": "paused"}, PAGE, {}, "does not run"),
    ({"variants": {1: 0}}, PAGE, {}, "no words"),
    ({"language": "ru"}, PAGE, {}, "another language"),
    ({"starts_at": NOW}, PAGE, {}, ""),
    ({"starts_at": NOW + DAY}, PAGE, {}, "not started"),
    ({"ends_at": NOW}, PAGE, {}, "has ended"),
    ({"ends_at": NOW + DAY}, PAGE, {}, ""),
    ({}, SENSITIVE, {}, "sensitive"),
    ({"sensitive_ok": True}, SENSITIVE, {}, ""),
    # By stories, tags, sections, kinds: any of one kind will do, all kinds must fit, what is left out wins.
    ({"by_story": True}, PAGE, {}, "other stories by name"),
    ({"pk": 5, "by_story": True}, PAGE, {}, ""),
    ({"pk": 5, "by_story": True}, A_LIST, {}, "other stories by name"),
    ({"exclude": {"story": [7]}}, PAGE, {}, "this story out"),
    ({"exclude": {"story": [8]}}, PAGE, {}, ""),
    ({"exclude": {"story": [7]}}, A_LIST, {}, ""),
    ({"include": {"tag": [WATER, BREAD]}}, PAGE, {}, ""),
    ({"include": {"tag": [BREAD]}}, PAGE, {}, "none of its tags"),
    ({"include": {"tag": []}}, PAGE, {}, ""),
    ({"exclude": {"tag": [BREAD]}}, PAGE, {}, ""),
    ({"exclude": {"tag": [BREAD, DAMS]}}, PAGE, {}, "leaves out a tag"),
    ({"include": {"tag": [WATER]}, "exclude": {"tag": [WATER]}}, PAGE, {}, "leaves out a tag"),
    ({"include": {"tag": [WATER]}, "exclude": {"tag": [DAMS]}}, PAGE, {}, "leaves out a tag"),
    ({"include": {"section": [CITY]}}, PAGE, {}, ""),
    ({"include": {"section": [VALLEY]}}, PAGE, {}, "other sections"),
    ({"include": {"section": [CITY]}}, A_LIST, {}, "other sections"),
    ({"exclude": {"section": [CITY]}}, PAGE, {}, "this section out"),
    ({"include": {"tag": [WATER], "section": [VALLEY]}}, PAGE, {}, "other sections"),
    ({"include": {"tag": [BREAD], "section": [CITY]}}, PAGE, {}, "none of its tags"),
    ({"include": {"tag": [WATER], "section": [VALLEY, CITY]}}, PAGE, {}, ""),
    ({"pk": 5, "by_story": True, "include": {"tag": [BREAD]}}, PAGE, {}, "none of its tags"),
    ({"include": {"kind": ["audio", "free"]}}, PAGE, {}, ""),
    ({"include": {"kind": ["free"]}}, PAGE, {}, "other kinds"),
    ({"exclude": {"kind": ["audio"]}}, PAGE, {}, "stories of this kind"),
    ({"include": {"kind": ["gated"]}, "exclude": {"kind": ["audio"]}}, PAGE, {}, "stories of this kind"),
    # By who looks.
    ({"include": {"country": ["GE"]}}, PAGE, {"country": "GE"}, ""),
    ({"include": {"country": ["GE"]}}, PAGE, {"country": "AM"}, "other countries"),
    ({"include": {"country": ["GE"]}}, PAGE, {"country": ""}, "other countries"),
    ({"exclude": {"country": ["AM"]}}, PAGE, {"country": "AM"}, "other countries"),
    ({"exclude": {"country": ["AM"]}}, PAGE, {"country": ""}, ""),
    ({"include": {"country": ["GE"]}, "exclude": {"country": ["GE"]}}, PAGE, {"country": "GE"}, "other countries"),
    ({"include": {"device": ["mobile"]}}, PAGE, {"device": "tablet"}, "other devices"),
    ({"exclude": {"device": ["tablet"]}}, PAGE, {"device": "tablet"}, "other devices"),
    ({"include": {"device": ["tablet"]}}, PAGE, {"device": "tablet"}, ""),
    ({"include": {"referrer": ["search"]}}, PAGE, {"referrer": "own"}, "from elsewhere"),
    ({"include": {"referrer": ["search"]}}, PAGE, {"referrer": "search"}, ""),
    ({"exclude": {"referrer": ["search"]}}, PAGE, {"referrer": "search"}, "from elsewhere"),
    # By what they are to the newsroom.
    ({}, PAGE, {"state": State.REGISTERED}, ""),
    ({}, PAGE, {"state": State.LAPSED}, ""),
    ({}, PAGE, {"state": State.MEMBER}, "never asked"),
    ({}, PAGE, {"state": State.PAST_DUE}, "behind with a payment"),
    ({"states": ["past_due"]}, PAGE, {"state": State.PAST_DUE}, ""),
    ({"states": ["past_due", "lapsed"]}, PAGE, {}, "other readers"),
    ({"states": ["lapsed", "registered"]}, PAGE, {"state": State.LAPSED}, ""),
    ({"states": ["anonymous"]}, PAGE, {"state": State.REGISTERED}, "other readers"),
    # By what the browser remembers.
    ({}, PAGE, {"quiet": True}, "no prompt just now"),
    ({"frequency": True, "from_view": 1, "views_max": 2}, PAGE, {"views": {1: 1}}, ""),
    ({"frequency": True, "from_view": 1, "views_max": 2}, PAGE, {"views": {1: 2}}, "as often as it may"),
    ({"frequency": True, "from_view": 1, "views_max": 2}, PAGE, {"views": {2: 2}}, ""),
    ({"frequency": False, "views_max": 2}, PAGE, {"views": {1: 6}}, ""),
    ({"frequency": True}, PAGE, {"reads": 1}, "not read enough"),
    ({"frequency": True}, PAGE, {"reads": 2}, ""),
    ({"frequency": False, "from_view": 5}, PAGE, {"reads": 1}, ""),
    ({"reads_min": 3}, PAGE, {"reads": 2}, "too few stories lately"),
    ({"reads_min": 3}, PAGE, {"reads": 3}, ""),
    ({"reads_max": 3}, PAGE, {"reads": 4}, "too many"),
    ({"reads_max": 3}, PAGE, {"reads": 3}, ""),
    ({"reads_max": 0}, PAGE, {"reads": 1}, "too many"),
    ({"read_tag": WATER, "read_tag_min": 2}, PAGE, {"tags": {WATER: 1, DAMS: 5}}, "with its tag"),
    ({"read_tag": WATER, "read_tag_min": 2}, PAGE, {"tags": {WATER: 2}}, ""),
    ({"walls_min": 1}, PAGE, {}, "few walls"),
    ({"walls_min": 1}, PAGE, {"walls": 1}, ""),
    # Where nothing may be remembered.
    ({"frequency": True, "from_view": 3}, PAGE, SILENT, ""),
    *[
        (fields, PAGE, SILENT, "may remember nothing")
        for fields in (
            {"reads_min": 1}, {"reads_max": 9}, {"read_tag": WATER}, {"walls_min": 1}, {"holdback": 10},
            {"variants": {1: (1, "You read {articles_read}.")}},
        )
    ],
    # Several at once are all told.
    ({"language": "ru", "include": {"country": ["GE"]}}, PAGE, {"state": State.MEMBER}, "language|never asked|countries"),
]  # fmt: skip


@pytest.mark.parametrize(("fields", "page", "who", "why"), RULES)
def test_each_rule_says_why_it_refuses(fields, page, who, why):
    one, who = campaign(**fields), visitor(**who)
    told, expected = refusals(one, page, who), why.split("|") if why else []
    assert len(told) == len(expected)
    assert all(part in words for part, words in zip(expected, told, strict=True))
    chosen = choose(page, who, running(one), NOW)
    assert (chosen is not None and chosen.campaign == one.pk) is (not why)


def test_every_rule_stands_in_the_table():
    told = set()
    for fields, page, who, _why in RULES:
        told |= set(refusals(campaign(**fields), page, visitor(**who)))
    with override("en"):
        unproven = {str(rule.words) for rule in (*OF_PAGES, *OF_VISITS)} - told
    assert unproven == {"Its words name a price, and nothing is sold by the month."}


def test_words_that_name_a_price_wait_for_one():
    one = campaign(variants={1: (1, "For {plan_price}.")})
    assert refusals(one) == ["Its words name a price, and nothing is sold by the month."]
    assert refusals(one, price=object()) == []


STORY, TAG, SECTION, DEFAULT = (
    {"pk": 5, "by_story": True},
    {"include": {"tag": [WATER]}},
    {"include": {"section": [CITY]}},
    {},
)
# Who goes first -> who goes second, by their fields.
BEFORE = [
    (STORY | {"priority": 1}, TAG | {"pk": 9, "priority": 99}),
    (TAG | {"priority": 1}, SECTION | {"pk": 9, "priority": 99}),
    (SECTION | {"priority": 1}, DEFAULT | {"pk": 9, "priority": 99}),
    ({"include": {"tag": [WATER], "section": [CITY]}, "priority": 1}, SECTION | {"pk": 9, "priority": 99}),
    (DEFAULT | {"priority": 2}, DEFAULT | {"pk": 9, "priority": 1}),
    (TAG | {"priority": 2}, TAG | {"pk": 9, "priority": 1}),
    (DEFAULT | {"pk": 9}, DEFAULT | {"pk": 8}),
    # What reader and kind are it is meant for does not raise it.
    (DEFAULT | {"pk": 9}, {"pk": 8, "include": {"kind": ["gated"], "device": ["desktop"]}}),
]


@pytest.mark.parametrize(("first", "second"), BEFORE)
def test_the_most_fitting_goes_first_then_the_highest_then_the_newest(first, second):
    for order in ((first, second), (second, first)):
        now = running(*(campaign(**fields) for fields in order))
        assert choose(PAGE, visitor(), now, NOW).campaign == first.get("pk", 1)
        told = [verdict.campaign for verdict in explain(PAGE, visitor(), now, NOW)]
        assert told == [first.get("pk", 1), second["pk"], CARD]


def test_where_the_first_refuses_the_second_stands_in():
    now = running(campaign(1, priority=20, walls_min=1), campaign(2))
    assert choose(PAGE, visitor(), now, NOW).campaign == 2
    assert choose(PAGE, visitor(walls=1), now, NOW).campaign == 1


def test_a_campaign_stands_where_it_says():
    for place, after, told in (("top", 3, 0), ("after", 4, 4), ("end", 3, 0), ("bar", 3, 0)):
        chosen = choose(PAGE, visitor(), running(campaign(place=place, after=after)), NOW)
        assert (chosen.place, chosen.after) == (place, told)


@pytest.mark.parametrize("place", ["top", "after", "end", "bar"])
def test_where_nothing_may_be_remembered_a_prompt_stands_at_the_end(place):
    chosen = choose(PAGE, visitor(remembers=False), running(campaign(place=place)), NOW)
    assert (chosen.place, chosen.after, chosen.held) == ("end", 0, False)


def test_where_nothing_may_be_remembered_the_heaviest_wording_is_shown():
    now = running(campaign(variants={1: 3, 2: 7, 3: 7}))
    assert choose(PAGE, visitor(remembers=False), now, NOW).variant == 2


def test_who_is_held_back_sees_no_other_prompt_either():
    first, second = campaign(1, priority=20, holdback=50, variants={10: 1}), campaign(2)
    held = first.by_bucket.index(None)
    chosen = choose(PAGE, visitor(bucket=held), running(first, second), NOW)
    assert (chosen.campaign, chosen.variant, chosen.held) == (1, None, True)
    verdict = explain(PAGE, visitor(bucket=held), running(first, second), NOW)[0]
    assert (verdict.campaign, verdict.refusals, verdict.variant) == (1, [], None)
    asked = first.by_bucket.index(10)
    assert choose(PAGE, visitor(bucket=asked), running(first, second), NOW).variant == 10


def test_who_is_behind_with_a_payment_is_asked_to_update_the_card():
    who = visitor(State.PAST_DUE)
    chosen = choose(PAGE, who, running(campaign(priority=99)), NOW)
    assert (chosen.campaign, chosen.variant, chosen.place) == (CARD, CARD, "end")
    own = running(campaign(2, states=["past_due"]))
    assert choose(PAGE, who, own, NOW).campaign == 2
    assert choose(PAGE, visitor(State.PAST_DUE, quiet=True), running(), NOW) is None
    assert choose(SENSITIVE, who, running(), NOW) is None
    for state in set(State) - {State.PAST_DUE}:
        assert choose(PAGE, visitor(state), running(), NOW) is None


def test_the_tag_that_is_told_is_the_one_that_fitted():
    names = {str(WATER): "Water", str(DAMS): "Dams", str(BREAD): "Bread"}
    for tags, told in (([BREAD, DAMS, WATER], "Dams"), ([WATER], "Water")):
        one = campaign(include={"tag": tags}, tag_names=names)
        assert choose(PAGE, visitor(), running(one), NOW).tag == told
    assert choose(PAGE, visitor(), running(campaign()), NOW).tag == ""


def test_the_snapshot_says_what_layout_and_cookie_need():
    many = running(
        campaign(1, place="top"),
        campaign(2, place="after", after=5, status="paused", read_tag=DAMS),
        campaign(3, place="after", after=9, ends_at=NOW),
        campaign(4, place="bar", read_tag=WATER),
    )
    assert many.places == {0, 5, -1}
    assert many.asked_tags == {WATER}
    assert many.remembers
    assert running().places == {-1}
    for fields, remembers in (
        ({}, False), ({"frequency": True}, True), ({"holdback": 1}, True), ({"variants": {1: 1, 2: 1}}, True),
        ({"reads_max": 3}, True), ({"frequency": True, "status": "paused"}, False),
        ({"frequency": True, "ends_at": NOW}, False),
    ):  # fmt: skip
        assert running(campaign(**fields)).remembers is remembers


def test_a_page_is_looked_through_once_and_no_more_pages_are_remembered_than_fit():
    now = running(campaign(1), campaign(2, language="ru"))
    for _visit in range(3):
        choose(PAGE, visitor(), now, NOW)
    assert now.fitting.cache_info().misses == 1
    assert now.fitting.cache_info().maxsize == 4096
    assert [one.pk for one in now.fitting(PAGE, State.ANONYMOUS)] == [1]
    assert [one.pk for one in now.fitting(PAGE, State.PAST_DUE)] == [CARD]


IDS = st.lists(st.integers(1, 4), max_size=3, unique=True)
AIMS = st.fixed_dictionaries(
    {},
    optional={
        "tag": IDS,
        "section": IDS,
        "kind": st.lists(st.sampled_from(["free", "gated", "audio"]), max_size=2, unique=True),
        "country": st.lists(st.sampled_from(["GE", "AM"]), max_size=2, unique=True),
        "device": st.lists(st.sampled_from(["mobile", "tablet", "desktop"]), max_size=2, unique=True),
        "referrer": st.lists(st.sampled_from(["direct", "own", "search"]), max_size=2, unique=True),
    },
)
STATES = [state.value for state in State if state is not State.MEMBER]
CAMPAIGNS = st.fixed_dictionaries(
    {},
    optional={
        "status": st.sampled_from(["running", "running", "running", "paused", "draft"]),
        "priority": st.integers(1, 3),
        "language": st.sampled_from(["en", "en", "ru"]),
        "starts_at": st.sampled_from([None, NOW - DAY, NOW + DAY]),
        "ends_at": st.sampled_from([None, NOW, NOW + DAY]),
        "sensitive_ok": st.booleans(),
        "by_story": st.booleans(),
        "include": AIMS,
        "exclude": AIMS,
        "states": st.lists(st.sampled_from(STATES), max_size=3, unique=True),
        "reads_min": st.integers(0, 4),
        "reads_max": st.none() | st.integers(0, 4),
        "read_tag": st.none() | st.integers(1, 4),
        "walls_min": st.integers(0, 2),
        "frequency": st.booleans(),
        "views_max": st.integers(1, 3),
        "from_view": st.integers(1, 3),
        "holdback": st.sampled_from([0, 0, 20, 50]),
        "place": st.sampled_from(["top", "after", "end", "bar"]),
        "variants": st.sampled_from([{1: 1}, {1: 1, 2: 2}, {1: 0}, {1: (1, "{articles_read}")}]),
    },
)
PAGES = st.builds(
    lambda tags, section, kinds, sensitive, prompts, story: replace(
        PAGE, story=story, tags=frozenset(tags), section=section, kinds=frozenset(kinds), sensitive=sensitive,
        prompts=tuple(prompts),
    ),
    IDS, st.none() | st.integers(1, 4), st.sets(st.sampled_from(["free", "gated", "audio"])), st.booleans(), IDS,
    st.none() | st.integers(1, 4),
)  # fmt: skip
VISITORS = st.builds(
    visitor,
    state=st.sampled_from(list(State)),
    remembers=st.booleans(),
    country=st.sampled_from(["", "GE", "AM"]),
    device=st.sampled_from(["mobile", "tablet", "desktop"]),
    referrer=st.sampled_from(["direct", "own", "search"]),
    bucket=st.integers(0, 999),
    reads=st.integers(0, 5),
    walls=st.integers(0, 2),
    tags=st.dictionaries(st.integers(1, 4), st.integers(1, 3), max_size=3),
    views=st.dictionaries(st.integers(1, 6), st.integers(1, 4), max_size=3),
    quiet=st.sampled_from([False, False, False, True]),
)


@settings(max_examples=300, deadline=None)
@given(st.lists(CAMPAIGNS, max_size=6), PAGES, VISITORS)
def test_to_choose_is_the_first_that_to_explain_does_not_refuse(many, page, who):
    now = running(*(campaign(pk, **fields) for pk, fields in enumerate(many, 1)))
    told = explain(page, who, now, NOW)
    assert sorted(verdict.campaign for verdict in told) == list(range(len(many) + 1))
    first = next((verdict for verdict in told if not verdict.refusals), None)
    chosen = choose(page, who, now, NOW)
    if first is None:
        assert chosen is None
    else:
        assert (chosen.campaign, chosen.variant, chosen.place) == (first.campaign, first.variant, first.place)
        assert chosen.held is (chosen.variant is None)
    if who.state == State.MEMBER:
        assert chosen is None
    if who.habits is None and chosen:
        assert chosen.place == "end"


def test_the_order_is_told_with_its_reason():
    now = running(
        campaign(5, by_story=True), campaign(2, include={"tag": [DAMS]}), campaign(3, include={"section": [CITY]})
    )
    told = [verdict.fit for verdict in explain(PAGE, visitor(), now, NOW)]
    assert told == [Fit.STORY, Fit.TAG, Fit.SECTION, Fit.CARD]
