"""Amounts in words."""

# Currencies whose amounts have no hundredths (docs.stripe.com/currencies#zero-decimal).
WHOLE = {"bif", "clp", "djf", "gnf", "jpy", "kmf", "krw", "mga", "pyg", "rwf", "ugx", "vnd", "vuv", "xaf", "xof", "xpf"}


def money(amount, currency):
    """An amount in the currency's smallest unit, as people write it."""
    value = f"{amount:,}" if currency in WHOLE else f"{amount / 100:,.2f}"
    return f"{value} {currency.upper()}"
