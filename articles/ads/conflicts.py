"""What stands in a campaign's way: others that come before it at the same places, and goals that its readers cannot
fill. Pure.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext_lazy as _

from articles.ads import targeting

# Of what there was last week, a goal is taken to need at most so much.
ROOM = 1.0
WEEK = timedelta(days=7)
NEVER = datetime.max


@dataclass(frozen=True, slots=True)
class Conflict:
    """words: what is in the way, lazily; other: the campaign that is, or None."""

    words: str
    other: object = None


def of(campaign, others, now, supply=None, left=0):
    """The Conflicts of a campaign (a row) at a moment (aware). others: those that run or are to come; supply: how many
    impressions there were last week at its places, None where that is not known; left: how much of its goal is."""
    if campaign.starts_at is None:
        return []
    found = [Conflict(_before(other), other) for other in others if _is_before(other, campaign)]
    return found + _unreachable(campaign, now, supply, left)


def _before(other):
    return _(
        "It comes first at the same places and times, and nothing limits it. Give this one its priority, or others."
    )


def _is_before(other, campaign):
    """Whether another campaign may leave nothing to this one: it has a higher priority, no goal and no limit, and meets
    it in time, at a place, and with what both are for."""
    return (
        other.pk != campaign.pk
        and other.priority < campaign.priority
        and not other.paused
        and other.goal is None
        and other.cap is None
        and _overlap(other, campaign)
        and bool(set(other.kinds()) & set(campaign.kinds()))
        and not targeting.apart((other.include, other.exclude), (campaign.include, campaign.exclude))
    )


def _overlap(one, other):
    starts = max(one.starts_at, other.starts_at)
    return all(each.ends_at is None or starts < each.ends_at for each in (one, other))


def _unreachable(campaign, now, supply, left):
    if campaign.goal is None or campaign.goal_kind != "impressions" or supply is None or not left:
        return []
    seconds = (campaign.ends_at - max(now, campaign.starts_at)).total_seconds()
    if seconds <= 0 or left <= supply * ROOM * seconds / WEEK.total_seconds():
        return []
    return [
        Conflict(_("Its goal asks for more than its places had last week. Lower it, give it more time or more places."))
    ]
