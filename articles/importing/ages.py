"""Dates as pages and editors write them: "2 hours ago", "Yesterday", "5h", "12 Jun 2025", an ISO date. Pure."""

import re
from dataclasses import dataclass
from datetime import datetime, time, timedelta

# What is longer is no age and no date.
LENGTH_MAX = 40

# phrase -> (days, months) back
PHRASES = {
    "now": (0, 0),
    "just now": (0, 0),
    "right now": (0, 0),
    "moments ago": (0, 0),
    "a moment ago": (0, 0),
    "recently": (0, 0),
    "today": (0, 0),
    "yesterday": (1, 0),
    "the day before yesterday": (2, 0),
    "tomorrow": (-1, 0),
    "last week": (7, 0),
    "last month": (0, 1),
    "last year": (0, 12),
}
NUMBERS = {
    "a": 1, "an": 1, "one": 1, "a couple of": 2, "two": 2, "a few": 3, "few": 3, "several": 3, "three": 3, "four": 4,
    "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10, "eleven": 11, "twelve": 12,
    "half a": 0.5, "half an": 0.5,
}  # fmt: skip
# unit -> (seconds, months); the first letters that name it
UNITS = (
    (r"s|secs?|seconds?", (1, 0)),
    (r"m|mins?|minutes?", (60, 0)),
    (r"h|hrs?|hours?", (3600, 0)),
    (r"d|days?", (86400, 0)),
    (r"w|wks?|weeks?", (7 * 86400, 0)),
    (r"mos?|months?", (0, 1)),
    (r"y|yrs?|years?", (0, 12)),
)
# Day before month, as in the newsrooms that this reads; month first where the day-first reading is no date.
FORMATS = (
    "%d %b %Y", "%d %B %Y", "%b %d %Y", "%B %d %Y", "%d-%m-%Y", "%d/%m/%Y", "%d.%m.%Y",
    "%m/%d/%Y", "%Y/%m/%d", "%Y.%m.%d",
)  # fmt: skip
FORMATS_OF_THIS_YEAR = ("%d %b %Y", "%d %B %Y", "%b %d %Y", "%B %d %Y")
NOON = time(12)

_AGE = re.compile(
    r"(?P<ahead>in )?(?:(?:about|around|over|almost|nearly|more than|less than) )?"
    rf"(?P<number>\d{{1,4}}|{'|'.join(sorted(NUMBERS, key=len, reverse=True))}) ?"
    rf"(?:{'|'.join(f'(?P<u{i}>{names})' for i, (names, _size) in enumerate(UNITS))})(?P<back> ago)?"
)
_WEEKDAY = re.compile(r"^(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*,? ")


@dataclass(frozen=True, slots=True)
class Moment:
    """An aware moment, and whether it was worked out from an age (so that it depends on when one asks)."""

    at: datetime
    worked_out: bool = False


def moment(text, as_of):
    """The `Moment` that a text tells, or None if it tells none.

    as_of: the aware moment that ages count from; its time zone is the one of bare dates, which mean 12:00.
    """
    said = " ".join(text.split()).lower()
    if not said or len(said) > LENGTH_MAX:
        return None
    try:
        return _phrase(said, as_of) or _age(said, as_of) or _iso(text.strip(), as_of) or _date(said, as_of)
    except (OverflowError, ValueError):
        return None


def _phrase(said, as_of):
    if said not in PHRASES:
        return None
    days, months = PHRASES[said]
    return Moment(_months_before(as_of, months) - timedelta(days=days), worked_out=True)


def _age(said, as_of):
    found = _AGE.fullmatch(said)
    if not found or (found["ahead"] and found["back"]):
        return None
    number = int(found["number"]) if found["number"].isdigit() else NUMBERS[found["number"]]
    if not (found["ahead"] or found["back"] or found["number"].isdigit()):
        return None
    seconds, months = next(size for i, (_names, size) in enumerate(UNITS) if found[f"u{i}"])
    sign = -1 if found["ahead"] else 1
    moved = _months_before(as_of, sign * int(number * months))
    return Moment(moved - timedelta(seconds=sign * number * seconds), worked_out=True)


def _iso(text, as_of):
    """ISO only as people write it: fromisoformat alone would also take 20250612 or a week."""
    if not re.match(r"\d{4}-\d\d-\d\d", text):
        return None
    if len(text) == 10:
        return Moment(_noon(datetime.fromisoformat(text), as_of))
    told = datetime.fromisoformat(text)
    return Moment(told if told.tzinfo else told.replace(tzinfo=as_of.tzinfo))


def _date(said, as_of):
    if not any(c.isdigit() for c in said):
        return None
    plain = re.sub(r"(?<=\d)(?:st|nd|rd|th)\b", "", _WEEKDAY.sub("", said).replace(",", ""))
    plain = re.sub(r"(?<=[a-z])\.", "", plain).replace("sept ", "sep ")
    for form in FORMATS:
        if found := _read(plain, form):
            return Moment(_noon(found, as_of))
    for form in FORMATS_OF_THIS_YEAR:
        if found := _read(f"{plain} {as_of.year}", form):
            at = _noon(found, as_of)
            return Moment(at if at <= as_of else _months_before(at, 12), worked_out=True)
    return None


def _read(text, form):
    try:
        return datetime.strptime(text, form)
    except ValueError:
        return None


def _noon(day, as_of):
    return datetime.combine(day, NOON, tzinfo=as_of.tzinfo)


def _months_before(at, months):
    """The same day so many months earlier; the last day of a shorter month."""
    count = at.year * 12 + at.month - 1 - months
    for day in range(at.day, 0, -1):
        try:
            return at.replace(year=count // 12, month=count % 12 + 1, day=day)
        except ValueError:
            if day <= 28:
                raise
    return at
