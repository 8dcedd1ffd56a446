"""Pictures of a customer as Stripe would tell them, in as few words as a test needs."""

from datetime import UTC, datetime

from members.billing.picture import Picture
from members.billing.state import Owned

SOLD = Owned(
    {"price_5": (1, 10, 51), "price_50": (1, 10, 52), "price_12": (2, 20, 53)},
    {"prod_reader": (1, 10), "prod_friend": (2, 20)},
    False,
    frozenset({"ours", "ours too"}),
)
BOUGHT = {"intent": "ours"}


def at(day, month=11, hour=12):
    """Seconds since 1970 of a day of 2026."""
    return int(datetime(2026, month, day, hour, tzinfo=UTC).timestamp())


def moment(*told):
    return datetime.fromtimestamp(at(*told), UTC)


FIRST, A_MONTH_ON = at(1), at(1, 12)


def price(id="price_5", amount=500, currency="eur", interval="month", product="prod_reader", **more):
    recurring = {"interval": interval, "interval_count": 1}
    return {"id": id, "unit_amount": amount, "currency": currency, "recurring": recurring, "product": product, **more}


def item(price_of=None, quantity=1, ends=A_MONTH_ON):
    return {"price": price_of or price(), "quantity": quantity, "current_period_end": ends}


def subscription(id="sub_1", status="active", created=FIRST, items=None, metadata=BOUGHT, **more):
    return {
        "id": id, "status": status, "created": created, "start_date": created, "livemode": False, "metadata": metadata,
        "items": {"data": [item()] if items is None else items}, "cancel_at": None, "cancel_at_period_end": False,
        "pause_collection": None, "trial_end": None, "latest_invoice": None, "discounts": [], "canceled_at": None,
        "ended_at": None, "default_payment_method": None, **more,
    }  # fmt: skip


def invoice(id="in_1", of="sub_1", status="paid", created=FIRST, payment=None, finalized=None, **more):
    rows = [{"payment": {"type": "payment_intent", "payment_intent": payment}}] if payment else []
    return {
        "id": id, "status": status, "created": created, "attempted": status != "draft", "payments": {"data": rows},
        "parent": {"subscription_details": {"subscription": of}}, "hosted_invoice_url": f"https://pay.example/{id}",
        "amount_remaining": 500, "status_transitions": {"finalized_at": finalized}, **more,
    }  # fmt: skip


def payment(id="pi_1", created=FIRST, status="succeeded", amount=500, refunds=(), charged="succeeded", **more):
    """refunds: {amount, at} each."""
    given = sum(amount for amount, _at in refunds)
    charge = {
        "id": f"ch_{id}", "status": charged, "created": created, "refunded": given == amount, "amount_refunded": given,
        "refunds": {"data": [{"amount": amount, "created": at} for amount, at in refunds]}, "disputed": False,
    }  # fmt: skip
    return {
        "id": id, "created": created, "status": status, "amount": amount, "currency": "eur", "metadata": {},
        "latest_charge": charge if charged else None, **more,
    }  # fmt: skip


def paid(number=1, created=FIRST, of="sub_1", **more):
    """(invoice, payment) of a month that was paid."""
    key = f"pi_{number}"
    return invoice(f"in_{number}", of, created=created, payment=key), payment(key, created, **more)


def picture(*subscriptions, months=(), disputes=None, customer=None, **more):
    """months: what `paid` makes."""
    told = {"id": "cus_1", "currency": "eur"} if customer is None else customer
    invoices, payments = zip(*months, strict=True) if months else ((), ())
    given = {"invoices": list(invoices), "payments": list(payments), **more}
    return Picture(told, list(subscriptions), disputes=disputes or {}, **given)
