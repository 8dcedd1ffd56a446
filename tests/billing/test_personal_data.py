"""What payments keep of a person: all of it is told, and whoever leaves is charged no more and forgotten."""

import json

import pytest
from django.apps import apps

from members.accounts import personal_data
from members.billing import changes
from members.billing import personal_data as billing
from members.billing.models import Cancellation, Customer, Intent, Movement, Notice, Payment
from members.models import User
from tests.billing.paying import joined, looked_at, subscription_of
from tests.billing.sandboxed import NotPaid
from tests.billing.shop import choose, price
from tests.members.mail import delivered, work

pytestmark = pytest.mark.django_db


@pytest.fixture
def customer(shop, time, aram):
    """Somebody of whom there is all that payments can keep."""
    customer = joined(shop, aram)
    changes.cancel(customer, "other", "Aram moves to the mountains.")
    Intent.objects.create(user=aram, kind="membership", amount=500, currency="EUR", url="https://stripe.example/c/1")
    return looked_at(customer)


def test_every_table_of_payments_that_points_at_an_account_is_told():
    pointing = {
        f"{relation.related_model.__name__}.{relation.field.name}"
        for relation in User._meta.get_fields(include_hidden=True)
        if relation.is_relation and relation.auto_created and relation.related_model._meta.app_label == "billing"
    }
    told = {"Customer.user", "Intent.user", "Payment.user", "Movement.user", "Notice.user", "Cancellation.user"}
    assert pointing == told


def test_all_of_it_is_told(customer, aram):
    told = billing.export(aram)
    assert {name: len(rows) for name, rows in told.items()} == {
        "customer": 1, "set_out_to_buy": 1, "payments": 1, "what_membership_brought": 1, "mails_about_membership": 1,
        "cancellations": 1,
    }  # fmt: skip
    whole = json.dumps(personal_data.everything(aram), default=str)
    assert "4242" in whole
    assert "mountains" in whole


def test_who_leaves_has_the_subscription_ended_at_stripe_and_the_customer_forgotten_there(shop, customer, aram):
    personal_data.delete(aram)
    assert subscription_of(shop, customer)["status"] == "active", "nothing is asked of Stripe inside the transaction"
    work()
    assert shop.client.v1.customers.retrieve(customer.stripe_id).deleted
    looked_at(customer)
    assert Customer.objects.get().deleted_at is not None
    assert aram.membership.status != "active"
    work()
    assert len(shop.requests("DELETE", "/v1/customers")) == 1


def test_a_stripe_that_is_away_keeps_nobody_from_leaving_and_is_told_later(shop, customer, aram, time):
    shop.faults({"what": "500", "path": "/v1/customers", "method": "DELETE", "times": 2, "when": "before"})
    personal_data.delete(aram)
    work()
    assert User.objects.get(pk=aram.pk).erased_at is not None
    time.passes(hours=1)
    work()
    assert shop.client.v1.customers.retrieve(customer.stripe_id).deleted


def test_bookkeeping_stays_by_number_and_what_names_the_person_goes(customer, aram):
    personal_data.delete(aram)
    kept = Customer.objects.get()
    assert (kept.card_brand, kept.card_last4, kept.card_expires_on, kept.owed_url) == ("", "", None, "")
    assert kept.stripe_id == customer.stripe_id
    assert Payment.objects.get().amount == 500
    assert Payment.objects.get().invoice_url == ""
    assert Movement.objects.exists()
    assert not Notice.objects.exists()
    assert (Intent.objects.get().state, Intent.objects.get().url) == ("expired", "")
    answer = Cancellation.objects.get()
    assert (answer.user, answer.reason, answer.text) == (None, "other", "")


def test_neither_card_nor_words_nor_address_are_left_in_any_table_even_after_a_late_look(shop, customer, aram):
    personal_data.delete(aram)
    looked_at(customer)
    delivered()
    work()
    for model in apps.get_models():
        for row in model.objects.values():
            for word in ("4242", "mountains", "aram@example.com", "stripe.example", "/i/in_"):
                assert word not in str(row), (model, row)


def test_no_mail_about_the_membership_follows_who_has_left(shop, customer, aram, time):
    delivered()
    personal_data.delete(aram)
    looked_at(customer)
    time.passes(days=40)
    work()
    looked_at(customer)
    assert [message.subject for message in delivered()] == ["Your account at The Test Courier is deleted"]


def test_an_account_that_never_paid_leaves_without_asking_stripe(shop, leyla):
    personal_data.delete(leyla)
    work()
    assert shop.requests() == []


def test_what_is_paid_on_a_page_that_was_open_when_its_reader_left_is_given_back(shop, time, as_, aram):
    page = choose(as_(aram), price()).url
    personal_data.delete(aram)
    shop.pay(page)
    work()
    (paid,) = shop.client.v1.charges.list({"expand": ["data.refunds"]}).data
    assert paid.refunded
    assert shop.client.v1.customers.retrieve(Customer.objects.get().stripe_id).deleted


def test_a_page_that_was_open_when_its_reader_left_is_closed(shop, time, as_, aram):
    page = choose(as_(aram), price()).url
    personal_data.delete(aram)
    work()
    with pytest.raises(NotPaid):
        shop.pay(page)
    assert shop.client.v1.charges.list().data == []
