"""What somebody set out to buy. What comes back from Stripe is held against it, never the other way round."""

import secrets
from datetime import timedelta

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from members.billing.models.offer import Offer
from members.models import Interval, Plan, Price, User
from newsroom.ground import batches

# How long a way that nobody went to its end is looked back on.
KEPT = timedelta(days=90)


def new_key():
    return secrets.token_urlsafe(16)


class Intent(models.Model):
    """One way to Stripe's page.

    user: None for a contribution without an account. price: as it was chosen; amount: what is paid for each interval,
    or once, which is more than the price where members name their own. source: by what kind of thing they came, such
    as "wall" or "prompt"; never which story, since the database does not tell who read what. trail: which prompt it
    was, sealed, until the payment is counted for it (`billing.arrival`).
    """

    class Kind(models.TextChoices):
        MEMBERSHIP = "membership", _("Membership")
        CONTRIBUTION = "contribution", _("Contribution")

    class State(models.TextChoices):
        OPEN = "open", _("Open")
        PAID = "paid", _("Paid")
        EXPIRED = "expired", _("Given up")

    key = models.CharField(_("key"), max_length=22, unique=True, default=new_key, editable=False)
    user = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="intents", verbose_name=_("account")
    )
    kind = models.CharField(_("kind"), max_length=12, choices=Kind)
    plan = models.ForeignKey(Plan, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("plan"))
    price = models.ForeignKey(Price, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("price"))
    offer = models.ForeignKey(
        Offer, models.PROTECT, null=True, blank=True, related_name="intents", verbose_name=_("offer")
    )
    amount = models.PositiveIntegerField(_("amount"))
    currency = models.CharField(_("currency"), max_length=3)
    interval = models.CharField(_("for each"), max_length=5, choices=Interval, blank=True, default="")
    trial_days = models.PositiveSmallIntegerField(_("days on trial"), default=0)
    source = models.CharField(_("came by"), max_length=40, blank=True, default="")
    trail = models.TextField(blank=True, default="", db_default="", editable=False)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.OPEN)
    session = models.CharField(_("session at Stripe"), max_length=255, unique=True, null=True, blank=True, default=None)
    url = models.URLField(_("page at Stripe"), max_length=2000, blank=True, default="")
    expires_at = models.DateTimeField(_("open until"), null=True)
    subscription = models.CharField(
        _("subscription at Stripe"), max_length=255, unique=True, null=True, blank=True, default=None
    )
    made_at = models.DateTimeField(_("made"), default=timezone.now)

    class Meta:
        verbose_name = _("intent")
        verbose_name_plural = _("intents")
        ordering = ["-made_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["user"], condition=Q(state="open", kind="membership"), name="one_open_intent_a_person"
            )
        ]

    def __str__(self):
        return f"{self.kind} · {self.user} · {self.state}"


def forget_expired_intents(now):
    """Delete the intents that were made KEPT before `now` (aware) and came to nothing."""
    batches.delete(Intent.objects.filter(state=Intent.State.EXPIRED, made_at__lt=now - KEPT))
