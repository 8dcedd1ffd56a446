"""What a campaign is doing at a moment. Pure."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from articles.ads import pace

# So far from the even line it is told: ahead of it or behind.
TOLERANCE = 0.1


class State(TextChoices):
    """Everything that a campaign can be; it is one of these."""

    DRAFT = "draft", _("Draft")
    EMPTY = "empty", _("Without an active creative")
    SCHEDULED = "scheduled", _("Scheduled")
    RUNNING = "running", _("Running")
    BEHIND = "behind", _("Running, behind its goal")
    AHEAD = "ahead", _("Running, ahead of its goal")
    PAUSED = "paused", _("Paused")
    REACHED = "reached", _("Goal reached")
    ENDED = "ended", _("Ended")


def of(campaign, now, active, done=0, goal=None):
    """The State of a campaign (its row) at a moment (aware). active: how many of its creatives are; done: what was
    counted towards its goal; goal: its `pace.Goal`, None where it has none."""
    if campaign.starts_at is None:
        return State.DRAFT
    if campaign.ends_at is not None and campaign.ends_at <= now:
        return State.ENDED
    if campaign.paused:
        return State.PAUSED
    if not active:
        return State.EMPTY
    if now < campaign.starts_at:
        return State.SCHEDULED
    return State.RUNNING if goal is None else _paced(goal, done, now)


def _paced(goal, done, now):
    if done >= goal.number:
        return State.REACHED
    part = pace.standing(goal, done, now)
    if part is None or abs(part - 1) <= TOLERANCE:
        return State.RUNNING
    return State.BEHIND if part < 1 else State.AHEAD
