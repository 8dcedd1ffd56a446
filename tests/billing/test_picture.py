"""What is asked of Stripe to know a customer, and what becomes of one who is there no more."""

import io

import pytest
from django.core.management import call_command

from members.billing import client, drift, picture
from members.billing.models import Comparison, Event
from members.models import Membership
from tests.billing.paying import joined

pytestmark = pytest.mark.django_db


def test_a_picture_is_four_requests_however_long_somebody_is_a_member(time, shop, leyla):
    customer = joined(shop, leyla)
    time.passes(days=100)
    last = shop.requests()[-1]["id"]
    taken = picture.taken(customer.stripe_id)
    assert [one["path"] for one in shop.requests(after=last)] == [
        f"/v1/customers/{customer.stripe_id}", "/v1/payment_intents", "/v1/subscriptions", "/v1/invoices",
    ]  # fmt: skip
    assert (len(taken.subscriptions), len(taken.payments), len(taken.invoices)) == (1, 4, 4)
    assert taken.disputes == {}


def test_of_who_was_deleted_only_subscriptions_that_are_known_are_asked_for(time, shop, leyla):
    customer = joined(shop, leyla)
    known = Membership.objects.get().stripe_subscription
    shop.client.v1.customers.delete(customer.stripe_id)
    taken = picture.taken(customer.stripe_id, [known, "sub_of_nobody"])
    assert (taken.customer, [one["id"] for one in taken.subscriptions]) == ({}, [known])


def test_a_customer_whom_stripe_never_had_is_none_that_was_deleted(shop):
    with pytest.raises(client.Missing):
        picture.taken("cus_of_nobody")


def test_another_refusal_is_passed_on(time, shop, leyla, monkeypatch):
    customer, asks = joined(shop, leyla), client.ask

    def refuse(path, *ids, **given):
        if given.get("expand"):
            raise client.Refused("not for this key", "key")
        return asks(path, *ids, **given)

    monkeypatch.setattr(client, "ask", refuse)
    with pytest.raises(client.Refused, match="not for this key"):
        picture.taken(customer.stripe_id)


def test_what_another_application_sells_to_a_customer_of_ours_is_no_doubt(time, shop, leyla):
    customer = joined(shop, leyla)
    hat = shop.client.v1.checkout.sessions.create(
        {"mode": "subscription", "customer": customer.stripe_id, "success_url": "http://localhost:8000/",
         "line_items": [{"price": shop.price(900).id, "quantity": 1}]}
    )  # fmt: skip
    shop.pay(hat.url)
    assert drift.unconfirmed() == (set(), 0)


def test_a_dry_run_counts_the_events_that_never_came_and_leaves_them(time, shop, leyla):
    joined(shop, leyla)
    out = io.StringIO()
    call_command("sync_memberships", "--dry-run", stdout=out)
    assert "; 0 events" not in out.getvalue()
    assert not Event.objects.exists()
    assert not Comparison.objects.exists()
