"""Who a reader is at Stripe."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from members.billing.models.ticket import TicketQuerySet
from members.models import User


class Customer(models.Model):
    """An account's counterpart at Stripe: made once, found by its id and never by an address.

    ticket: the number of the last picture that was set out for; applied: of the last one that was written down.
    card_*: the card that pays, for its owner to know it by. live: whether it is one of Stripe's real ones.
    """

    user = models.OneToOneField(User, models.PROTECT, related_name="customer", verbose_name=_("account"))
    stripe_id = models.CharField(_("at Stripe"), max_length=255, unique=True, null=True, blank=True, default=None)
    live = models.BooleanField(_("real money"), default=False)
    currency = models.CharField(_("currency"), max_length=3, blank=True, default="")
    card_brand = models.CharField(_("card"), max_length=40, blank=True, default="")
    card_last4 = models.CharField(_("last digits"), max_length=4, blank=True, default="")
    card_expires_on = models.DateField(_("card expires"), null=True)
    # What is owed, in the smallest unit of the invoice's currency, and where it can be paid; by which word of Stripe's
    # the last attempt was declined, and whether the bank only waits for a word of its customer.
    owed_amount = models.PositiveIntegerField(_("owed"), null=True)
    owed_url = models.URLField(_("to be paid at"), max_length=2000, blank=True, default="")
    owed_reason = models.CharField(_("declined for"), max_length=60, blank=True, default="", db_default="")
    owes_a_word = models.BooleanField(_("bank asks for a word"), default=False)
    credit = models.PositiveIntegerField(
        _("money left over"), default=0, db_default=0, help_text=_("What later payments use up first.")
    )
    ticket = models.PositiveBigIntegerField(default=0)
    applied = models.PositiveBigIntegerField(default=0)
    fetched_at = models.DateTimeField(_("compared"), null=True)
    deleted_at = models.DateTimeField(_("deleted at Stripe"), null=True)

    objects = TicketQuerySet.as_manager()

    class Meta:
        verbose_name = _("customer")
        verbose_name_plural = _("customers")
        indexes = [models.Index(fields=["card_expires_on"], name="customer_by_card")]

    def __str__(self):
        return self.stripe_id or f"({self.user})"
