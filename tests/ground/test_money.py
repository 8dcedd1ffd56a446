"""Amounts of money read as people write them, in each language."""

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from newsroom.ground.money import DECIMALS, money


@pytest.mark.parametrize(
    ("amount", "currency", "english", "russian"),
    [
        (500, "EUR", "€5", "5 €"),
        (450, "EUR", "€4.50", "4,50 €"),
        (5, "EUR", "€0.05", "0,05 €"),
        (0, "EUR", "€0", "0 €"),
        (123456789, "EUR", "€1,234,567.89", "1 234 567,89 €"),
        (100000, "USD", "$1,000", "1 000 $"),
        (1500, "GEL", "₾15", "15 ₾"),
        # No sign of its own: the letters, behind.
        (1550, "CHF", "15.50 CHF", "15,50 CHF"),
        # The smallest unit is the whole, or a thousandth of it.
        (500, "JPY", "¥500", "500 ¥"),
        (12000, "XOF", "12,000 XOF", "12 000 XOF"),
        (5000, "KWD", "5 KWD", "5 KWD"),
        (5250, "KWD", "5.250 KWD", "5,250 KWD"),
        (5, "TND", "0.005 TND", "0,005 TND"),
        (2147483647, "EUR", "€21,474,836.47", "21 474 836,47 €"),
        (2147483647, "KWD", "2,147,483.647 KWD", "2 147 483,647 KWD"),
    ],
)
def test_an_amount_reads_as_the_language_writes_it(amount, currency, english, russian):
    for language, said in (("en", english), ("ru", russian)):
        with translation.override(language):
            # No line ends within an amount.
            assert money(amount, currency) == said.replace(" ", "\u00a0"), language


def test_without_a_language_it_is_written_too():
    with translation.override(None):
        assert "4.50" in money(450, "EUR")


@given(st.integers(0, 2**31 - 1), st.sampled_from(["EUR", "JPY", "KWD", "CHF"]))
def test_no_unit_is_lost_or_added(amount, currency):
    with translation.override("en"):
        digits = [letter for letter in money(amount, currency) if letter.isdigit() or letter == "."]
    whole, _point, part = "".join(digits).partition(".")
    decimals = DECIMALS.get(currency, 2)
    assert int(whole) * 10**decimals + int(part or 0) == amount
    assert len(part) in (0, decimals)
