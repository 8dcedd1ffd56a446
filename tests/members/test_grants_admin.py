"""Grants in the desk: complimentary, and paid by ways that do not pass Stripe."""

import pytest
from django.urls import reverse

from members.models import Grant, Plan, User
from members.reader import Reader
from newsroom.ground.models import Deed
from tests.members.desk import deeds, page_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def plan(db):
    return Plan.objects.create(name="Friend", slug="friend")


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


PAID = {"paid_through": "bank", "amount": "50", "currency": "EUR", "ends_at_0": "2027-01-01", "ends_at_1": "00:00"}


def test_what_was_paid_elsewhere_is_recorded_with_amount_currency_period_and_who_did_it(as_, nino, aram, plan):
    assert give(as_(nino), aram, plan=plan.pk, **PAID | {"amount": "49,50 €", "currency": "eur"}).status_code == 302
    grant = aram.grants.get()
    assert (grant.paid_through, grant.amount, grant.currency, grant.granted_by) == ("bank", 4950, "EUR", nino)
    assert (grant.starts_at.year, grant.ends_at.year) == (2025, 2026), "midnight in Tbilisi"
    listed = as_(nino).get(reverse("admin:members_grant_changelist")).content.decode()
    assert "€49.50, Bank transfer" in listed
    assert deeds() == [("gave a grant", "account", aram.key, f"grant {grant.pk}: €49.50, bank")]


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"amount": ""}, "Say how much was paid."),
        ({"amount": "0"}, "Type more than nothing."),
        ({"amount": "lots"}, "Type an amount such as 4.50."),
        ({"currency": ""}, "Say in which currency it was paid."),
        ({"currency": "€"}, "A currency is three capital letters"),
        ({"ends_at_0": "", "ends_at_1": ""}, "Say until when it was paid for."),
        ({"ends_at_0": "2025-12-01"}, "A grant ends after it starts."),
        ({"paid_through": ""}, "Say how it was paid, or take amount and currency away."),
        ({"paid_through": "barter"}, "Select a valid choice."),
    ],
)
def test_a_paid_grant_that_leaves_something_out_is_refused_in_words(as_, nino, aram, sent, said):
    response = give(as_(nino), aram, **PAID | sent)
    assert response.status_code == 200
    assert said in response.content.decode()
    assert not aram.grants.exists()


def test_of_what_was_paid_nothing_changes_later_but_the_reason_and_until_when(as_, nino, aram, plan):
    give(as_(nino), aram, **PAID)
    grant = aram.grants.get()
    sent = {"reason": "by the bank", "paid_through": "cash", "amount": "9", "currency": "USD"}
    until = {"ends_at_0": "2028-01-01", "ends_at_1": "00:00"}
    assert as_(nino).post(page_of(grant), sent | until).status_code == 302
    kept = aram.grants.get()
    assert (kept.reason, kept.paid_through, kept.amount, kept.currency) == ("by the bank", "bank", 5000, "EUR")
    assert kept.ends_at.year == 2027
    for end, said in (("", "Say until when it was paid for."), ("2025-12-01", "A grant ends after it starts.")):
        response = as_(nino).post(page_of(grant), sent | {"ends_at_0": end, "ends_at_1": end and "00:00"})
        assert said in response.content.decode()
    assert aram.grants.get().ends_at == kept.ends_at


def test_a_complimentary_grant_ends_when_it_is_said_to(as_, nino, aram):
    give(as_(nino), aram, ends_at_0="2027-01-01", ends_at_1="00:00")
    grant = aram.grants.get()
    assert (grant.paid_through, grant.amount, grant.currency, grant.ends_at.year) == ("", None, "", 2026)
    as_(nino).post(page_of(grant), {"reason": "thanks", "ends_at_0": "", "ends_at_1": ""})
    assert aram.grants.get().ends_at is None


def test_who_gives_and_ends_a_grant_is_in_the_audit_log(as_, nino, aram):
    give(as_(nino), aram)
    number = aram.grants.get().pk
    as_(nino).post(reverse("admin:members_grant_changelist"), {"action": "revoke", "_selected_action": number})
    assert deeds() == [
        ("gave a grant", "account", aram.key, f"grant {number}"),
        ("ended a grant", "account", aram.key, f"grant {number}"),
    ], "by its number: why it was given may tell of a person, and what stands in this log is never struck out"
    assert {deed.actor for deed in Deed.objects.all()} == {nino.key}
