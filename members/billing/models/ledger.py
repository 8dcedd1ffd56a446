"""What came of it: payments, what memberships bring in a month and why that changed, and which mails were sent."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from members.billing.models.intent import Intent
from members.billing.models.ticket import TicketQuerySet
from members.models import Interval, Plan, User


class Payment(models.Model):
    """Money that Stripe took, or tried to: one charge, or a payment on its way that has none yet.

    stripe_id: of the payment intent. Amounts in the currency's smallest unit. intent: by which a contribution was set
    out for. ticket: the number of the last look at a contribution without an account; applied: of the look that was
    written down last, by the customer's tickets where an account paid.
    """

    class State(models.TextChoices):
        PENDING = "pending", _("On its way")
        PAID = "paid", _("Paid")
        FAILED = "failed", _("Failed")
        REFUNDED = "refunded", _("Refunded")
        DISPUTED = "disputed", _("Disputed")
        LOST = "lost", _("Dispute lost")

    stripe_id = models.CharField(_("at Stripe"), max_length=255, unique=True)
    user = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="payments", verbose_name=_("account")
    )
    kind = models.CharField(_("kind"), max_length=12, choices=Intent.Kind)
    state = models.CharField(_("state"), max_length=10, choices=State)
    amount = models.PositiveIntegerField(_("amount"))
    refunded = models.PositiveIntegerField(_("of it refunded"), default=0)
    currency = models.CharField(_("currency"), max_length=3)
    at = models.DateTimeField(_("when"), db_index=True)
    invoice = models.CharField(_("invoice at Stripe"), max_length=255, blank=True, default="")
    invoice_url = models.URLField(_("invoice"), max_length=2000, blank=True, default="")
    subscription = models.CharField(_("subscription at Stripe"), max_length=255, blank=True, default="")
    intent = models.OneToOneField(
        Intent, models.SET_NULL, null=True, blank=True, related_name="payment", verbose_name=_("intent")
    )
    ticket = models.PositiveBigIntegerField(default=0, db_default=0)
    applied = models.PositiveBigIntegerField(default=0, db_default=0)

    objects = TicketQuerySet.as_manager()

    class Meta:
        verbose_name = _("payment")
        verbose_name_plural = _("payments")
        ordering = ["-at", "-pk"]

    def __str__(self):
        return f"{self.amount} {self.currency} · {self.state}"


class Movement(models.Model):
    """A change of what an account's membership brings in a month.

    amount: by how much, in the currency's smallest unit; below 0 where it brings less. A change of currency is two
    movements, one in each.
    """

    class Kind(models.TextChoices):
        NEW = "new", _("New")
        EXPANSION = "expansion", _("Expansion")
        CONTRACTION = "contraction", _("Contraction")
        CHURNED = "churned", _("Churned")
        RECOVERED = "recovered", _("Recovered")

    user = models.ForeignKey(User, models.PROTECT, related_name="movements", verbose_name=_("account"))
    kind = models.CharField(_("kind"), max_length=12, choices=Kind)
    plan = models.ForeignKey(Plan, models.PROTECT, related_name="+", verbose_name=_("plan"))
    interval = models.CharField(_("for each"), max_length=5, choices=Interval)
    amount = models.IntegerField(_("a month"))
    currency = models.CharField(_("currency"), max_length=3)
    at = models.DateTimeField(_("when"), db_index=True)

    class Meta:
        verbose_name = _("movement")
        verbose_name_plural = _("revenue")
        ordering = ["-at", "-pk"]

    def __str__(self):
        return f"{self.kind} {self.amount} {self.currency}"


class Notice(models.Model):
    """A mail about a membership that was written: each kind once for what it is about."""

    user = models.ForeignKey(User, models.CASCADE, related_name="notices", verbose_name=_("account"))
    kind = models.CharField(_("kind"), max_length=30)
    about = models.CharField(_("about"), max_length=300)
    at = models.DateTimeField(_("when"))

    class Meta:
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        ordering = ["-at", "-pk"]
        constraints = [models.UniqueConstraint(fields=["user", "kind", "about"], name="each_mail_once")]

    def __str__(self):
        return f"{self.kind} · {self.about}"
