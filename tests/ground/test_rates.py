"""A rate is told of enough alone."""

import pytest
from django.utils.translation import override

from newsroom.ground.rates import rate


@pytest.mark.parametrize(
    ("part", "whole", "words"),
    [
        (0, 0, "–"), (3, 12, "3 of 12"), (0, 99, "0 of 99"), (99, 99, "99 of 99"), (25, 100, "25 %"), (0, 100, "0 %"),
        (1, 800, "0.12 %"), (100, 100, "100 %"), (5, 200, "2.5 %"), (2, 0, "2 of 0"), (120, 110, "120 of 110"),
        (10, 1000, "1 %"), (100, 1000, "10 %"),
    ],
)  # fmt: skip
def test_below_a_hundred_the_numbers_themselves_are_told(part, whole, words):
    with override("en"):
        assert rate(part, whole) == words


def test_as_the_language_writes_numbers():
    with override("ru"):
        assert rate(5, 200).startswith("2,5")
