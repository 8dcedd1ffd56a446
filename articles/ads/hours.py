"""At which hours of the week a campaign runs. Pure."""

from datetime import timedelta

DAY = 24


def runs(local, start, end, weekdays):
    """Whether a moment (a datetime in the newsroom's time zone) lies within the hours from `start` to `end` (0 to 24,
    both None: the whole day) of these weekdays (0 is Monday; none: all).

    Hours may pass midnight (from 22 to 4): such a night belongs to the day on which it began.
    """
    if start is None or end is None:
        return not weekdays or local.weekday() in weekdays
    if start < end:
        return start <= local.hour < end and (not weekdays or local.weekday() in weekdays)
    if local.hour >= start:
        return not weekdays or local.weekday() in weekdays
    return local.hour < end and (not weekdays or (local - timedelta(days=1)).weekday() in weekdays)
