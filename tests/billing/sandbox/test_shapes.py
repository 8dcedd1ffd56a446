"""What is told has the shape that Stripe publishes."""

import pytest

from members.billing.sandbox.core import schema
from members.billing.sandbox.core.encoding import tree

KINDS = sorted(kind for kind, one in schema.schemas().items() if "object" in one.get("properties", {}))


@pytest.mark.parametrize("kind", ["subscription", "invoice", "checkout.session", "charge", "payment_intent", "item"])
def test_a_blank_object_lacks_nothing_that_it_must_have(kind):
    thing = schema.blank(kind)
    assert set(schema.schemas()[kind]["required"]) <= thing.keys()


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        ({"active": "yes"}, "price.active: 'yes' is no boolean"),
        ({"type": "weekly"}, "price.type: 'weekly' is none of one_time, recurring"),
        ({"recurring": {"interval": "month"}}, "price.recurring.interval_count is missing"),
        ({"colour": "red"}, "price.colour is unknown"),
        ({"product": 7}, "price.product: 7 is no string"),
        ({"metadata": {"level": 1}}, "price.metadata.level: 1 is no string"),
        ({"currency": None}, "price.currency: None is no string"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_what_is_not_in_shape_is_named(change, wrong):
    price = schema.blank("price", id="price_1", currency="eur", product="prod_1", unit_amount=500)
    assert schema.problems("price", price) == []
    assert wrong in schema.problems("price", {**price, **change})


def test_every_event_of_a_long_life_tells_an_object_in_shape(sandbox):
    """A member joins by trial, changes plan, fails to pay, pays, disputes, is refunded, and is deleted."""
    v1 = sandbox.client.v1
    member = sandbox.subscribe(subscription_data={"trial_period_days": 7})
    sandbox.advance(days=7, hours=1)
    item = {"id": member.subscription["items"].data[0].id, "price": sandbox.price(900).id}
    v1.subscriptions.update(member.subscription.id, {"items": [item], "proration_behavior": "always_invoice"})
    sandbox.control("decline", customer=member.customer)
    sandbox.advance(days=32)
    sandbox.control("decline", customer=member.customer, code="")
    sandbox.advance(days=4)
    first, *_rest, last = v1.charges.list({"limit": 100}).data
    v1.refunds.create({"charge": first.id, "amount": 100})
    sandbox.control("dispute", charge=last.id)
    v1.customers.delete(member.customer)

    kinds = set()
    for delivery in sandbox.pending():
        thing = delivery.told["data"]["object"]
        kinds.add(thing["object"])
        assert schema.problems(thing["object"], thing) == [], delivery.type
    assert {"customer", "subscription", "invoice", "charge", "refund", "dispute", "payment_method"} <= kinds


@pytest.mark.parametrize(
    ("encoded", "read"),
    [
        ("a=1&b[c]=2", {"a": "1", "b": {"c": "2"}}),
        ("items[0][price]=p&items[1][price]=q", {"items": {"0": {"price": "p"}, "1": {"price": "q"}}}),
        ("expand[]=x&expand[]=y", {"expand": {"0": "x", "1": "y"}}),
        ("metadata=", {"metadata": ""}),
        ("name=%D0%90%26b", {"name": "А&b"}),
    ],
)
def test_parameters_are_nested_by_brackets(encoded, read):
    assert tree(encoded) == read
