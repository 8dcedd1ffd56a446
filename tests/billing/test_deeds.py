"""What is done at Stripe because of what was found there: once, however often it is begun, and noted for the desk."""

import pytest
from django.core import mail
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from members.billing import client, deeds
from members.billing.catalogue import price_at_stripe
from members.billing.models import Customer, Intent, Notice
from members.billing.refresh import refresh
from newsroom.ground.models import Deed
from tests.billing.paying import joined
from tests.billing.sandboxed import SLOW, WORKS
from tests.billing.shop import price
from tests.members.mail import work

pytestmark = pytest.mark.django_db


@pytest.fixture
def bought(time, shop, leyla):
    """Leyla's Customer, who has one membership for a day."""
    customer = joined(shop, leyla)
    time.passes(days=1)
    return customer


@pytest.fixture
def second(shop, bought, leyla):
    """second(card): a subscription that Leyla has bought beside it; its id."""

    def buys(card=WORKS, **given):
        intent = Intent.objects.create(user=leyla, kind="membership", amount=500, currency="EUR")
        session = shop.client.v1.checkout.sessions.create(
            {"mode": "subscription", "customer": bought.stripe_id, "success_url": "http://localhost:8000/",
             "line_items": [{"price": price_at_stripe(price()), "quantity": 1}],
             "subscription_data": {"metadata": {"intent": intent.key}, **given}}
        )  # fmt: skip
        shop.pay(session.url, card)
        return shop.client.v1.checkout.sessions.retrieve(session.id).subscription

    return buys


def does(deed, *given):
    deed.enqueue(*given)
    work()


def status(shop, subscription):
    return shop.client.v1.subscriptions.retrieve(subscription).status


def refunds(shop):
    return [refund.amount for refund in shop.client.v1.refunds.list().data]


def test_a_second_membership_is_ended_and_given_back_once(second, shop, bought, leyla):
    newer = second()
    for _again in range(3):
        refresh(bought.pk)
        work()
    does(deeds.give_back, bought.pk, newer)
    assert (status(shop, newer), refunds(shop)) == ("canceled", [500])
    assert [deed.note for deed in Deed.objects.filter(deed="ended a second membership")] == [f"{newer}: given back"]
    assert sum("paid twice" in message.subject for message in mail.outbox) == 1
    assert Notice.objects.filter(kind="paid_twice").count() == 1


def test_a_second_membership_on_trial_is_ended_and_nobody_is_told_of_money(second, shop, bought):
    newer = second(trial_period_days=7)
    refresh(bought.pk)
    work()
    assert (status(shop, newer), refunds(shop)) == ("canceled", [])
    assert Deed.objects.get(deed="ended a second membership").note == f"{newer}: not paid yet"
    assert not Notice.objects.filter(kind="paid_twice").exists()


def test_money_that_is_on_its_way_is_waited_for_and_then_given_back(second, shop, bought, time):
    newer = second(SLOW)
    refresh(bought.pk)
    work()
    assert (status(shop, newer), refunds(shop)) == ("active", [])
    time.passes(days=4)
    refresh(bought.pk)
    work()
    assert (status(shop, newer), refunds(shop)) == ("canceled", [500])


def test_what_is_disputed_goes_back_by_the_bank(second, shop, bought):
    newer = second()
    (charge,) = [
        one for one in shop.client.v1.charges.list().data if one.created > bought.user.membership.started_at.timestamp()
    ]
    shop.control("dispute", charge=charge.id)
    does(deeds.give_back, bought.pk, newer)
    assert (status(shop, newer), refunds(shop)) == ("canceled", [])


def test_another_refusal_is_an_error_and_is_tried_again(second, shop, bought, monkeypatch):
    newer = second()
    asks = client.ask

    def refuse(path, *ids, **given):
        if path == "refunds.create":
            raise client.Refused("no balance", "balance_insufficient")
        return asks(path, *ids, **given)

    monkeypatch.setattr(client, "ask", refuse)
    does(deeds.give_back, bought.pk, newer)
    assert status(shop, newer) == "active"
    (waiting,) = DBTaskResult.objects.filter(task_path="members.billing.deeds.give_back", status="READY")
    assert waiting.args_kwargs["kwargs"]["attempt_number"] == 2


def test_a_subscription_that_is_gone_need_not_be_ended(bought):
    does(deeds.end, bought.pk, "sub_of_nobody")
    assert not Deed.objects.exists()


def test_a_customer_who_is_gone_need_not_be_forgotten(bought, shop, leyla):
    leyla.erased_at = timezone.now()
    leyla.save()
    shop.client.v1.customers.delete(bought.stripe_id)
    does(deeds.forget_customer, bought.pk)
    assert not Deed.objects.exists()
    assert Customer.objects.get(pk=bought.pk)
