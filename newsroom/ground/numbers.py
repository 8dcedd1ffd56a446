"""Numbers of rows, as anybody may type them."""

import re

# What our tables number rows by is below 2^63: 18 digits fit, whatever they are.
FORM = re.compile(r"\d{1,18}", re.ASCII)


def row_number(text):
    """The number that a text says, 0 and above; None for whatever says none that a row of ours can have."""
    return int(text) if FORM.fullmatch(text) else None
