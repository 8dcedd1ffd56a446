"""Moments in words, in the newsroom's time zone and the page's language."""

from datetime import UTC, datetime, time, timedelta

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

MINUTE, HOUR, DAY, WEEK = 60, 3600, 24 * 3600, 7 * 24 * 3600
AGES_END = 4 * WEEK
# What an age is counted in, and up to which age.
AGES = ((MINUTE, HOUR), (HOUR, DAY), (DAY, WEEK), (WEEK, AGES_END))
WORDS_A_MINUTE = 220


def age(moment, now):
    """ "2 hours ago", "a day ago"; from four weeks on the date. Both aware; a moment to come counts as now."""
    seconds = (now - moment).total_seconds()
    if seconds < MINUTE:
        return _("just now")
    if seconds < HOUR:
        return _count(seconds // MINUTE, lambda n: ngettext("a minute ago", "%(n)d minutes ago", n))
    if seconds < DAY:
        return _count(seconds // HOUR, lambda n: ngettext("an hour ago", "%(n)d hours ago", n))
    if seconds < WEEK:
        return _count(seconds // DAY, lambda n: ngettext("a day ago", "%(n)d days ago", n))
    if seconds < AGES_END:
        return _count(seconds // WEEK, lambda n: ngettext("a week ago", "%(n)d weeks ago", n))
    return day(moment)


def age_until(moment, now):
    """The moment at which `age(moment, …)` next says something else; None when it never will."""
    seconds = (now - moment).total_seconds()
    if seconds >= AGES_END:
        return None
    unit = next(unit for unit, end in AGES if seconds < end)
    return moment + timedelta(seconds=unit * (max(0, seconds) // unit + 1))


def day(moment):
    return date_format(timezone.localtime(moment), _("j F Y"))


def day_and_time(moment):
    return date_format(timezone.localtime(moment), _("j F Y, H:i"))


def today(now):
    return date_format(timezone.localtime(now), _("l j F"))


def today_until(now):
    """The next midnight in the newsroom's time zone, in UTC; where summer time skips it, the first moment of that day,
    and where clocks are set back across it, each of the two."""
    tomorrow = timezone.localdate(now) + timedelta(days=1)
    midnight = datetime.combine(tomorrow, time.min, tzinfo=timezone.get_current_timezone())
    return next(at for fold in (0, 1) if (at := midnight.replace(fold=fold).astimezone(UTC)) > now)


def minutes(words):
    """How long a text of so many words takes to read, in whole minutes."""
    return max(1, round(words / WORDS_A_MINUTE))


def _count(n, words):
    n = int(n)
    said = words(n)
    return said % {"n": n} if "%(n)d" in said else said
