"""The one decision, over the whole product of terms and readers."""

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from members.access import Access, Audience, Reason, Terms, Wall, decide, is_free
from members.reader import Reader
from members.standing import Rank

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
SOON, LATELY = NOW + timedelta(seconds=1), NOW - timedelta(seconds=1)
LOW, HIGH, OTHER = Rank(1, 10), Rank(2, 20), Rank(3, 10)
KEY = "article:1"


class Meter:
    """As a reader's: how many are left, whether this piece was opened, whether this load may spend, and whether the
    network has spent its day."""

    def __init__(self, left, opened, may_spend, is_crowded=False):
        self.left, self.opened, self.may_spend, self.is_crowded = left, opened, may_spend, is_crowded

    def holds(self, key):
        return self.opened and key == KEY


TERMS = [
    Terms(KEY, audience, frozenset(plans), early, metered)
    for audience, plans, early, metered in product(
        Audience, [(), (LOW,), (HIGH,), (LOW, OTHER)], [None, LATELY, NOW, SOON], [False, True]
    )
]
METERS = [None, *(Meter(*told) for told in product([0, 1, 9], [False, True], [False, True], [False, True]))]
# What an account holds: (level, plans, owes).
HELD = [
    (Audience.EVERYONE, (), False),
    (Audience.REGISTERED, (), False),
    (Audience.REGISTERED, (), True),
    (Audience.MEMBERS, (), False),
    (Audience.MEMBERS, (LOW,), False),
    (Audience.MEMBERS, (HIGH,), False),
    (Audience.MEMBERS, (OTHER,), False),
]
# desk, open house, crawler, given this piece, given another
BESIDES = [
    {},
    {"desk": True},
    {"open_house": True},
    {"crawler": True},
    {"gifts": frozenset({KEY})},
    {"gifts": frozenset({"article:2"})},
    {"desk": True, "open_house": True, "crawler": True, "gifts": frozenset({KEY})},
]
READERS = [
    Reader(level, NOW, plans=frozenset(plans), owes=owes, meter=meter, **besides)
    for (level, plans, owes), meter, besides in product(HELD, METERS, BESIDES)
]


def wall_naively(terms, reader):
    """The rules once more, in other words: which wall stands in the way, None for none, "one" for one of the free
    articles that has to be spent."""
    if reader.desk or reader.open_house or reader.crawler or KEY in reader.gifts:
        return None
    member = reader.level == Audience.MEMBERS
    if terms.plans:
        enough = {rank for rank in (LOW, HIGH, OTHER) if rank in terms.plans}
        if HIGH in reader.plans or enough & reader.plans:
            return None
        return Wall.PAY if reader.owes else Wall.UPGRADE if member else Wall.JOIN
    if member:
        return None
    if terms.early_until == SOON:
        return Wall.PAY if reader.owes else Wall.JOIN if terms.audience == Audience.MEMBERS else Wall.WAIT
    if terms.audience == Audience.MEMBERS:
        return Wall.PAY if reader.owes else Wall.JOIN
    if terms.audience == Audience.REGISTERED and reader.level == Audience.EVERYONE:
        return Wall.REGISTER
    if terms.metered and reader.meter and not reader.meter.opened:
        closed = reader.meter.is_crowded or not reader.meter.may_spend
        return Wall.METER if closed or not reader.meter.left else "one"
    return None


def test_every_reader_gets_what_the_rules_say():
    for terms in TERMS:
        for reader in READERS:
            access, wall = decide(terms, reader, NOW), wall_naively(terms, reader)
            if wall == "one":
                assert access == Access(True, Reason.METERED, spends=True), (terms, reader)
            else:
                assert (access.wall, access.allowed, access.spends) == (wall, wall is None, False), (terms, reader)


def test_to_decide_writes_nothing_and_says_the_same_again():
    for terms in TERMS[::7]:
        for reader in READERS[::11]:
            assert decide(terms, reader, NOW) == decide(terms, reader, NOW)


def test_what_asks_nothing_is_open_to_whoever_comes_and_nothing_else_is():
    spent = Reader(Audience.EVERYONE, NOW, meter=Meter(0, False, True))
    for terms in TERMS:
        assert is_free(terms, NOW) == decide(terms, spent, NOW).allowed, terms


@pytest.mark.parametrize(
    ("terms", "reader", "reason"),
    [
        (Terms(KEY, Audience.EVERYONE), {}, Reason.OPEN),
        (Terms(KEY, Audience.REGISTERED), {"level": 1}, Reason.REGISTERED),
        (Terms(KEY, Audience.MEMBERS), {"level": 2}, Reason.MEMBER),
        (Terms(KEY, Audience.MEMBERS, frozenset({LOW})), {"level": 2, "plans": frozenset({HIGH})}, Reason.PLAN),
        (Terms(KEY, Audience.MEMBERS, frozenset({HIGH})), {"level": 2, "plans": {LOW}}, Reason.NEEDS_PLAN),
        (Terms(KEY, Audience.REGISTERED), {}, Reason.NEEDS_ACCOUNT),
        (Terms(KEY, Audience.MEMBERS), {"level": 1}, Reason.NEEDS_MEMBERSHIP),
        (Terms(KEY, Audience.MEMBERS), {"level": 1, "owes": True}, Reason.NEEDS_PAYMENT),
        (Terms(KEY, Audience.EVERYONE, early_until=SOON), {"level": 1}, Reason.MEMBERS_FIRST),
        (Terms(KEY, Audience.EVERYONE, early_until=SOON), {"level": 1, "owes": True}, Reason.NEEDS_PAYMENT),
        (Terms(KEY, Audience.EVERYONE, early_until=SOON), {"level": 2}, Reason.MEMBER),
        (Terms(KEY, Audience.EVERYONE, early_until=NOW), {}, Reason.OPEN),
        (Terms(KEY, Audience.EVERYONE, metered=True), {"meter": Meter(1, False, True)}, Reason.METERED),
        (Terms(KEY, Audience.EVERYONE, metered=True), {"meter": Meter(0, True, False)}, Reason.OPENED),
        (Terms(KEY, Audience.EVERYONE, metered=True), {"meter": Meter(0, False, True)}, Reason.METER_SPENT),
        (Terms(KEY, Audience.EVERYONE, metered=True), {"meter": Meter(1, False, False)}, Reason.METER_SPENT),
        (Terms(KEY, Audience.EVERYONE, metered=True), {"meter": Meter(1, False, False, True)}, Reason.METER_SPENT),
        (Terms(KEY, Audience.EVERYONE, metered=True), {"meter": Meter(1, False, True, True)}, Reason.NETWORK_SPENT),
        (Terms(KEY, Audience.EVERYONE, metered=True), {"meter": Meter(0, False, True, True)}, Reason.METER_SPENT),
        (Terms(KEY, Audience.EVERYONE, metered=True), {"level": 2}, Reason.OPEN),
        (Terms(KEY, Audience.MEMBERS), {"gifts": {KEY}}, Reason.GIFT),
        (Terms(KEY, Audience.MEMBERS), {"open_house": True}, Reason.OPEN_HOUSE),
        (Terms(KEY, Audience.MEMBERS), {"crawler": True}, Reason.CRAWLER),
        (Terms(KEY, Audience.MEMBERS), {"level": 1, "desk": True}, Reason.DESK),
        (Terms(KEY, Audience.REGISTERED), {"level": 1, "desk": True}, Reason.REGISTERED),
    ],
)
def test_the_reason_is_one_that_the_page_can_say(terms, reader, reason):
    reader = Reader(Audience(reader.pop("level", 0)), NOW, **reader)
    assert decide(terms, reader, NOW).reason == reason


def test_a_gift_is_not_paid_for_by_the_meter():
    reader = Reader(Audience.EVERYONE, NOW, gifts={KEY}, meter=Meter(3, False, True))
    assert decide(Terms(KEY, Audience.EVERYONE, metered=True), reader, NOW) == Access(True, Reason.GIFT)
