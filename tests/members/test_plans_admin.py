"""Plans, memberships and the plans of grants in the desk."""

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import Permission
from django.db.models import ProtectedError
from django.urls import reverse

from members.accounts.admin.plans import PlanAdmin
from members.accounts.roles import appoint
from members.models import Grant, Membership, Plan, User
from members.reader import Reader
from newsroom.ground.models import Deed

pytestmark = pytest.mark.django_db

PLANS = reverse("admin:members_plan_changelist")
MEMBERSHIPS = reverse("admin:members_membership_changelist")
FRIEND = {"name": "Friend", "slug": "friend", "level": "10", "position": "1"}
NO_DATE = {"archived_at_0": "", "archived_at_1": ""}


@pytest.fixture
def publisher(as_):
    """A browser of someone who publishes, and owns nothing."""
    user = User.objects.create_user("publisher@example.com")
    appoint(user, User.Role.PUBLISHER)
    return as_(user)


@pytest.fixture
def owner(as_):
    """A browser of an owner."""
    return as_(User.objects.create_superuser("owner@example.com", "the river rises at noon"))


@pytest.fixture
def plan(db):
    return Plan.objects.create(name="Friend", slug="friend")


def page_of(row, name="change"):
    return reverse(f"admin:members_{row._meta.model_name}_{name}", args=[row.pk])


# Plans


def test_a_publisher_makes_a_plan(publisher):
    assert publisher.post(reverse("admin:members_plan_add"), FRIEND | NO_DATE).status_code == 302
    plan = Plan.objects.get()
    assert (plan.name, plan.slug, plan.level) == ("Friend", "friend", 10)


def test_an_editor_looks_at_plans_and_changes_none(as_, nino, plan):
    editor = as_(nino)
    assert editor.get(PLANS).status_code == 200
    assert "Friend" in editor.get(page_of(plan)).content.decode()
    assert editor.post(page_of(plan), FRIEND | NO_DATE | {"level": "1"}).status_code == 403
    assert editor.post(reverse("admin:members_plan_add"), FRIEND | NO_DATE).status_code == 403
    assert editor.post(page_of(plan, "delete"), {"post": "yes"}).status_code == 403
    editor.post(PLANS, {"action": "archive", "_selected_action": plan.pk})
    assert Plan.objects.values("level", "archived_at").get() == {"level": 10, "archived_at": None}


def test_a_reporter_sees_no_plan(as_, plan):
    user = User.objects.create_user("reporter@example.com")
    appoint(user, User.Role.REPORTER)
    assert as_(user).get(PLANS).status_code == 403


def test_a_plan_that_nobody_ever_had_is_deleted(publisher, plan):
    assert publisher.post(page_of(plan, "delete"), {"post": "yes"}).status_code == 302
    assert not Plan.objects.exists()


def test_a_plan_in_use_is_not_deleted_and_the_page_says_to_archive_it_without_naming_members(
    publisher, plan, leyla, aram
):
    Membership.objects.create(user=leyla, plan=plan, status="active")
    Grant.objects.create(user=aram, plan=plan, reason="a friend of the house")
    for response in (publisher.get(page_of(plan, "delete")), publisher.post(page_of(plan, "delete"), {"post": "yes"})):
        said = response.content.decode()
        assert response.status_code == 200
        assert "Memberships: 1" in said
        assert "Grants: 1" in said
        assert "Archive it instead" in said
        assert "Leyla" not in said
        assert "Aram" not in said
    assert Plan.objects.filter(pk=plan.pk).exists()


def test_a_plan_that_somebody_takes_while_it_is_being_deleted_stays(publisher, plan, leyla, monkeypatch):
    delete = PlanAdmin.delete_model

    def taken(admin, request, row):
        monkeypatch.setattr(PlanAdmin, "delete_model", delete)
        # In another transaction, which commits whatever becomes of this one.
        monkeypatch.setattr(PlanAdmin, "get_deleted_objects", lambda *given: ([], {}, set(), ["Memberships: 1"]))
        raise ProtectedError("taken", {row})

    monkeypatch.setattr(PlanAdmin, "delete_model", taken)
    response = publisher.post(page_of(plan, "delete"), {"post": "yes"})
    assert response.status_code == 200
    assert "Archive it instead" in response.content.decode()
    assert Plan.objects.exists()


def test_plans_are_not_deleted_many_at_once(publisher, plan):
    publisher.post(PLANS, {"action": "delete_selected", "_selected_action": plan.pk, "post": "yes"})
    assert Plan.objects.exists()


def test_plans_are_archived_and_offered_again_from_the_list(publisher, plan):
    publisher.post(PLANS, {"action": "archive", "_selected_action": plan.pk})
    assert not Plan.objects.offered().exists()
    first = Plan.objects.get().archived_at
    publisher.post(PLANS, {"action": "archive", "_selected_action": plan.pk})
    assert Plan.objects.get().archived_at == first
    publisher.post(PLANS, {"action": "offer", "_selected_action": plan.pk})
    assert Plan.objects.offered().exists()


@pytest.mark.parametrize(
    ("state", "listed"), [("offered", ["Friend"]), ("archived", ["Patron"]), ("", ["Friend", "Patron"])]
)
def test_plans_are_listed_by_whether_they_are_offered(publisher, plan, now, state, listed):
    Plan.objects.create(name="Patron", slug="patron", archived_at=now)
    html = publisher.get(PLANS, {"state": state} if state else {}).content.decode()
    assert [name for name in ("Friend", "Patron") if f">{name}</a>" in html] == listed


# Memberships


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


# Plans of grants


def give(browser, user, **more):
    sent = {"user": user.pk, "reason": "paid elsewhere", "starts_at_0": "2026-01-01", "starts_at_1": "00:00"}
    return browser.post(reverse("admin:members_grant_add"), sent | more)


def test_a_grant_is_given_for_a_plan_and_the_plan_stays_as_it_was_given(as_, nino, aram, plan):
    higher = Plan.objects.create(name="Patron", slug="patron", level=20)
    assert give(as_(nino), aram, plan=plan.pk).status_code == 302
    grant = aram.grants.get()
    assert grant.plan == plan
    as_(nino).post(page_of(grant), {"reason": "paid elsewhere", "plan": higher.pk})
    assert Grant.objects.get(pk=grant.pk).plan == plan


def test_a_plan_that_is_archived_is_given_to_nobody_new(as_, nino, aram, plan, now):
    Plan.objects.update(archived_at=now)
    assert give(as_(nino), aram, plan=plan.pk).status_code == 200
    assert not aram.grants.exists()


def test_a_grant_without_a_plan_makes_a_member_all_the_same(as_, nino, aram, now):
    assert give(as_(nino), aram, plan="").status_code == 302
    assert Reader.of_user(User.objects.get(pk=aram.pk), now).level.name == "MEMBERS"


# Traces


def deeds():
    return list(Deed.objects.order_by("pk").values_list("deed", "kind", "key", "note"))


def test_who_makes_and_changes_a_membership_by_hand_is_in_the_audit_log(owner, aram, plan):
    sent = {"plan": plan.pk, "started_at_0": "2026-01-01", "started_at_1": "00:00"}
    owner.post(reverse("admin:members_membership_add"), sent | {"user": aram.pk, "status": "active"})
    owner.post(page_of(Membership.objects.get()), sent | {"status": "paused"})
    assert deeds() == [
        ("made a membership", "account", aram.key, "friend: active"),
        ("changed a membership", "account", aram.key, "friend: paused"),
    ]


def test_who_gives_and_ends_a_grant_is_in_the_audit_log(as_, nino, aram):
    give(as_(nino), aram)
    number = aram.grants.get().pk
    as_(nino).post(reverse("admin:members_grant_changelist"), {"action": "revoke", "_selected_action": number})
    assert deeds() == [
        ("gave a grant", "account", aram.key, f"grant {number}"),
        ("ended a grant", "account", aram.key, f"grant {number}"),
    ], "by its number: why it was given may tell of a person, and what stands in this log is never struck out"
    assert {deed.actor for deed in Deed.objects.all()} == {nino.key}


def test_a_plan_that_changes_is_in_the_audit_log_with_what_it_was(publisher, plan):
    publisher.post(page_of(plan), FRIEND | NO_DATE | {"position": "100", "level": "30"})
    assert deeds() == [("changed a plan", "plan", "friend", "level: 10 → 30")]


def test_a_plan_that_is_archived_or_offered_from_the_list_is_in_it_too_once(publisher, plan):
    for action in ("archive", "archive", "offer", "offer"):
        publisher.post(PLANS, {"action": action, "_selected_action": plan.pk})
    archived, offered = deeds()
    assert archived[:3] == offered[:3] == ("changed a plan", "plan", "friend")
    assert archived[3].startswith("archived_at: None → 20")
    assert offered[3].startswith("archived_at: 20")
    assert offered[3].endswith(" → None")
