"""What the desk can do for a member: each a form that asks why, and a function of `members.accounts.support`."""

from collections.abc import Callable
from datetime import datetime, time, timedelta
from typing import NamedTuple

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as say
from django.utils.translation import gettext_lazy as _

from members.accounts import support
from members.accounts.admin.amounts import part_of
from members.billing import client, situation
from members.billing.models import Payment
from members.models import Plan
from newsroom.ground.money import money

# What can go wrong with a deed; `told` says each.
TROUBLE = (support.Overtaken, support.Unfitting, *support.REFUSALS)


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label=_("Why"), max_length=500, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("For the desk, as a note on the account. Its reader is told it on asking for all that is kept."),
    )  # fmt: skip
    seen = forms.IntegerField(widget=forms.HiddenInput)
    field_order = ["plan", "ends_on", "days", "when", "payment", "amount", "kind", "reason"]

    def __init__(self, user, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.user = user


class NoteForm(ReasonForm):
    reason = forms.CharField(
        label=_("Note"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Nobody changes it later. Its reader is told it on asking for all that is kept."),
    )  # fmt: skip


class GrantForm(ReasonForm):
    plan = forms.ModelChoiceField(
        Plan.objects.none(), label=_("Plan"), required=False, empty_label=_("No plan: what is for all members")
    )
    ends_on = forms.DateField(
        label=_("Last day"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("Blank: without an end."),
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["plan"].queryset = Plan.objects.offered()

    def clean_ends_on(self):
        last = self.cleaned_data["ends_on"]
        if last and last < timezone.localdate():
            raise ValidationError(_("That day is over."))
        return last


class ExtendForm(ReasonForm):
    days = forms.IntegerField(label=_("Free days"), min_value=1, max_value=366)


class CancelForm(ReasonForm):
    when = forms.ChoiceField(
        label=_("When"),
        choices=[
            ("end", _("At the end of what is paid for (where a payment is owed: now)")),
            ("now", _("Now; nothing is given back by this")),
        ],
        widget=forms.RadioSelect,
        initial="end",
    )


class PaymentChoice(forms.ModelChoiceField):
    def label_from_instance(self, payment):
        left = money(payment.amount - payment.refunded, payment.currency)
        at = timezone.localtime(payment.at)
        return say("%(left)s of %(day)s") % {"left": left, "day": f"{at:%Y-%m-%d}"}


class RefundForm(ReasonForm):
    payment = PaymentChoice(Payment.objects.none(), label=_("Payment"), empty_label=None)
    amount = forms.CharField(
        label=_("Amount"), required=False, max_length=40,
        help_text=_("Blank: all that is left of it. A membership whose last payment is given back in full ends."),
    )  # fmt: skip

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        found = [payment.pk for payment in support.refundable(self.user)]
        self.fields["payment"].queryset = Payment.objects.filter(pk__in=found)

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("payment"):
            try:
                cleaned["amount"] = part_of(cleaned["payment"], cleaned.get("amount"))
            except ValidationError as refusal:
                self.add_error("amount", refusal)
        return cleaned


class MailForm(ReasonForm):
    kind = forms.ChoiceField(label=_("Mail"))

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        kinds = support.letters_again(self.user, timezone.now())
        self.fields["kind"].choices = [(kind, capfirst(kind.replace("_", " "))) for kind in kinds]


class Act(NamedTuple):
    """title: for links and buttons; text: what happens; done: what is said when it has. run(request, user, cleaned)."""

    title: str
    text: str
    done: str
    form: type
    run: Callable


def _why(request, user, said):
    return request.user, user, said["reason"], said["seen"]


def _grant(request, user, said):
    ends = said["ends_on"]
    ends = ends and timezone.make_aware(datetime.combine(ends + timedelta(days=1), time.min))
    support.grant(*_why(request, user, said), said["plan"], ends)


ACTS = {
    "grant": Act(
        _("Give a membership"),
        _("Complimentary, from now on. What was paid another way than by Stripe is recorded among the grants."),
        _("It is given."),
        GrantForm,
        _grant,
    ),
    "extend": Act(
        _("Add free days"),
        _("They begin where what the account holds ends."),
        _("The days are added."),
        ExtendForm,
        lambda request, user, said: support.extend(*_why(request, user, said), said["days"]),
    ),
    "cancel": Act(
        _("Cancel the membership"),
        _("At Stripe: no payment is taken any more."),
        _("It is cancelled."),
        CancelForm,
        lambda request, user, said: support.cancel(*_why(request, user, said), said["when"] == "now"),
    ),
    "resume": Act(
        _("Resume the membership"),
        _("It goes on, and is paid for again. One that rests is paid for at once."),
        _("It goes on."),
        ReasonForm,
        lambda request, user, said: support.resume(*_why(request, user, said)),
    ),
    "refund": Act(
        _("Refund a payment"),
        _("By Stripe, to where it was paid from; it takes some days."),
        _("It is given back."),
        RefundForm,
        lambda request, user, said: support.refund(*_why(request, user, said), said["payment"], said["amount"]),
    ),
    "mail": Act(
        _("Send a mail again"),
        _("One about the membership that was sent before, and still says what is so."),
        _("The mail is on its way."),
        MailForm,
        lambda request, user, said: support.send_letter(*_why(request, user, said), said["kind"]),
    ),
    "link": Act(
        _("Send a link to sign in"),
        _("For a new password, to the account's address; it proves the address too, and holds for an hour."),
        _("The link is on its way."),
        ReasonForm,
        lambda request, user, said: support.send_link(*_why(request, user, said), request),
    ),
    "look": Act(
        _("Compare with Stripe"),
        _("All of this customer is fetched anew and written down."),
        _("It is as Stripe has it."),
        ReasonForm,
        lambda request, user, said: support.look(*_why(request, user, said)),
    ),
    "note": Act(
        _("Write a note"),
        "",
        _("The note is written."),
        NoteForm,
        lambda request, user, said: support.write_note(*_why(request, user, said)),
    ),
}


def possible(user, now):
    """[(name, Act)] of what fits an account now. Notes stand on the page itself."""
    return [(name, act) for name, act in ACTS.items() if name in FITS and FITS[name](user, now)]


def _stands(user, now, act):
    held = getattr(user, "membership", None)
    return held is not None and act in situation.of(held, now, settings.GRACE).acts


def _has_an_end(user, now):
    try:
        support.lasts_until(user, now)
    except support.Unfitting:
        return False
    return True


FITS = {
    "grant": lambda user, now: True,
    "extend": _has_an_end,
    "cancel": lambda user, now: _stands(user, now, situation.Act.CANCEL),
    "resume": lambda user, now: _stands(user, now, situation.Act.RESUME),
    "refund": lambda user, now: bool(support.refundable(user)),
    "mail": lambda user, now: bool(support.letters_again(user, now)),
    "link": lambda user, now: user.is_active,
    "look": lambda user, now: hasattr(user, "customer") and bool(user.customer.stripe_id),
}


def told(error):
    """What the desk is told of one of TROUBLE."""
    if isinstance(error, support.Overtaken):
        return say("Something was done here meanwhile, perhaps by a second click. Look, then decide again.")
    if isinstance(error, client.Unavailable):
        return say("Stripe did not answer. Look in a while whether it was done; to try again does it once.")
    if isinstance(error, client.Unset):
        return say("No key of Stripe's is set here, so nothing was done.")
    if isinstance(error, client.Refused):
        return say("Stripe refuses it: %(words)s") % {"words": error}
    return say("That does not fit what the account holds now. Nothing was done.")
