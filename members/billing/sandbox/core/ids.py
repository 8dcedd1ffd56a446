"""Ids that look like Stripe's: what it is, an underscore, and letters that nobody guesses."""

import secrets
import string

LETTERS = string.ascii_letters + string.digits
# How many letters follow a prefix; others get 24.
LENGTHS = {"cus": 14, "prod": 14, "sub": 24, "evt": 24, "cs_test": 58, "bps": 24, "whsec": 32, "req": 14, "si": 14}


def new(prefix):
    return f"{prefix}_{''.join(secrets.choice(LETTERS) for _ in range(LENGTHS.get(prefix, 24)))}"
