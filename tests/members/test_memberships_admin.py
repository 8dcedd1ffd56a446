"""Memberships in the desk, which owners alone see."""

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse

from members.models import Membership, Plan, User
from members.reader import Reader
from tests.members.desk import deeds, page_of

pytestmark = pytest.mark.django_db

MEMBERSHIPS = reverse("admin:members_membership_changelist")


@pytest.fixture
def owner(as_):
    """A browser of an owner."""
    return as_(User.objects.create_superuser("owner@example.com", "the river rises at noon"))


@pytest.fixture
def plan(db):
    return Plan.objects.create(name="Friend", slug="friend")


@pytest.mark.parametrize("who", ["nino", "davit"])
def test_who_edits_or_publishes_sees_nobodys_membership(as_, leyla, plan, who, request):
    membership = Membership.objects.create(user=leyla, plan=plan, status="past_due")
    browser = as_(request.getfixturevalue(who))
    for address in (
        MEMBERSHIPS,
        page_of(membership),
        page_of(membership, "history"),
        reverse("admin:members_membership_add"),
    ):
        assert browser.get(address).status_code == 403, address
    assert MEMBERSHIPS not in browser.get("/admin/").content.decode()
    forged = {"user": leyla.pk, "plan": plan.pk, "status": "active"}
    assert browser.post(page_of(membership), forged).status_code == 403
    assert Membership.objects.get().status == "past_due"


def test_an_owner_makes_a_membership_by_hand_and_the_reader_is_a_member_by_its_plan(owner, aram, plan, now):
    sent = {"user": aram.pk, "plan": plan.pk, "status": "active", "started_at_0": "2026-01-01", "started_at_1": "00:00"}
    assert owner.post(reverse("admin:members_membership_add"), sent).status_code == 302
    reader = Reader.of_user(User.objects.get(pk=aram.pk), now)
    assert (reader.level.name, reader.plans) == ("MEMBERS", frozenset({plan.rank}))


def test_of_a_membership_everything_changes_but_whose_it_is(owner, aram, leyla, plan):
    membership = Membership.objects.create(user=leyla, plan=plan, status="active")
    sent = {
        "user": aram.pk, "plan": plan.pk, "status": "canceled", "started_at_0": "2026-01-01", "started_at_1": "00:00",
        "ends_at_0": "2026-02-01", "ends_at_1": "00:00",
    }  # fmt: skip
    assert owner.post(page_of(membership), sent).status_code == 302
    kept = Membership.objects.get()
    assert (kept.user, kept.status, kept.ends_at) == (leyla, "canceled", datetime(2026, 1, 31, 20, tzinfo=UTC))


def test_a_payment_that_failed_at_no_stated_time_failed_now_so_that_grace_has_a_beginning(owner, leyla, plan, now):
    leyla.grants.all().delete()
    membership = Membership.objects.create(user=leyla, plan=plan, status="active")
    sent = {"plan": plan.pk, "status": "past_due", "started_at_0": "2026-01-01", "started_at_1": "00:00"}
    assert owner.post(page_of(membership), sent).status_code == 302
    assert abs(Membership.objects.get().failed_at - now) < timedelta(minutes=1)
    assert Reader.of_user(User.objects.get(pk=leyla.pk), now).level.name == "MEMBERS"


def test_memberships_are_found_by_address_or_name_and_none_is_deleted(owner, leyla, aram, plan):
    for user in (leyla, aram):
        Membership.objects.create(user=user, plan=plan, status="active")
    found = owner.get(MEMBERSHIPS, {"q": "leyla"}).content.decode()
    assert "Leyla" in found
    assert "Aram" not in found
    membership = leyla.membership
    assert owner.post(page_of(membership, "delete"), {"post": "yes"}).status_code == 403
    owner.post(MEMBERSHIPS, {"action": "delete_selected", "_selected_action": membership.pk, "post": "yes"})
    assert Membership.objects.filter(pk=membership.pk).exists()


def test_no_role_has_any_right_on_memberships():
    rights = Permission.objects.filter(content_type__app_label="members", content_type__model="membership")
    assert rights.count() == 4
    assert not rights.filter(group__isnull=False).exists()


def test_who_makes_and_changes_a_membership_by_hand_is_in_the_audit_log(owner, aram, plan):
    sent = {"plan": plan.pk, "started_at_0": "2026-01-01", "started_at_1": "00:00"}
    owner.post(reverse("admin:members_membership_add"), sent | {"user": aram.pk, "status": "active"})
    owner.post(page_of(Membership.objects.get()), sent | {"status": "paused"})
    assert deeds() == [
        ("made a membership", "account", aram.key, "friend: active"),
        ("changed a membership", "account", aram.key, "friend: paused"),
    ]
