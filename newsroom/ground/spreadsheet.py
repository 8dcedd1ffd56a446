"""Tables as CSV that is safe to open in a spreadsheet."""

import csv
import io

# A cell that starts with one of these is run as a formula (OWASP, CSV injection).
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def cell(value):
    """A value as text for a cell, None as an empty one; text that a spreadsheet would run gets an apostrophe before."""
    text = "" if value is None else str(value)
    return f"'{text}" if isinstance(value, str) and text.startswith(FORMULA) else text


def written(rows):
    """Rows (dicts) as CSV with a heading, which has the names of all of them in the order in which they come up."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    text = io.StringIO()
    table = csv.writer(text)
    table.writerow(map(cell, names))
    table.writerows([[cell(row.get(name)) for name in names] for row in rows])
    return text.getvalue()
