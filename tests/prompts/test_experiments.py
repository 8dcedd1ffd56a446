"""Differences between shares and how sure they are, against the numbers that Newcombe published."""

import pytest
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from members.prompts.experiments import Arm, in_words, newcombe, wilson

# Newcombe, Statistics in Medicine 17 (1998), 873 to 890, table II, method 10: of (a) to (h).
PUBLISHED = [
    (56, 70, 48, 80, 0.0524, 0.3339),
    (9, 10, 3, 10, 0.1705, 0.8090),
    (6, 7, 2, 7, 0.0582, 0.8062),
    (5, 56, 0, 29, -0.0381, 0.1926),
    (0, 10, 0, 20, -0.1611, 0.2775),
    (0, 10, 0, 10, -0.2775, 0.2775),
    (10, 10, 0, 20, 0.6791, 1.0000),
    (10, 10, 0, 10, 0.6075, 1.0000),
]
# The same author, same volume, 857 to 872, table I, method 3.
SINGLE = [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0000, 0.1611), (1, 29, 0.0061, 0.1718)]


@pytest.mark.parametrize(("a", "m", "b", "n", "lower", "upper"), PUBLISHED)
def test_the_interval_of_a_difference_is_the_published_one(a, m, b, n, lower, upper):
    difference, low, high = newcombe(Arm(m, a), Arm(n, b))
    assert (round(low, 4), round(high, 4)) == (lower, upper)
    assert difference == pytest.approx(a / m - b / n)


@pytest.mark.parametrize(("part", "whole", "lower", "upper"), SINGLE)
def test_and_so_is_that_of_one_share(part, whole, lower, upper):
    assert tuple(round(bound, 4) for bound in wilson(part, whole)) == (lower, upper)


arm = st.integers(1, 10**6).flatmap(lambda whole: st.builds(Arm, st.just(whole), st.integers(0, whole)))


@given(arm, arm)
def test_the_difference_lies_between_its_bounds_and_turned_round_it_is_the_other_way(one, other):
    difference, low, high = newcombe(one, other)
    assert -1 <= low <= difference + 1e-9
    assert difference - 1e-9 <= high <= 1 + 1e-9
    back, back_low, back_high = newcombe(other, one)
    assert (back, back_low, back_high) == pytest.approx((-difference, -high, -low), abs=1e-9)


@pytest.mark.parametrize(
    ("shown", "held", "words"),
    [
        (Arm(10_000, 120), Arm(10_000, 80), "Of 1,000 browsers 1.2 to 6.8 more join or give because of it."),
        (Arm(10_000, 80), Arm(10_000, 120), "Of 1,000 browsers 1.2 to 6.8 fewer join or give because of it."),
        (Arm(10_000, 100), Arm(10_000, 100), "No difference can be told yet."),
        (Arm(1_000, 3), Arm(100, 0), "No difference can be told yet."),
        (Arm(1_000, 30), Arm(99, 0), "Too few browsers yet: a difference is told from 100 on either side on."),
        (Arm(99, 30), Arm(1_000, 0), "Too few browsers yet: a difference is told from 100 on either side on."),
        (Arm(0, 0), Arm(0, 0), "Too few browsers yet: a difference is told from 100 on either side on."),
    ],
)
def test_it_is_told_in_words(shown, held, words):
    with override("en"):
        assert in_words(shown, held) == words
