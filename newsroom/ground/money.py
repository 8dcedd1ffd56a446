"""Amounts of money as people read and write them. Kept they are in the currency's smallest unit, as Stripe counts."""

import re
import unicodedata

from django.core.exceptions import ValidationError
from django.utils.formats import number_format
from django.utils.translation import get_language, gettext_lazy, ngettext_lazy
from django.utils.translation import gettext as _

# Those in which Stripe takes payments, by its documentation of currencies.
CURRENCIES = set(
    """
    AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BWP BYN BZD CAD CDF CHF CLP
    CNY COP CRC CVE CZK DJF DKK DOP DZD EGP ETB EUR FJD FKP GBP GEL GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR
    ISK JMD JOD JPY KES KGS KHR KMF KRW KWD KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MUR MVR MWK MXN
    MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SEK SGD SHP SLE
    SOS SRD STD SZL THB TJS TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VND VUV WST XAF XCD XCG XOF XPF YER ZAR
    ZMW""".split()  # noqa: SIM905
)
# Currencies whose smallest unit is not a hundredth: the whole itself, or a thousandth. Stripe's lists, as of its
# documentation of currencies.
WHOLE = {"BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "VND", "VUV", "XAF", "XOF", "XPF"}
THOUSANDTHS = {"BHD", "JOD", "KWD", "OMR", "TND"}
DECIMALS = dict.fromkeys(WHOLE, 0) | dict.fromkeys(THOUSANDTHS, 3)
# Amounts are multiples of this. There are no hundredths of krónur and Ugandan shillings any more, yet Stripe goes on
# counting in them; and of thousandths it takes whole tens.
STEPS = {"ISK": 100, "UGX": 100} | dict.fromkeys(THOUSANDTHS, 10)
SYMBOLS = {"EUR": "€", "USD": "$", "GBP": "£", "GEL": "₾", "JPY": "¥", "UAH": "₴", "TRY": "₺", "AMD": "֏", "AZN": "₼"}
# Languages that write the sign first: "€5", where others write "5 €".
SIGN_FIRST = {"en"}
# What the columns hold.
AMOUNT_MAX = 2**31 - 1
# Longer than any amount with its sign.
LETTERS_MAX = 40
# Whole units, with or without a mark between the thousands, then perhaps another mark and a part of the unit.
TYPED = re.compile(r"(\d+|\d{1,3}(?:([ '.,])\d{3})(?:\2\d{3})*)(?:(?!\2)([.,])(\d+))?")
MARKS = {"٫": ".", "٬": "'", "’": "'"}


def money(amount, currency):
    """An amount in a currency's smallest unit, as the language of the moment writes it: "€5", "5 €", "€4.50"."""
    decimals = DECIMALS.get(currency, 2)
    whole = amount % 10**decimals == 0
    number = number_format(amount / 10**decimals, decimal_pos=0 if whole else decimals, force_grouping=True)
    sign = SYMBOLS.get(currency, currency)
    if get_language() in SIGN_FIRST and currency in SYMBOLS:
        return f"{sign}{number}"
    return f"{number}\u00a0{sign}"


def share(amount, percent):
    """So many percent (perhaps with a fraction) of an amount, halves away from nothing, as Stripe rounds them."""
    return int(amount * percent / 100 + 0.5)


# What is paid again and again, by Stripe's intervals; those of a day or a week come from elsewhere, or by hand.
EACH = {
    "day": gettext_lazy("%(price)s a day"),
    "week": gettext_lazy("%(price)s a week"),
    "month": gettext_lazy("%(price)s a month"),
    "year": gettext_lazy("%(price)s a year"),
}
EVERY = {
    "day": ngettext_lazy("%(price)s every %(n)d day", "%(price)s every %(n)d days", "n"),
    "week": ngettext_lazy("%(price)s every %(n)d week", "%(price)s every %(n)d weeks", "n"),
    "month": ngettext_lazy("%(price)s every %(n)d month", "%(price)s every %(n)d months", "n"),
    "year": ngettext_lazy("%(price)s every %(n)d year", "%(price)s every %(n)d years", "n"),
}


def each(amount, currency, interval, count=1):
    """What is paid again and again: "€5 a month". interval: one of EACH, each `count` of them."""
    said = EACH[interval] if count == 1 else EVERY[interval]
    return said % {"price": money(amount, currency), "n": count}


def written(amount, currency):
    """An amount for a field of a form, which `parsed` reads again: "5", "4.50"."""
    decimals = DECIMALS.get(currency, 2)
    whole, part = divmod(amount, 10**decimals)
    return f"{whole}.{part:0{decimals}}" if part else str(whole)


def parsed(text, currency):
    """The amount, in the currency's smallest unit, that somebody typed: "5", "4,50", "1 200.00", "€5". currency: three
    capital letters. Raises ValidationError, whose words say what to type instead: also of what could be read in two
    ways, such as 4,500 euros; and of what is no currency. Without one it is read as if it had hundredths."""
    if currency and currency not in CURRENCIES:
        raise ValidationError(_("No payments are taken in %(currency)s."), "currency", {"currency": currency})
    found = TYPED.fullmatch(_plain(text, currency)) if len(text) <= LETTERS_MAX else None
    if not found:
        raise ValidationError(_("Type an amount such as %(example)s."), "amount", {"example": _example(currency)})
    decimals = DECIMALS.get(currency, 2)
    whole, _mark, point, part = found.groups(default="")
    if point and not decimals and len(part) == 3 and len(whole) <= 3:
        # What has no parts can only have thousands.
        whole, part = whole + part, ""
    if len(part) > decimals:
        raise ValidationError(
            _("Type it such as %(example)s: no more digits after the point, and no mark between thousands."),
            "decimals",
            {"example": _example(currency)},
        )
    return _checked(int(re.sub(r"\D", "", whole) + part.ljust(decimals, "0")), currency)


def _checked(amount, currency):
    step = STEPS.get(currency, 1)
    if amount % step:
        least = money(step, currency)
        raise ValidationError(_("In this currency nothing smaller than %(least)s is paid."), "step", {"least": least})
    if amount > AMOUNT_MAX:
        raise ValidationError(_("That is more than can be paid at once."), "much")
    return amount


def _plain(text, currency):
    """What was typed, with digits and marks of all scripts as ours, and without the currency's own sign."""
    letters = (letter for letter in text if unicodedata.category(letter) != "Cf")
    number = "".join(_letter(letter) for letter in letters).strip().upper()
    for sign in (currency, SYMBOLS.get(currency, currency)):
        number = number.removeprefix(sign).removesuffix(sign).strip()
    return number


def _letter(letter):
    if unicodedata.category(letter) == "Zs":
        return " "
    return MARKS.get(letter) or str(unicodedata.decimal(letter, letter))


def _example(currency):
    decimals = DECIMALS.get(currency, 2)
    return "500" if not decimals or STEPS.get(currency) == 100 else written(45 * 10 ** (decimals - 1), currency)
