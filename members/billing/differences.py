"""What is known here of a customer, and in what it differs from what it was, in words for whoever compares."""

from members.billing import payments, state
from members.billing.models import Customer, Payment
from members.models import Membership

# What of a membership is compared.
MEMBERSHIP = tuple(state.State.__dataclass_fields__)


def known(pk):
    """{what: its value} of all that is compared of a customer, by its row's id."""
    customer = Customer.objects.get(pk=pk)
    held = Membership.objects.filter(user=customer.user_id).first()
    paid = Payment.objects.filter(user=customer.user_id).values_list("stripe_id", "state", "refunded")
    return {
        **{f"membership {name}": getattr(held, name, None) for name in MEMBERSHIP},
        **{f"customer {name}": getattr(customer, name) for name in payments.TOLD},
        "customer deleted": customer.deleted_at is not None,
        **{f"payment {key}": f"{became}, {refunded} refunded" for key, became, refunded in paid},
    }


def between(before, after):
    """A line for each thing that differs between two of `known`: what, from → to."""
    names = dict.fromkeys([*before, *after])
    changed = [name for name in names if before.get(name) != after.get(name)]
    return [f"{name}: {_said(before.get(name))} → {_said(after.get(name))}" for name in changed]


def _said(value):
    return "nothing" if value in (None, "") else str(value)
