"""What a member is told of the membership, and can do about it, in every state that it can have."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from members.billing.situation import Act, Kind, of

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
DAY, GRACE = timedelta(days=1), timedelta(days=14)
SOON = NOW + 5 * DAY


def held(status="active", **fields):
    plain = {"stripe_subscription": "sub_1", "interval": "month", "interval_count": 1, "renews_at": SOON}
    missing = dict.fromkeys(("ends_at", "paused_until", "trial_ends_at", "failed_at"))
    return SimpleNamespace(status=status, **{**missing, **plain, **fields})


def told(status="active", **fields):
    found = of(held(status, **fields), NOW, GRACE)
    return found.kind, found.until, {act.value for act in found.acts}


@pytest.mark.parametrize(
    ("membership", "kind", "until", "acts"),
    [
        ({}, Kind.RUNNING, SOON, "change pause cancel portal"),
        ({"interval": "year"}, Kind.RUNNING, SOON, "change cancel portal"),
        ({"interval_count": 3}, Kind.RUNNING, SOON, "change cancel portal"),
        ({"status": "trialing", "trial_ends_at": SOON}, Kind.TRIAL, SOON, "change cancel portal"),
        ({"ends_at": SOON}, Kind.ENDING, SOON, "resume portal"),
        ({"status": "trialing", "trial_ends_at": SOON, "ends_at": SOON}, Kind.ENDING, SOON, "resume portal"),
        ({"ends_at": SOON, "paused_until": SOON}, Kind.ENDING, SOON, "resume portal"),
        ({"paused_until": SOON}, Kind.PAUSING, SOON, "resume cancel portal"),
        ({"status": "paused", "paused_until": SOON}, Kind.PAUSED, SOON, "resume cancel portal"),
        ({"status": "past_due", "failed_at": NOW - DAY}, Kind.FAILED, NOW + 13 * DAY, "pay cancel portal"),
        ({"status": "past_due", "failed_at": NOW - GRACE}, Kind.OWING, None, "pay cancel portal"),
        ({"status": "past_due"}, Kind.OWING, None, "pay cancel portal"),
        ({"status": "unpaid"}, Kind.OWING, None, "pay cancel portal"),
        ({"status": "suspended"}, Kind.SUSPENDED, None, "cancel portal"),
        ({"status": "incomplete"}, Kind.UNBEGUN, None, "join"),
        ({"status": "incomplete_expired", "ends_at": NOW}, Kind.ENDED, NOW, "join"),
        ({"status": "canceled", "ends_at": NOW - DAY}, Kind.ENDED, NOW - DAY, "join"),
        ({"ends_at": NOW}, Kind.ENDED, NOW, "join"),
        ({"stripe_subscription": None, "ends_at": SOON}, Kind.BY_HAND, SOON, ""),
    ],
)  # fmt: skip
def test_a_member_is_told_what_is_so_and_what_can_be_done(membership, kind, until, acts):
    assert told(**membership) == (kind, until, set(acts.split()))


@pytest.mark.parametrize("status", ["trialing", "active", "past_due", "unpaid", "paused", "suspended"])
def test_whoever_may_still_be_charged_can_end_it_or_has_ended_it(status):
    told_acts = of(held(status, failed_at=NOW), NOW, GRACE).acts
    assert Act.CANCEL in told_acts
    assert Act.PORTAL in told_acts
