"""What is known here of a member, held against what somebody would know who asked Stripe for the first time: the same,
whatever was delivered, how often, and in which order."""

from collections import Counter

from django.forms.models import model_to_dict
from django_tasks_db.models import DBTaskResult

from members.billing import payments
from members.billing.ledger import worth
from members.billing.models import Customer, Movement, Notice, Payment
from members.billing.refresh import refresh
from members.models import Membership
from members.sessions import standing_of

MAIL = "members.emails.deliver"


def known(user):
    """Membership, payments and card as they stand here, without the numbers of rows."""
    held = Membership.objects.filter(user=user).first()
    customer = Customer.objects.get(user=user)
    return {
        "membership": {**model_to_dict(held, exclude=["id"]), **_uneditable(held)} if held else None,
        "payments": list(Payment.objects.filter(user=user).order_by("stripe_id").values(*PAYMENT)),
        "customer": {name: getattr(customer, name) for name in payments.TOLD},
    }


PAYMENT = ["stripe_id", "kind", "state", "amount", "refunded", "currency", "at", "invoice", "subscription"]


def _uneditable(held):
    names = ["price_id", "amount", "currency", "interval", "interval_count", "stripe_subscription", "renews_at"]
    return {name: getattr(held, name) for name in [*names, "trial_ends_at", "paused_until", "started_at"]}


def anew(user):
    """What is known once all was forgotten and fetched again. Leaves mails and movements as they are."""
    customer = Customer.objects.get(user=user)
    kept = list(Movement.objects.filter(user=user).values_list("pk", flat=True))
    mails = list(DBTaskResult.objects.values_list("pk", flat=True))
    if customer.deleted_at is None:
        Membership.objects.filter(user=user).delete()
        Payment.objects.filter(user=user).delete()
    else:
        # Of one who was deleted there Stripe tells no more than of a subscription whose id is known.
        Membership.objects.filter(user=user).update(status="active", ends_at=None, amount=1)
    refresh(customer.pk)
    Movement.objects.filter(user=user).exclude(pk__in=kept).delete()
    DBTaskResult.objects.exclude(pk__in=mails).delete()
    return known(user)


def holds(user, now):
    """All that must be so at any moment, and that nothing but the moment of a look tells it from a fresh one."""
    rows = Membership.objects.filter(user=user)
    assert len(rows) <= 1
    told = Counter(Notice.objects.filter(user=user).values_list("kind", "about"))
    assert set(told.values()) <= {1}
    comes_in = worth(rows[0]) if rows else None
    totals = {}
    for currency, amount in Movement.objects.filter(user=user).values_list("currency", "amount"):
        totals[currency] = totals.get(currency, 0) + amount
    assert {name: total for name, total in totals.items() if total} == (
        {comes_in.currency: comes_in.monthly} if comes_in else {}
    )
    before, access = known(user), standing_of(user, now)
    fresh = anew(user)
    assert fresh == before, f"known is {before}, and Stripe says {fresh}"
    assert standing_of(user, now) == access
    return True


def mails():
    """How many mails wait to be sent."""
    return DBTaskResult.objects.filter(task_path=MAIL).count()
