"""The inbox in the desk: owners see what Stripe told and what came of it, and run again what was given up."""

import pytest
from django.urls import reverse

from members.billing import inbox
from members.billing.models import Comparison, Event
from members.models import Membership, User
from tests.billing.paying import joined
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db
State = Event.State
LIST, COMPARISONS = "admin:billing_event_changelist", "admin:billing_comparison_changelist"


@pytest.fixture
def owner(as_):
    return as_(User.objects.create_superuser("owner@example.com", PASSWORD))


@pytest.fixture
def given_up(shop, leyla, now):
    """An event of Leyla's that was given up, while all else about her is lost."""
    customer = joined(shop, leyla)
    Membership.objects.all().delete()
    return Event.objects.create(
        stripe_id="evt_1", type="invoice.paid", about="in_1", customer=customer.stripe_id, made_at=now, received_at=now,
        status=State.FAILED, attempts=9, error="Unavailable",
    )  # fmt: skip


def page(event):
    return reverse("admin:billing_event_change", args=[event.pk])


def test_an_owner_finds_an_event_by_what_stripe_calls_it(owner, given_up):
    for query in ("evt_1", given_up.customer, "in_1"):
        assert "invoice.paid" in owner.get(reverse(LIST), {"q": query}).content.decode()
    assert "invoice.paid" not in owner.get(reverse(LIST), {"q": "in_2"}).content.decode()
    assert "Run it again" in owner.get(page(given_up)).content.decode()


def test_the_button_runs_it_again(owner, given_up):
    said = owner.post(page(given_up), {"again": "evt_1"}, follow=True).content.decode()
    assert "1 event was run." in said
    given_up.refresh_from_db()
    assert (given_up.status, given_up.error, given_up.attempts) == (State.DONE, "", 0)
    assert Membership.objects.exists()


def test_some_are_chosen_in_the_list_and_what_fails_again_says_why(owner, given_up, shop):
    shop.faults({"what": "500", "path": "/v1/", "times": 2})
    chosen = {"action": "run_again", "_selected_action": [given_up.pk]}
    said = owner.post(reverse(LIST), chosen, follow=True).content.decode()
    assert "Not so with 1, which wait for another attempt: Unavailable" in said
    given_up.refresh_from_db()
    assert (given_up.status, given_up.attempts) == (State.WAITING, 1)


def test_of_many_some_are_run_at_once_and_the_worker_runs_the_others(owner, given_up, now, monkeypatch):
    monkeypatch.setattr("members.billing.admin.AT_ONCE", 1)
    Event.objects.create(stripe_id="evt_2", type="x.y", made_at=now, received_at=now, status=State.IGNORED)
    chosen = {"action": "run_again", "_selected_action": list(Event.objects.values_list("pk", flat=True))}
    assert "1 event was run." in owner.post(reverse(LIST), chosen, follow=True).content.decode()
    assert Event.objects.filter(status=State.WAITING).count() == 1
    inbox.run_due(now.replace(year=2100))
    assert Event.objects.get(stripe_id="evt_2").status == State.IGNORED


def test_without_a_key_nothing_can_be_asked(owner, given_up, settings):
    settings.STRIPE_SECRET_KEY = ""
    assert "No key of Stripe" in owner.post(page(given_up), {"again": "evt_1"}, follow=True).content.decode()
    assert Event.objects.get().status == State.FAILED


@pytest.mark.parametrize("who", ["davit", "nino", "leyla", None])
def test_nobody_else_sees_events_or_comparisons_or_runs_them(request, as_, given_up, who):
    browser = as_(request.getfixturevalue(who) if who else None)
    for path in (reverse(LIST), page(given_up), reverse(COMPARISONS)):
        assert browser.get(path).status_code in (302, 403, 404)
        assert browser.post(
            path, {"again": "evt_1", "action": "run_again", "_selected_action": [given_up.pk]}
        ).status_code in (302, 403, 404)
    assert Event.objects.get().status == State.FAILED


def test_nobody_writes_in_what_stripe_told(owner, given_up, now):
    assert owner.get(reverse("admin:billing_event_add")).status_code == 403
    assert owner.post(reverse("admin:billing_event_delete", args=[given_up.pk]), {"post": "yes"}).status_code == 403
    owner.post(page(given_up), {"type": "customer.deleted", "_save": "Save"})
    assert Event.objects.get().type == "invoice.paid"


def test_an_owner_sees_when_all_was_compared(owner, now):
    Comparison.objects.create(started_at=now, finished_at=now, looked_at=1234)
    assert "1234" in owner.get(reverse(COMPARISONS)).content.decode()
