"""What is said of money, days and cards, on pages and in mails alike, in the language of the moment."""

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from newsroom.ground.money import each

# As they stand after "until": several languages have a form of its own for that.
WEEKDAYS = (
    pgettext_lazy("until", "Monday"), pgettext_lazy("until", "Tuesday"), pgettext_lazy("until", "Wednesday"),
    pgettext_lazy("until", "Thursday"), pgettext_lazy("until", "Friday"), pgettext_lazy("until", "Saturday"),
    pgettext_lazy("until", "Sunday"),
)  # fmt: skip
# Stripe's words for why a payment was declined -> what its owner can make of it. Of a card that was reported as lost or
# stolen no more is said than of any other: it may be somebody else who holds it (so Stripe advises).
DECLINED = {
    "insufficient_funds": gettext_lazy("The bank says that there was not enough money on the account."),
    "expired_card": gettext_lazy("The card has expired."),
    "incorrect_cvc": gettext_lazy("The card's check number did not fit."),
    "incorrect_number": gettext_lazy("The card's number did not fit."),
    "card_velocity_exceeded": gettext_lazy("The card is over a limit that its bank has set."),
    "withdrawal_count_limit_exceeded": gettext_lazy("The card is over a limit that its bank has set."),
    "card_not_supported": gettext_lazy("The card does not pay for this kind of thing, or not in this currency."),
    "currency_not_supported": gettext_lazy("The card does not pay for this kind of thing, or not in this currency."),
    "authentication_required": gettext_lazy("The bank wants you to confirm the payment."),
    "subscription_payment_intent_requires_action": gettext_lazy(
        "The bank wants to ask you first. Name the card anew, so that it does, and try again."
    ),
    "processing_error": gettext_lazy("Something went wrong between the banks."),
}
DECLINED_UNSAID = gettext_lazy("Your bank declined it, and did not say why.")

BRANDS = {
    "visa": "Visa", "mastercard": "Mastercard", "amex": "American Express", "jcb": "JCB", "unionpay": "UnionPay",
    "diners": "Diners Club", "discover": "Discover", "eftpos_au": "Eftpos", "cartes_bancaires": "Cartes Bancaires",
}  # fmt: skip


def price_of(membership):
    """What a `members.models.Membership` by way of Stripe costs, in words: "€5 a month"."""
    return each(membership.amount or 0, membership.currency, membership.interval, membership.interval_count)


def day(moment):
    """The day of an aware moment, in the newsroom's time zone: "4 December 2026"."""
    return date_format(timezone.localtime(moment))


def until(moment):
    """The day until which somebody has time, as it stands after "until": "Friday, 4 December"."""
    local = timezone.localtime(moment)
    return _("%(weekday)s, %(day)s") % {"weekday": WEEKDAYS[local.weekday()], "day": date_format(local, _("j F"))}


def declined(reason):
    """A sentence about why a payment was declined. reason: Stripe's word for it, or ""."""
    return str(DECLINED.get(reason, DECLINED_UNSAID))


def card(customer):
    """The card that pays, as its owner knows it: "Visa, ending in 4242"; "" where no card does."""
    if not customer.card_last4:
        return ""
    named = {"brand": BRANDS.get(customer.card_brand, customer.card_brand.title()), "last4": customer.card_last4}
    return _("%(brand)s, ending in %(last4)s") % named
