"""The one decision, over the whole product of terms and readers."""

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from members.access import Audience, Reason, Terms, Wall, decide
from members.reader import Reader

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
SOON, LATELY = NOW + timedelta(seconds=1), NOW - timedelta(seconds=1)


def said_naively(terms, reader):
    """The rules once more, in other words."""
    if reader.desk or reader.level == Audience.MEMBERS:
        return None
    if terms.early_until and terms.early_until > NOW:
        return Wall.JOIN if terms.audience == Audience.MEMBERS else Wall.WAIT
    if terms.audience == Audience.MEMBERS:
        return Wall.JOIN
    if terms.audience == Audience.REGISTERED and reader.level == Audience.EVERYONE:
        return Wall.REGISTER
    return None


@pytest.mark.parametrize("audience", Audience)
@pytest.mark.parametrize("early_until", [None, LATELY, NOW, SOON])
def test_every_reader_gets_what_the_rules_say(audience, early_until):
    for level, desk in product(Audience, (False, True)):
        terms, reader = Terms("article:1", audience, early_until), Reader(level, NOW, desk=desk)
        access = decide(terms, reader, NOW)
        assert access.wall == said_naively(terms, reader)
        assert access.allowed == (access.wall is None)


@pytest.mark.parametrize(
    ("terms", "level", "reason"),
    [
        (Terms("a", Audience.EVERYONE), Audience.EVERYONE, Reason.OPEN),
        (Terms("a", Audience.REGISTERED), Audience.REGISTERED, Reason.REGISTERED),
        (Terms("a", Audience.MEMBERS), Audience.MEMBERS, Reason.MEMBER),
        (Terms("a", Audience.REGISTERED), Audience.EVERYONE, Reason.NEEDS_ACCOUNT),
        (Terms("a", Audience.MEMBERS), Audience.REGISTERED, Reason.NEEDS_MEMBERSHIP),
        (Terms("a", Audience.EVERYONE, SOON), Audience.REGISTERED, Reason.MEMBERS_FIRST),
        (Terms("a", Audience.EVERYONE, SOON), Audience.MEMBERS, Reason.MEMBER),
        (Terms("a", Audience.EVERYONE, NOW), Audience.EVERYONE, Reason.OPEN),
    ],
)
def test_the_reason_is_one_that_the_page_can_say(terms, level, reason):
    assert decide(terms, Reader(level, NOW), NOW).reason == reason


def test_the_desk_reads_everything_and_the_reason_says_so():
    reader = Reader(Audience.REGISTERED, NOW, desk=True)
    assert decide(Terms("a", Audience.MEMBERS), reader, NOW).reason == Reason.DESK
    assert decide(Terms("a", Audience.REGISTERED), reader, NOW).reason == Reason.REGISTERED
