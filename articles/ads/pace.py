"""How a goal is spread over a campaign's time. Pure.

Due is what an even line from the campaign's beginning to its end says, over the hours in which it runs. What quiet
hours left undone is caught up, at CATCH_UP times the even pace of what is left, so that no single hour gets all of it.
"""

from bisect import bisect_right
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from articles.ads import hours

CATCH_UP = 2
# Seconds for which an allowance must last at most: the time between two polls, and a poll that comes late.
POLL = 2
# So finely a campaign's hours of the week are added up.
STEP = timedelta(minutes=15)


@dataclass(frozen=True)
class Goal:
    """number: how often in all, from one moment to another (aware). edges: the beginnings of the spans in which it
    runs, one for a campaign that runs all day; lengths: for each, how many seconds of running lie before it; whole: how
    many there are in all."""

    number: int
    starts_at: datetime
    ends_at: datetime
    edges: tuple
    lengths: tuple
    whole: float

    @classmethod
    def of(cls, number, starts_at, ends_at, runs=None):
        """runs(moment): whether the campaign runs then, where it does not run all day."""
        if runs is None:
            return cls(number, starts_at, ends_at, (starts_at,), (0.0,), (ends_at - starts_at).total_seconds())
        edges, lengths, whole, at = [], [], 0.0, starts_at
        while at < ends_at:
            until = min(at + STEP, ends_at)
            if runs(at):
                edges.append(at)
                lengths.append(whole)
                whole += (until - at).total_seconds()
            at = until
        return cls(number, starts_at, ends_at, tuple(edges), tuple(lengths), whole)

    def run_by(self, now):
        """How many seconds it has run at a moment."""
        place = bisect_right(self.edges, now) - 1
        if place < 0:
            return 0.0
        longest = (self.lengths[place + 1] if place + 1 < len(self.lengths) else self.whole) - self.lengths[place]
        return self.lengths[place] + min(longest, (min(now, self.ends_at) - self.edges[place]).total_seconds())

    def due(self, now):
        """How much should be done at a moment, a number that is not whole."""
        return self.number * self.run_by(now) / self.whole if self.whole else 0.0


def allowance(goal, done, this_hour, now):
    """How many more may be done until the next poll. done: so far in all; this_hour: since the full hour."""
    behind = goal.due(now) - done
    if behind < 1 or done >= goal.number:
        return 0
    left, seconds = goal.number - done, max(1.0, goal.whole - goal.run_by(now))
    # What an hour and what the time between two polls may bring at most; the last hour whatever is left.
    hour = CATCH_UP * (left + this_hour) * 3600 / (seconds + now.minute * 60 + now.second)
    poll = ceil(CATCH_UP * left * POLL / seconds)
    return max(0, min(int(behind), left, poll, ceil(hour - this_hour)))


def standing(goal, done, now):
    """How far it is beside the even line: done over due; None before anything is due."""
    due = goal.due(now)
    return done / due if due >= 1 else None


def of_campaign(campaign, local):
    """The Goal of a campaign (its row), None where it has none. local(moment): the moment in the newsroom's zone."""
    if campaign.goal is None or campaign.starts_at is None or campaign.ends_at is None:
        return None
    start, end, weekdays = campaign.hour_from, campaign.hour_until, campaign.weekdays
    if start is None and not weekdays:
        return Goal.of(campaign.goal, campaign.starts_at, campaign.ends_at)
    return Goal.of(
        campaign.goal,
        campaign.starts_at,
        campaign.ends_at,
        lambda moment: hours.runs(local(moment), start, end, weekdays),
    )
