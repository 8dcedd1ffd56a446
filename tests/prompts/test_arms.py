"""Experiments: shares that are exact, arms that are a campaign's own and stay."""

from collections import Counter

import pytest

from members.prompts.arms import HELD, arms


@pytest.mark.parametrize("holdback", [0, 1, 10, 33, 50])
@pytest.mark.parametrize("weights", [{1: 1}, {1: 1, 2: 1}, {1: 1, 2: 2, 3: 7}, {4: 100, 9: 1}])
def test_shares_are_exact_to_a_bucket(holdback, weights):
    for campaign in (1, 2, 977):
        told = Counter(arms(campaign, holdback, weights))
        assert sum(told.values()) == 1000
        assert told.pop(HELD, 0) == 10 * holdback
        asked, whole = 1000 - 10 * holdback, sum(weights.values())
        assert all(abs(told[variant] - asked * weight / whole) <= 1 for variant, weight in weights.items())


def test_the_arms_of_one_campaign_say_nothing_of_those_of_another():
    one, other = (arms(campaign, 50, {1: 1, 2: 1}) for campaign in (1, 2))
    both = Counter(zip(one, other, strict=True))
    # Of 1,000 buckets: 250 held back by both, 62.5 in each pair of wordings, if nothing goes with anything.
    assert 215 < both[HELD, HELD] < 285
    assert all(40 < both[a, b] < 90 for a in (1, 2) for b in (1, 2))


def test_who_is_held_back_says_nothing_of_the_wording():
    """The wordings' order is another than that of holding back: what is held back later comes from all wordings alike."""
    before, after = arms(1, 0, {1: 1, 2: 1}), arms(1, 50, {1: 1, 2: 1})
    taken = Counter(one for one, other in zip(before, after, strict=True) if other is HELD)
    assert 215 < taken[1] < 285


def test_more_holding_back_leaves_those_who_were_held_back():
    little, much = (arms(3, share, {1: 1}) for share in (10, 30))
    assert all(much[bucket] is HELD for bucket in range(1000) if little[bucket] is HELD)


def test_the_arms_stay_for_ever():
    """A change here would mix up every experiment that runs."""
    assert arms(7, 10, {70: 1, 71: 1})[:12] == PINNED


PINNED = (70, 70, 71, None, 70, 71, 71, 71, 70, 71, 70, 71)
