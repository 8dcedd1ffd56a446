"""Amounts of money read as people write them, in each language."""

import pytest
from django.core.exceptions import ValidationError
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from newsroom.ground.money import AMOUNT_MAX, DECIMALS, STEPS, each, money, parsed, written


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
        # No smaller part is paid, and yet Stripe counts in hundredths.
        (500, "ISK", "5 ISK", "5 ISK"),
        (250000, "UGX", "2,500 UGX", "2 500 UGX"),
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


@pytest.mark.parametrize(
    ("interval", "count", "said"),
    [
        ("month", 1, "€5 a month"),
        ("month", 3, "€5 every 3 months"),
        ("week", 1, "€5 a week"),
        ("day", 10, "€5 every 10 days"),
        ("year", 1, "€5 a year"),
        ("year", 2, "€5 every 2 years"),
    ],
)
def test_what_is_paid_again_and_again_says_how_often(interval, count, said):
    with translation.override("en"):
        assert each(500, "EUR", interval, count) == said


@given(st.integers(0, 2**31 - 1), st.sampled_from(["EUR", "JPY", "KWD", "CHF"]))
def test_no_unit_is_lost_or_added(amount, currency):
    with translation.override("en"):
        digits = [letter for letter in money(amount, currency) if letter.isdigit() or letter == "."]
    whole, _point, part = "".join(digits).partition(".")
    decimals = DECIMALS.get(currency, 2)
    assert int(whole) * 10**decimals + int(part or 0) == amount
    assert len(part) in (0, decimals)


@pytest.mark.parametrize(
    ("text", "currency", "amount"),
    [
        ("5", "EUR", 500),
        ("4.50", "EUR", 450),
        ("4,50", "EUR", 450),
        ("4,5", "EUR", 450),
        ("0", "EUR", 0),
        ("0.05", "EUR", 5),
        (" 5 ", "EUR", 500),
        ("007", "EUR", 700),
        # With its sign, wherever that stands.
        ("5 €", "EUR", 500),
        ("€5", "EUR", 500),
        ("5 eur", "EUR", 500),
        ("EUR 5", "EUR", 500),
        ("₾15", "GEL", 1500),
        # Thousands.
        ("1200", "EUR", 120000),
        ("1 200", "EUR", 120000),
        ("1\u00a0200,50", "EUR", 120050),
        ("1\u2009200.50", "EUR", 120050),
        ("1\u202f200", "EUR", 120000),
        ("1'200.50", "CHF", 120050),
        ("1’200.50", "CHF", 120050),
        ("1,200.50", "EUR", 120050),
        ("1.200,50", "EUR", 120050),
        ("1,234,567", "EUR", 123456700),
        ("1.234.567,89", "EUR", 123456789),
        # Digits and marks of other scripts.
        ("٤٫٥٠", "EUR", 450),
        ("١٬٢٠٠٫٥٠", "EUR", 120050),
        ("\u200f٤٥\u200f", "EUR", 4500),
        ("５", "EUR", 500),
        # No parts, or a thousand of them.
        ("500", "JPY", 500),
        ("1,500", "JPY", 1500),
        ("1.500", "JPY", 1500),
        ("1 500 ¥", "JPY", 1500),
        ("5", "KWD", 5000),
        ("4.5", "KWD", 4500),
        ("4.510", "KWD", 4510),
        ("1,234.510", "KWD", 1234510),
        ("5", "ISK", 500),
        ("2500", "UGX", 250000),
        ("21474836.47", "EUR", AMOUNT_MAX),
    ],
)
def test_what_people_type_is_read_as_they_mean_it(text, currency, amount):
    assert parsed(text, currency) == amount


REFUSED = {
    "empty": ("", "EUR"), "a space": (" ", "EUR"), "no number": ("five", "EUR"), "nothing but a sign": ("€", "EUR"),
    "less than nothing": ("-5", "EUR"), "a typographer's minus": ("−5", "EUR"), "in brackets": ("(5)", "EUR"),
    "a plus": ("+5", "EUR"), "an exponent": ("1e3", "EUR"), "hexadecimal": ("0x5", "EUR"), "nan": ("nan", "EUR"),
    "infinity": ("inf", "EUR"), "a half": ("½", "EUR"), "a square": ("5²", "EUR"), "an underscore": ("1_000", "EUR"),
    "no whole": (".50", "EUR"), "no part": ("5.", "EUR"), "two points": ("4.5.0", "EUR"), "a percentage": ("5%", "EUR"),
    "a range": ("5-10", "EUR"), "two numbers": ("5 10", "EUR"), "thousands amiss": ("1,23,456", "EUR"),
    "thousands and parts alike": ("1,234,567,89", "EUR"), "thousands too short": ("12 34", "EUR"),
    "another currency's sign": ("$5", "EUR"), "another currency": ("5 USD", "EUR"), "twice a sign": ("€5€€", "EUR"),
    "a line more": ("5\n6", "EUR"), "markup": ("<b>5</b>", "EUR"), "a null": ("5\0", "EUR"),
    "thousands or parts": ("4,500", "EUR"), "or the other way": ("4.500", "EUR"), "too many parts": ("4.505", "EUR"),
    "parts of a yen": ("5.5", "JPY"), "no part of a yen": ("5.0", "JPY"), "ten thousandths": ("1.2345", "KWD"),
    "a single thousandth": ("1.234", "KWD"), "part of a króna": ("5.50", "ISK"), "part of a shilling": ("0.5", "UGX"),
    "more than there is room for": ("21474836.48", "EUR"), "far more": ("9" * 39, "EUR"), "endless": ("9" * 9999, "EUR"),
    "endless space": (" " * 100_000 + "5", "EUR"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_amount_or_could_be_another_is_refused_in_words(name):
    with pytest.raises(ValidationError) as caught:
        parsed(*REFUSED[name])
    (said,) = caught.value.messages
    assert said.endswith((".", "thousands."))


@pytest.mark.parametrize(("currency", "example"), [("EUR", "4.50"), ("JPY", "500"), ("KWD", "4.500"), ("ISK", "500")])
def test_the_example_that_is_shown_can_be_typed(currency, example):
    with translation.override("en"), pytest.raises(ValidationError, match=example):
        parsed("much", currency)
    assert parsed(example, currency)


@given(st.integers(0, AMOUNT_MAX), st.sampled_from(["EUR", "JPY", "KWD", "CHF", "ISK", "UGX", "GEL"]))
def test_what_is_written_into_a_form_is_read_from_it_again(amount, currency):
    amount -= amount % STEPS.get(currency, 1)
    assert parsed(written(amount, currency), currency) == amount


@given(st.text(max_size=60), st.sampled_from(["EUR", "JPY", "KWD"]))
def test_whatever_is_typed_is_an_amount_or_refused(text, currency):
    try:
        amount = parsed(text, currency)
    except ValidationError:
        return
    assert 0 <= amount <= AMOUNT_MAX


@pytest.mark.parametrize("currency", ["XXX", "EURO", "eur"])
def test_what_is_no_currency_is_refused(currency):
    with pytest.raises(ValidationError) as refused:
        parsed("5", currency)
    assert refused.value.messages == [f"No payments are taken in {currency}."]
