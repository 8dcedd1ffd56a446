"""When a paused membership is charged again. Pure."""

import calendar
from datetime import timedelta

# Collection resumes so long before the period that is to be charged, and after the one that is not: at Stripe the two
# happen by the hour, not by the second.
BEFORE = timedelta(hours=2)


def charged_again(period_end, anchor, months):
    """The moment at which money is taken again after a pause of so many months from `period_end`. anchor: the moment
    whose day of the month the periods keep: those from 31 January end on the last of each. All in UTC."""
    months_on = period_end.year * 12 + period_end.month - 1 + months
    year, month = months_on // 12, months_on % 12 + 1
    last = calendar.monthrange(year, month)[1]
    return period_end.replace(year=year, month=month, day=min(anchor.day, last))
