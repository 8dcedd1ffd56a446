import pytest

from newsroom.ground.numbers import row_number

# What is no number of a row, though it may look like one.
ODD = ["", "9" * 5000, "9" * 19, "²", "٣", "-1", "+1", "1e9", "1.0", " 1", "1\n", "0x1", "1_0", "\x00", "1\x00", "None"]


@pytest.mark.parametrize(("text", "number"), [("0", 0), ("12", 12), ("007", 7), ("9" * 18, 10**18 - 1)])
def test_digits_are_a_number(text, number):
    assert row_number(text) == number


@pytest.mark.parametrize("text", ODD)
def test_whatever_else_is_typed_is_none(text):
    assert row_number(text) is None
