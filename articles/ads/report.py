"""What came of a campaign: impressions, how many of them were seen, clicks; by creative, by place and by day.

The numbers are the site's own counts (`newsroom.ground.counters`), which know no reader.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import timedelta

from django.db.models import Sum
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from articles.ads import pace, places
from articles.ads.delivery import CLICKED, SEEN, SERIES, SERVED, creative_of
from newsroom.ground import charts
from newsroom.ground.models import Count
from newsroom.ground.rates import rate

# Days that a page shows; a file has all.
DAYS = 92
CREATIVES_A_QUERY = 50
NAMES = {SERVED: "served", SEEN: "seen", CLICKED: "clicked"}


@dataclass
class Numbers:
    served: int = 0
    seen: int = 0
    clicked: int = 0

    def add(self, other):
        self.served += other.served
        self.seen += other.seen
        self.clicked += other.clicked

    @property
    def viewability(self):
        """How many of the impressions were seen, in words."""
        return rate(self.seen, self.served)

    @property
    def ctr(self):
        """How many of the impressions were clicked, in words."""
        return rate(self.clicked, self.served)


@dataclass(frozen=True)
class Line:
    """A row of a table. label: what it is of."""

    label: str
    numbers: Numbers


@dataclass(frozen=True)
class Report:
    """creatives, places, days: Lines, days the latest first and DAYS at most. towards: how far the goal is, in words,
    "" without one. chart: a `charts.Chart` of the days, None before anything was counted. rows: everything, for a file:
    a dict for each day, creative and place."""

    total: Numbers
    creatives: list
    places: list
    days: list
    towards: str = ""
    chart: object = None
    rows: list = field(default_factory=list)


def of_campaign(campaign, now):
    """The Report of a campaign at a moment (aware). Two queries."""
    creatives = {one.pk: one for one in campaign.creatives.order_by("pk")}
    cells = counted(creatives)
    by_creative, by_place, by_day = defaultdict(Numbers), defaultdict(Numbers), defaultdict(Numbers)
    total = Numbers()
    for (creative, place, day), numbers in cells.items():
        for sums in (by_creative[creative], by_place[place], by_day[day], total):
            sums.add(numbers)
    goal = pace.of_campaign(campaign, timezone.localtime)
    done = getattr(total, NAMES[SERIES[campaign.goal_kind]])
    days = _days(by_day, campaign, now)
    return Report(
        total,
        [Line(one.name, by_creative[pk]) for pk, one in creatives.items()],
        [
            Line(place_label(place), by_place[place])
            for place in [*places.PLACES, places.ELSEWHERE]
            if place in by_place
        ],
        [Line(date_format(day, "j M Y"), by_day[day]) for day in reversed(days)],
        goal_in_words(goal, campaign, done, now),
        _chart(campaign, days, by_day, goal) if cells else None,
        [_row(creatives[key[0]], *key[1:], numbers) for key, numbers in sorted(cells.items(), key=_by_day)],
    )


def counted(creatives):
    """{(creative's id, place, day): Numbers} of creatives (their ids)."""
    found = defaultdict(Numbers)
    ids = sorted(creatives)
    for start in range(0, len(ids), CREATIVES_A_QUERY):
        keys = [key for pk in ids[start : start + CREATIVES_A_QUERY] for key in keys_of(pk)]
        rows = Count.objects.filter(series__in=NAMES, key__in=keys).order_by()
        for series, key, hour, number in rows.values_list("series", "key", "hour", "number"):
            place = key.partition(":")[2] or places.ELSEWHERE
            numbers = found[creative_of(key), place, timezone.localtime(hour).date()]
            setattr(numbers, NAMES[series], getattr(numbers, NAMES[series]) + number)
    return dict(found)


def keys_of(creative):
    """All keys under which something may be counted for a creative (its id); the bare one was that of before places."""
    return [str(creative), *(f"{creative}:{place}" for place in (*places.PLACES, places.ELSEWHERE))]


def done_by_campaign(campaigns):
    """{campaign's id: what was counted towards its goal} of campaigns (rows, with their creatives prefetched)."""
    owners = {creative.pk: campaign for campaign in campaigns for creative in campaign.creatives.all()}
    keys = [key for pk, campaign in owners.items() if campaign.goal for key in keys_of(pk)]
    done = dict.fromkeys((campaign.pk for campaign in campaigns), 0)
    rows = Count.objects.filter(series__in=SERIES.values(), key__in=keys).order_by().values_list("series", "key")
    for series, key, number in rows.annotate(total=Sum("number")) if keys else []:
        campaign = owners[creative_of(key)]
        if SERIES[campaign.goal_kind] == series:
            done[campaign.pk] += number
    return done


def place_label(place):
    """A place's name in words: "Within a story, 2"."""
    kind = place.rstrip("0123456789")
    if kind not in places.SIZES:
        return _("Elsewhere")
    number = place.removeprefix(kind)
    return f"{places.Kind(kind).label}, {number}" if number else str(places.Kind(kind).label)


def goal_in_words(goal, campaign, done, now):
    """How far a goal is, "" where there is none."""
    if goal is None:
        return ""
    said = {"done": f"{done:,}", "goal": f"{goal.number:,}", "due": f"{int(goal.due(now)):,}"}
    if campaign.goal_kind == "clicks":
        return _("%(done)s of %(goal)s clicks; %(due)s would be even.") % said
    return _("%(done)s of %(goal)s impressions; %(due)s would be even.") % said


def _days(by_day, campaign, now):
    """The days to be shown, in order, those on which nothing happened too."""
    if not by_day:
        return []
    last = min(timezone.localdate(now), max(by_day)) if campaign.ends_at and campaign.ends_at < now else max(by_day)
    first = max(min(by_day), last - timedelta(days=DAYS - 1))
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


def _chart(campaign, days, by_day, goal):
    points = [(date_format(day, "j M"), by_day[day].served) for day in days]
    expected = []
    if goal is not None and campaign.goal_kind == "impressions":
        expected = [_due_on(goal, day) for day in days]
    said = {"name": campaign.name, "days": len(days), "sum": sum(value for _label, value in points)}
    description = _("%(sum)s impressions in %(days)s days. The table below tells each day.") % said
    if expected:
        description += " " + _("The broken line is an even day.")
    return charts.bars(
        f"days-{campaign.pk}", _("Impressions of “%(name)s” by day") % said, description, points, expected
    )


def _due_on(goal, day):
    """What is due on one day, in whole impressions."""
    midnight = timezone.make_aware(timezone.datetime(day.year, day.month, day.day))
    return round(goal.due(midnight + timedelta(days=1)) - goal.due(midnight))


def _by_day(cell):
    creative, place, day = cell[0]
    return day, creative, place


def _row(creative, place, day, numbers):
    return {
        "day": day.isoformat(), "creative": creative.name, "place": place,
        "impressions": numbers.served, "viewable": numbers.seen, "clicks": numbers.clicked,
    }  # fmt: skip
