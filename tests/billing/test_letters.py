"""Which mails a membership calls for, at which moment, and that the same thing is never a second mail."""

from datetime import UTC, date, datetime, timedelta

import pytest

from members.billing.letters import Letter, due, ended_at
from members.billing.models import Customer
from members.models import Membership, User
from members.standing import Status

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
GRACE = timedelta(days=14)
DAY = timedelta(days=1)
FAILED = NOW - 3 * DAY


def held(status=Status.ACTIVE, **fields):
    fields = {"started_at": NOW - 200 * DAY, "stripe_subscription": "sub_1"} | fields
    return Membership(status=status, **fields)


def customer(offers=True, **fields):
    return Customer(user=User(told_of_offers=offers), **fields)


def kinds(membership, of=None, now=NOW):
    return [letter.kind for letter in due(membership, of or customer(), now, GRACE)]


def test_a_member_of_long_ago_whose_payments_go_well_is_left_in_peace():
    assert kinds(held()) == []


@pytest.mark.parametrize("status", [Status.ACTIVE, Status.TRIALING])
def test_who_is_new_is_welcomed_and_who_was_taken_over_from_elsewhere_is_not(status):
    assert kinds(held(status, started_at=NOW - 2 * DAY)) == ["welcome"]
    assert kinds(held(status, started_at=NOW - 3 * DAY)) == []


def test_nobody_is_welcomed_whose_first_payment_never_came():
    assert kinds(held(Status.INCOMPLETE, started_at=NOW)) == []
    assert kinds(held(Status.INCOMPLETE_EXPIRED, started_at=NOW, ends_at=NOW)) == []


def test_a_payment_that_failed_is_told_once_for_each_payment():
    told = due(held(Status.PAST_DUE, failed_at=FAILED), customer(), NOW, GRACE)
    assert told == [Letter("payment_failed", "sub_1 2026-11-21T12:00:00Z")]
    assert due(held(Status.PAST_DUE, failed_at=FAILED), customer(), NOW + DAY, GRACE) == told


def test_a_bank_that_waits_for_a_word_is_no_bank_that_refused():
    assert kinds(held(Status.PAST_DUE, failed_at=FAILED), customer(owes_a_word=True)) == ["action_required"]


@pytest.mark.parametrize(("away", "told"), [(8, []), (7, ["ending_soon"]), (1, ["ending_soon"])])
def test_a_week_before_it_ends_its_member_is_reminded(away, told):
    assert kinds(held(ends_at=NOW + away * DAY)) == told


def test_one_that_has_ended_and_one_that_was_never_paid_are_not_about_to_end():
    assert "ending_soon" not in kinds(held(ends_at=NOW))
    assert kinds(held(Status.PAST_DUE, ends_at=NOW + DAY)) == []


@pytest.mark.parametrize(("ago", "told"), [(0, ["ended"]), (13, ["ended"]), (14, []), (29, []), (30, ["win_back"]),
                                           (59, ["win_back"]), (60, [])])  # fmt: skip
def test_what_ended_is_told_while_it_is_news_and_who_left_is_asked_back_once(ago, told):
    assert kinds(held(Status.CANCELED, ends_at=NOW - ago * DAY)) == told


def test_nobody_is_asked_back_who_does_not_want_to_be():
    assert kinds(held(Status.CANCELED, ends_at=NOW - 30 * DAY), customer(offers=False)) == []


def test_a47_the_end_of_the_grace_and_stripes_giving_up_are_one_end():
    """Grace of 14 days and dunning of 21: the same mail, whichever is seen first."""
    failed = NOW - 14 * DAY
    over = due(held(Status.PAST_DUE, failed_at=failed), customer(), NOW, GRACE)
    given_up = due(held(Status.CANCELED, failed_at=failed, ends_at=NOW + 7 * DAY), customer(), NOW + 8 * DAY, GRACE)
    assert over == given_up == [Letter("ended", "sub_1 2026-11-10T12:00:00Z")]


def test_a47_a_dunning_that_is_shorter_than_the_grace_ends_it_sooner():
    sooner = held(Status.UNPAID, failed_at=FAILED)
    assert ended_at(sooner, NOW, GRACE) == NOW
    assert kinds(sooner) == ["ended"]
    assert ended_at(sooner, NOW + 40 * DAY, GRACE) == FAILED + GRACE
    assert ended_at(held(Status.CANCELED, failed_at=FAILED, ends_at=NOW - DAY), NOW, GRACE) == NOW - DAY


def test_what_was_paid_after_all_and_fails_again_is_another_end():
    first, again = (due(held(Status.PAST_DUE, failed_at=at), customer(), at + GRACE, GRACE)[0] for at in (FAILED, NOW))
    assert first.kind == again.kind == "ended"
    assert first.about != again.about


def test_stripe_ends_a_pending_cancel_some_seconds_later_and_that_is_the_same_end():
    planned = due(held(ends_at=NOW), customer(), NOW, GRACE)
    done = due(held(Status.CANCELED, ends_at=NOW + timedelta(seconds=90)), customer(), NOW + DAY, GRACE)
    assert planned == done == [Letter("ended", "sub_1")]


def test_a_dispute_is_no_end_before_it_is_lost():
    assert kinds(held(Status.SUSPENDED)) == kinds(held(Status.PAUSED)) == []


@pytest.mark.parametrize(("expires", "told"), [(date(2026, 12, 31), []), (date(2026, 12, 24), ["card_expiring"]),
                                               (date(2026, 11, 24), ["card_expiring"]), (date(2026, 11, 23), []),
                                               (None, [])])  # fmt: skip
def test_a_card_that_expires_within_a_month_is_told(expires, told):
    assert kinds(held(), customer(card_last4="4242", card_expires_on=expires)) == told


def test_a_card_that_pays_nothing_more_may_expire():
    soon = customer(card_last4="4242", card_expires_on=NOW.date())
    assert kinds(held(ends_at=NOW + 20 * DAY), soon) == []
    assert kinds(held(Status.CANCELED, ends_at=NOW - 20 * DAY), soon) == []
