"""What the desk does for one member: by the functions that members' own pages use, and never without a reason.

The reason is a note on the account, which goes when the account is erased; the audit log, which is never changed, tells
the deed, its facts and the note's number. Both are written before Stripe is asked: nothing is done there of which the
log does not know, and a failure is one more line.

A form knows the newest note that there was when it was drawn (`newest_note`). Where there is a newer one, somebody has
done something meanwhile, perhaps the same hand by a second click: Overtaken, and nothing is done.
"""

from contextlib import contextmanager
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from members.accounts.forms import ResetPasswordForm
from members.billing import changes, client, letters, mails
from members.billing.models import Customer, Payment
from members.billing.refresh import refresh
from members.models import Grant, Membership, Note, User
from newsroom.ground import audit

# Of these no mail is due any more after some days, yet who asks for it once more is a member still.
TRUE_FOR_LONG = {"welcome"}
# What may come of asking Stripe: then it was not done, or nobody knows yet.
REFUSALS = (changes.Impossible, client.Unavailable, client.Refused, client.Unset)


class Overtaken(Exception):
    """Something was done for this account since the form was drawn. Look again."""


class Unfitting(Exception):
    """The deed does not fit what the account holds now. Nothing was done."""


def newest_note(user):
    """The number of an account's newest note, 0 where it has none."""
    return user.notes.order_by("-pk").values_list("pk", flat=True).first() or 0


def write_note(by, user, text, seen):
    with _recorded(by, user, "wrote a note", "", text, seen):
        pass


def grant(by, user, reason, seen, plan=None, ends_at=None):
    """A complimentary grant from now on. plan: None: what all members may read; ends_at: None: without an end."""
    with _recorded(
        by, user, "gave a grant", f"{plan.slug if plan else 'all members'} until {_day(ends_at)}", reason, seen
    ):
        return Grant.objects.create(user=user, reason=reason[:200], plan=plan, ends_at=ends_at, granted_by=by)


def extend(by, user, reason, seen, days):
    """Free days after what the account holds: a grant that begins where that ends. Raises Unfitting where it has no
    end, or goes on by itself and so is paid for again on that day."""
    now = timezone.now()
    plan, starts = lasts_until(user, now)
    with _recorded(by, user, "extended a membership", f"{days} days from {_day(starts)}", reason, seen):
        ends = starts + timedelta(days=days)
        return Grant.objects.create(
            user=user, reason=reason[:200], plan=plan, starts_at=starts, ends_at=ends, granted_by=by
        )


def lasts_until(user, now):
    """(plan, moment): which Plan an account holds last, and until when; nothing that ended counts, so that of who holds
    nothing it is (None or the plan that was, now). Raises Unfitting where there is no end to it."""
    held = [(grant.plan, grant.ends_at) for grant in user.grants.select_related("plan").filter(revoked_at=None)]
    membership = Membership.objects.select_related("plan").filter(user=user).first()
    if membership and membership.standing_at(now).member:
        grace = membership.failed_at and membership.failed_at + settings.GRACE
        held.append((membership.plan, membership.ends_at or (grace if membership.status == "past_due" else None)))
    lasting = [(plan, ends) for plan, ends in held if ends is None or ends > now]
    if any(ends is None for _plan, ends in lasting):
        raise Unfitting
    return max(lasting, key=lambda one: one[1], default=(membership.plan if membership else None, now))


def cancel(by, user, reason, seen, at_once):
    customer = _customer(user)
    with _recorded(
        by, user, "ended a membership" if at_once else "cancelled a membership", "", reason, seen, asks=True
    ):
        (changes.end_now if at_once else changes.cancel)(customer)


def resume(by, user, reason, seen):
    customer = _customer(user)
    with _recorded(by, user, "resumed a membership", "", reason, seen, asks=True):
        changes.resume(customer)


def refund(by, user, reason, seen, payment, amount=None):
    """Give a Payment back, or so much of it in its smallest unit. Raises Unfitting of one that is not paid, or of more
    than is left of it."""
    left = payment.amount - payment.refunded
    if payment.user_id != user.pk or payment not in refundable(user) or not 0 < (amount or left) <= left:
        raise Unfitting
    facts = f"{payment.stripe_id}: {amount or left} {payment.currency}"
    with _recorded(by, user, "refunded a payment", facts, reason, seen, asks=True):
        changes.refund(payment, amount)


def refundable(user):
    """The payments of which something can be given back, the newest first: not those in dispute, of which the bank
    decides."""
    paid = user.payments.filter(state=Payment.State.PAID).order_by("-at", "-pk")
    return [payment for payment in paid if payment.refunded < payment.amount]


def letters_again(user, now):
    """The kinds of mails about the membership that were written and still say what is so."""
    membership, customer = getattr(user, "membership", None), getattr(user, "customer", None)
    if not (membership and membership.stripe_subscription and customer):
        return []
    fitting = {letter.kind for letter in letters.due(membership, customer, now, settings.GRACE)}
    if membership.standing_at(now).member:
        fitting |= TRUE_FOR_LONG
    sent = user.notices.order_by("-at").values_list("kind", flat=True)
    return [kind for kind in dict.fromkeys(sent) if kind in fitting]


def send_letter(by, user, reason, seen, kind):
    """Write a mail about the membership once more. Raises Unfitting where it would not say what is so."""
    now = timezone.now()
    if kind not in letters_again(user, now):
        raise Unfitting
    with _recorded(by, user, "sent a mail again", kind, reason, seen):
        mails.write(kind, user.membership, user.customer, now)


def send_link(by, user, reason, seen, request):
    """Send the link for a new password, which also proves the address and signs in: for who cannot get in."""
    form = ResetPasswordForm({"email": user.email})
    if not (user.is_active and form.is_valid()):
        raise Unfitting
    with _recorded(by, user, "sent a link to sign in", "", reason, seen):
        form.save(request)


def look(by, user, reason, seen):
    """Compare with Stripe now."""
    customer = _customer(user)
    with _recorded(by, user, "compared with Stripe", "", reason, seen, asks=True):
        refresh(customer.pk)


def _customer(user):
    found = Customer.objects.select_related("user").filter(user=user).exclude(stripe_id=None).first()
    if found is None:
        raise Unfitting
    return found


@contextmanager
def _recorded(by, user, deed, facts, reason, seen, asks=False):
    """Write note and line, then let the deed be done: in the same transaction, or where it `asks` Stripe after it."""
    if asks:
        with transaction.atomic():
            _write(by, user, deed, facts, reason, seen)
        try:
            yield
        except REFUSALS as error:
            audit.record(by, f"could not: {deed}", "account", user.key, type(error).__name__)
            raise
        return
    with transaction.atomic():
        _write(by, user, deed, facts, reason, seen)
        yield


def _write(by, user, deed, facts, reason, seen):
    held = User.objects.select_for_update().get(pk=user.pk)
    if held.erased_at is not None:
        raise Unfitting
    if newest_note(held) != seen:
        raise Overtaken
    note = Note.objects.create(user=held, author=by, text=reason)
    audit.record(by, deed, "account", user.key, "; ".join(filter(None, [facts, f"note {note.pk}"])))


def _day(moment):
    return f"{timezone.localtime(moment):%Y-%m-%d}" if moment else "further notice"
