"""What the pages of an account say of its membership, and that losing it acts at the next request."""

from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse

from members.access import Audience
from members.models import Grant, Membership
from members.standing import Status
from tests.conftest import GATED_WORD
from tests.plans import sold

pytestmark = pytest.mark.django_db


@pytest.fixture
def plans(db):
    fields = [("Reader", 10, 500), ("Friend", 20, 1250)]
    return [sold(name, amount, level=level) for name, level, amount in fields]


def member_by(user, plan, status=Status.ACTIVE, **fields):
    return Membership.objects.create(user=user, plan=plan, status=status, **fields)


def page(browser, name):
    return browser.get(reverse(name)).content.decode()


def test_the_account_names_the_plan(as_, aram, plans):
    member_by(aram, plans[1])
    assert "Friend. Member, without an end" in page(as_(aram), "account")


def test_a_pending_end_is_said(as_, aram, plans):
    member_by(aram, plans[0], ends_at=datetime(2099, 3, 1, 12, tzinfo=UTC))
    assert "Reader. Member until 1 March 2099" in page(as_(aram), "account")


def test_a_grant_without_an_end_outlasts_a_membership_that_ends(as_, aram, plans, now):
    member_by(aram, plans[0], ends_at=now + timedelta(days=9))
    Grant.objects.create(user=aram, reason="thanks")
    assert "Member, without an end" in page(as_(aram), "account")


def test_while_grace_runs_the_account_says_until_when(as_, aram, plans, now):
    member_by(aram, plans[0], Status.PAST_DUE, failed_at=now - timedelta(days=1))
    said = page(as_(aram), "account")
    assert "The last payment did not go through; everything stays open to you until" in said


def test_who_owes_is_told_what_to_do_and_not_that_they_are_a_member(as_, aram, plans, now):
    member_by(aram, plans[0], Status.PAST_DUE, failed_at=now - timedelta(days=15))
    assert "Waits for a payment that did not go through" in page(as_(aram), "account")
    said = page(as_(aram), "join")
    assert "whose last payment did not go through" in said
    assert "You are a member" not in said


def test_joining_says_what_it_costs_and_members_see_what_opens_more(as_, stranger, aram, leyla, plans):
    assert {"€5 a month", "€12.50 a month"} <= set(page(stranger, "join").replace("</dd>", "<dd>").split("<dd>"))
    member_by(aram, plans[0])
    said = page(as_(aram), "join")
    assert "Plans that open more" in said
    assert "€12.50 a month" in said
    assert "€5 a month" not in said
    aram.membership.delete()
    member_by(aram, plans[1])
    assert "Every story and every recording is open to you." in page(as_(aram), "join")


def test_archived_plans_are_offered_to_nobody(stranger, plans, now):
    plans[1].archived_at = now
    plans[1].save()
    assert "Friend" not in page(stranger, "join")


@pytest.mark.parametrize("way", ["long", "short"])
@pytest.mark.parametrize(
    "end",
    [
        lambda held: Membership.objects.filter(pk=held.pk).update(status=Status.CANCELED),
        lambda held: Membership.objects.filter(pk=held.pk).update(ends_at=datetime.now(UTC)),
        lambda held: Membership.objects.filter(pk=held.pk).update(status=Status.PAUSED),
        lambda held: Membership.objects.filter(pk=held.pk).delete(),
        lambda held: type(held.user).objects.filter(pk=held.user_id).update(banned_at=datetime.now(UTC)),
        lambda held: held.user.sessions.all().delete(),
    ],
    ids=["canceled", "ended", "paused", "gone", "banned", "signed out everywhere"],
)
def test_what_ends_acts_at_the_next_request(way, end, request, story, as_, aram, plans):
    if way == "short":
        request.getfixturevalue("serving")()
    path, browser = story(audience=Audience.MEMBERS).get_absolute_url(), as_(aram)
    held = member_by(aram, plans[0])
    for _again in range(2):
        assert GATED_WORD in browser.get(path).content.decode()
    end(held)
    said = browser.get(path).content.decode()
    assert GATED_WORD not in said
    assert said.count("data-wall=") == 1


def test_grace_that_ends_in_an_open_tab_ends_at_the_next_request(story, as_, aram, plans, now):
    path, browser = story(audience=Audience.MEMBERS).get_absolute_url(), as_(aram)
    held = member_by(aram, plans[0], Status.PAST_DUE, failed_at=now - timedelta(days=14) + timedelta(minutes=1))
    assert GATED_WORD in browser.get(path).content.decode()
    Membership.objects.filter(pk=held.pk).update(failed_at=now - timedelta(days=14))
    said = browser.get(path).content.decode()
    assert GATED_WORD not in said
    assert 'data-wall="pay"' in said
