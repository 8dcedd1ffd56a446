"""Amounts of money as people read them."""

from django.utils.formats import number_format
from django.utils.translation import get_language

# Currencies whose smallest unit is not a hundredth: the whole itself, or a thousandth. Stripe's lists, as of its
# documentation of currencies.
WHOLE = {"BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "UGX", "VND", "VUV", "XAF", "XOF", "XPF"}
THOUSANDTHS = {"BHD", "JOD", "KWD", "OMR", "TND"}
DECIMALS = dict.fromkeys(WHOLE, 0) | dict.fromkeys(THOUSANDTHS, 3)
SYMBOLS = {"EUR": "€", "USD": "$", "GBP": "£", "GEL": "₾", "JPY": "¥", "UAH": "₴", "TRY": "₺", "AMD": "֏", "AZN": "₼"}
# Languages that write the sign first: "€5", where others write "5 €".
SIGN_FIRST = {"en"}


def money(amount, currency):
    """An amount in a currency's smallest unit, as the language of the moment writes it: "€5", "5 €", "€4.50"."""
    decimals = DECIMALS.get(currency, 2)
    whole = amount % 10**decimals == 0
    number = number_format(amount / 10**decimals, decimal_pos=0 if whole else decimals, force_grouping=True)
    sign = SYMBOLS.get(currency, currency)
    if get_language() in SIGN_FIRST and currency in SYMBOLS:
        return f"{sign}{number}"
    return f"{number}\u00a0{sign}"
