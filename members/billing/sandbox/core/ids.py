"""Ids that look like Stripe's: what it is, an underscore, and letters that nobody guesses."""

import os
import string

LETTERS = string.ascii_letters + string.digits
# How many letters follow a prefix; others get 24.
LENGTHS = {"cus": 14, "prod": 14, "cs_test": 58, "whsec": 32, "req": 14, "si": 14}


def new(prefix):
    return f"{prefix}_{''.join(LETTERS[byte % len(LETTERS)] for byte in os.urandom(LENGTHS.get(prefix, 24)))}"
