"""What the desk gives back of a payment, whoever paid: by the function that members' refunds use, and never without a
reason.

Where an account paid, it is `support.refund`, and the reason a note on the account. A contribution of somebody without
an account, or whose account is erased, has nobody on whom to keep a note: there the reason stands in the audit log
itself. That line is written before Stripe is asked, and tells two clicks on one form apart, as notes do elsewhere.
"""

from django.db import transaction

from members.accounts import support
from members.billing import changes
from members.billing.models import Intent, Payment
from newsroom.ground import audit
from newsroom.ground.models import Deed

DEED = "refunded a payment"


def left_of(payment):
    """How much of a Payment can be given back, in its smallest unit; 0 of one that is not paid, or in dispute, and of
    the membership of an erased account, whose customer is deleted at Stripe."""
    is_here = payment.kind == Intent.Kind.CONTRIBUTION or _is_somebodys(payment)
    return payment.amount - payment.refunded if payment.state == Payment.State.PAID and is_here else 0


def newest(payment):
    """The number that a form keeps to know whether something was done since: of the account's newest note, or of the
    payment's newest line in the audit log; 0 where there is none."""
    if _is_somebodys(payment):
        return support.newest_note(payment.user)
    return _lines(payment).order_by("-pk").values_list("pk", flat=True).first() or 0


def give_back(by, payment, reason, seen, amount=None):
    """Give a Payment back, or so much of it in its smallest unit. Raises `support.Unfitting` where not so much is left,
    `support.Overtaken`, and the errors of `changes.refund`."""
    if _is_somebodys(payment):
        support.refund(by, payment.user, reason, seen, payment, amount)
        return
    payment = _recorded(by, payment, reason, seen, amount)
    try:
        changes.refund(payment, amount)
    except support.REFUSALS as error:
        audit.record(by, f"could not: {DEED}", "payment", payment.stripe_id, type(error).__name__)
        raise


def _recorded(by, payment, reason, seen, amount):
    """The Payment as it is now, once the line is written."""
    with transaction.atomic():
        payment = Payment.objects.select_for_update().get(pk=payment.pk)
        if newest(payment) != seen:
            raise support.Overtaken
        left = left_of(payment)
        if not 0 < (amount or left) <= left:
            raise support.Unfitting
        audit.record(by, DEED, "payment", payment.stripe_id, f"{amount or left} {payment.currency}; {reason}")
    return payment


def _is_somebodys(payment):
    return payment.user is not None and payment.user.erased_at is None


def _lines(payment):
    return Deed.objects.filter(kind="payment", key=payment.stripe_id)
