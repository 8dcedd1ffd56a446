"""What campaigns with a goal have delivered, and how much each may until the next poll.

Served are counts of the series "ad", clicked of "ad-click", seen of "ad-seen": `newsroom.ground.counters`, keyed by
"CREATIVE:PLACE". Each process polls once a second (`Snapshot.poll`), after its own counts were written; what it took
meanwhile goes off the allowance at once.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import Sum

from articles.ads import pace
from articles.ads.models import GoalKind
from newsroom.ground.models import Count

SERVED, SEEN, CLICKED = "ad", "ad-seen", "ad-click"
SERIES = {GoalKind.IMPRESSIONS: SERVED, GoalKind.CLICKS: CLICKED}
# Counts of the hour before may still come in after the full hour.
LATE = timedelta(hours=1)
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Paced:
    """A campaign with a goal: what counts towards it, and the ids of its creatives, inactive ones too."""

    campaign: int
    series: str
    goal: pace.Goal
    creatives: frozenset


@dataclass
class Delivery:
    """paced: {campaign: Paced}. done: {campaign: what was counted towards its goal}. left: {campaign: impressions that
    it may have until the next poll}; spent: the campaigns that may have none. Requests take from it while the beat
    polls: both replace what they change, and two that take the last at once are one too many."""

    paced: dict = field(default_factory=dict)
    done: dict = field(default_factory=dict)
    left: dict = field(default_factory=dict)
    spent: frozenset = frozenset()
    _before: Counter = field(default_factory=Counter)
    _since: datetime | None = None

    def poll(self, now):
        """Learn what was counted. One query where a campaign has a goal, one more each hour. Raises DatabaseError; then
        what was left is all there is."""
        if not self.paced:
            return
        hour = now.replace(minute=0, second=0, microsecond=0)
        if self._since != hour - LATE:
            # A day before the first of them began: older hours were added up by the day.
            first = min(row.goal.starts_at for row in self.paced.values()) - DAY
            self._before, self._since = self._counted(hour__gte=first, hour__lt=hour - LATE), hour - LATE
        # Those of the hour before are added once they are all there.
        late, fresh = self._counted(hour__gte=self._since, hour__lt=hour), self._counted(hour__gte=hour)
        self.done = {one: self._before[one] + late[one] + fresh[one] for one in self.paced}
        self.left = {one: self._may(row, fresh[one], now) for one, row in self.paced.items()}
        spent = frozenset(one for one, left in self.left.items() if left <= 0)
        # What is remembered for the one that is the same need not be worked out anew.
        self.spent = self.spent if spent == self.spent else spent

    def take(self, campaign):
        """One impression of a campaign was shown; whether it may have another before the next poll."""
        left = self.left.get(campaign)
        if left is None or self.paced[campaign].series != SERVED:
            return True
        self.left[campaign] = left - 1
        if left <= 1:
            self.spent |= {campaign}
        return left > 1

    def _may(self, row, this_hour, now):
        return pace.allowance(row.goal, self.done[row.campaign], this_hour, now)

    def _counted(self, **hours):
        """{campaign: how much was counted towards its goal} in these hours."""
        found = Counter()
        owners = {creative: row for row in self.paced.values() for creative in row.creatives}
        series = {row.series for row in self.paced.values()}
        rows = Count.objects.filter(series__in=series, **hours).order_by().values_list("series", "key")
        for name, key, number in rows.annotate(total=Sum("number")):
            row = owners.get(creative_of(key))
            if row is not None and row.series == name:
                found[row.campaign] += number
        return found


def creative_of(key):
    """The id of the creative that a count's key names, None for the house's own word."""
    told = key.partition(":")[0]
    return int(told) if told.isascii() and told.isdigit() else None


def of(paced, now):
    """The Delivery of these campaigns as it stands at a moment (aware)."""
    made = Delivery({row.campaign: row for row in paced})
    made.poll(now)
    return made
