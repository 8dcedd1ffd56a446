"""Counts grow old: what was counted by the hour is added up by the day, in the newsroom's time zone.

Reports of months past are by the day anyway, and a site of ten thousand stories would otherwise keep a million rows a
month.
"""

from collections import Counter
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from newsroom.ground.models import Count

# Hours are kept for a month's reports and the week before, to compare.
BY_THE_HOUR = timedelta(days=35)
# Days that one call adds up, each in a transaction of its own; the next call goes on.
DAYS_A_CALL = 40


def roll_up_counts(now):
    """Add up the counts of the days that ended BY_THE_HOUR before `now` (aware). A count of a day stands at the moment
    at which the day began. Doing it again, or in two workers at once, changes nothing."""
    hours = Count.objects.filter(hour__lt=_midnight(now - BY_THE_HOUR)).order_by().values_list("hour", flat=True)
    days = sorted({_midnight(hour) for hour in hours.distinct() if hour != _midnight(hour)})
    for day in days[:DAYS_A_CALL]:
        with transaction.atomic():
            _roll_up(day, _midnight(day + timedelta(hours=36)))


def _roll_up(start, end):
    """The hours of one day become one row a series and key. Their rows are locked, so that nobody adds them twice."""
    rows = list(Count.objects.select_for_update().filter(hour__gt=start, hour__lt=end).order_by("pk"))
    sums = Counter()
    for row in rows:
        sums[row.series, row.key] += row.number
    days = {(day.series, day.key): day for day in Count.objects.select_for_update().filter(hour=start).order_by("pk")}
    for (series, key), number in sums.items():
        day = days.setdefault((series, key), Count(series=series, key=key, hour=start, number=0))
        day.number += number
    changed = [days[names] for names in sums]
    Count.objects.bulk_create([day for day in changed if day.pk is None], batch_size=500)
    Count.objects.bulk_update([day for day in changed if day.pk is not None], ["number"], batch_size=500)
    Count.objects.filter(pk__in=[row.pk for row in rows]).delete()


def _midnight(moment):
    return timezone.localtime(moment).replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
