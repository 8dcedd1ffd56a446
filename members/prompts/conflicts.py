"""Campaigns that nobody will ever see, since another always goes first. Pure.

Told is only what is sure: another one of the same rank, for the same stories and readers or more of them, that stands
before it and stops for nobody.
"""

from members.prompts.models import Campaign
from members.prompts.targets import EXCLUDED


def conflicts(running, now):
    """{id of a campaign: that of the first which always goes before it}. running: a `Running`; now: aware."""
    live = [one for one in running.candidates if one.pk and _is_live(one, now)]
    found = {}
    for number, one in enumerate(live):
        first = next((other for other in live[:number] if _always_before(other, one)), None)
        if first is not None:
            found[one.pk] = first.pk
    return found


def _is_live(one, now):
    return one.status == Campaign.Status.RUNNING and one.is_kept(now) and bool(one.variants)


def _always_before(first, one):
    """Whether the first of two, in the order in which campaigns go, is shown (or held back) whenever the other could
    be."""
    return (
        first.language == one.language
        and (first.sensitive_ok or not one.sensitive_ok)
        and _rank(first) == _rank(one)
        # Which stories each names is not looked at, so those that go by them are left out.
        and not (first.by_story or one.by_story)
        and _stops_for_nobody(first)
        and _covers_time(first, one)
        and _covers_readers(first, one)
        and all(_covers(first, one, target.kind) for target in EXCLUDED)
    )


def _rank(one):
    return (one.goes_first, "tag" in one.include, "section" in one.include and "tag" not in one.include)


def _stops_for_nobody(one):
    return not (one.frequency or one.counts or one.says_price)


def _covers_time(first, one):
    starts = first.starts_at is None or (one.starts_at is not None and first.starts_at <= one.starts_at)
    ends = first.ends_at is None or (one.ends_at is not None and one.ends_at <= first.ends_at)
    return starts and ends


def _covers_readers(first, one):
    """No states mean all but those who have to pay first, who are asked by name alone."""
    if not first.states:
        return not one.states or "past_due" not in one.states
    return bool(one.states) and one.states <= first.states


def _covers(first, one, kind):
    wider = kind not in first.include or (kind in one.include and one.include[kind] <= first.include[kind])
    return wider and first.exclude.get(kind, frozenset()) <= one.exclude.get(kind, frozenset())
