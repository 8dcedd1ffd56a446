"""What the desk says of campaigns that nobody would ever see, and of those alone."""

import pytest

from members.prompts.conflicts import conflicts
from tests.prompts.campaigns import DAY, NOW, campaign, running

FIRST = {"priority": 20}
# Of the campaign that goes first, and of the second -> whether the second is never shown.
TABLE = [
    ({}, {}, True),
    ({}, {"status": "paused"}, False),
    ({"status": "draft"}, {}, False),
    ({"ends_at": NOW}, {}, False),
    ({"variants": {1: 0}}, {}, False),
    ({"language": "ru"}, {}, False),
    ({"frequency": True}, {}, False),
    ({"walls_min": 1}, {}, False),
    ({"holdback": 50}, {}, False),
    ({}, {"holdback": 50, "frequency": True}, True),
    ({"variants": {1: (1, "{plan_price}")}}, {}, False),
    ({"sensitive_ok": False}, {"sensitive_ok": True}, False),
    ({"sensitive_ok": True}, {}, True),
    ({"by_story": True}, {}, False),
    ({}, {"by_story": True}, False),
    # A closer fit goes before it.
    ({}, {"include": {"tag": [1]}}, False),
    ({"include": {"tag": [1]}}, {}, False),
    ({"include": {"tag": [1, 2]}}, {"include": {"tag": [1]}}, True),
    ({"include": {"tag": [1]}}, {"include": {"tag": [1, 2]}}, False),
    ({"include": {"section": [1]}}, {"include": {"section": [1], "country": ["GE"]}}, True),
    ({"include": {"country": ["GE"]}}, {}, False),
    ({"exclude": {"tag": [1]}}, {}, False),
    ({"exclude": {"tag": [1]}}, {"exclude": {"tag": [1, 2]}}, True),
    ({"exclude": {"story": [1]}}, {}, False),
    ({"states": ["lapsed"]}, {}, False),
    ({"states": ["lapsed", "registered"]}, {"states": ["lapsed"]}, True),
    ({}, {"states": ["lapsed"]}, True),
    ({}, {"states": ["past_due"]}, False),
    ({"starts_at": NOW}, {}, False),
    ({"starts_at": NOW}, {"starts_at": NOW + DAY}, True),
    ({"ends_at": NOW + DAY}, {}, False),
    ({"ends_at": NOW + DAY}, {"ends_at": NOW + DAY}, True),
]


@pytest.mark.parametrize(("first", "second", "never"), TABLE)
def test_what_always_stands_behind_another_is_told(first, second, never):
    now = running(campaign(1, **FIRST | first), campaign(2, **second))
    assert conflicts(now, NOW) == ({2: 1} if never else {})


def test_of_several_the_first_is_named():
    assert conflicts(running(campaign(1), campaign(2), campaign(3)), NOW) == {2: 3, 1: 3}
