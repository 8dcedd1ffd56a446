"""What is given off a price for a while: by a link, or by a code that a reader types."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from members.models import Plan
from members.models.plan import THREE_LETTERS, TRIAL_MAX


class OfferQuerySet(models.QuerySet):
    def running(self, at):
        """Those that can be taken at a moment, so far as their own dates say."""
        begun = Q(starts_at=None) | Q(starts_at__lte=at)
        return self.filter(begun, Q(ends_at=None) | Q(ends_at__gt=at), archived_at=None)


class Offer(models.Model):
    """Either a part of the price (`percent`), or an amount off it in one currency, or days on trial alone; for one
    payment, for some months, or for ever. plans: for these alone; none named: for all."""

    class Lasts(models.TextChoices):
        ONCE = "once", _("For the first payment")
        MONTHS = "repeating", _("For some months")
        FOREVER = "forever", _("For ever")

    code = models.SlugField(_("code"), max_length=40, unique=True, help_text=_("In the link, and for typing."))
    name = models.CharField(_("name"), max_length=40, help_text=_("Readers see it, on invoices too."))
    plans = models.ManyToManyField(Plan, blank=True, related_name="offers", verbose_name=_("plans"))
    percent = models.PositiveSmallIntegerField(
        _("percent off"), null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(100)]
    )
    amount = models.PositiveIntegerField(
        _("amount off"), null=True, blank=True, help_text=_("In the currency's smallest unit: 500 for five euros.")
    )
    currency = models.CharField(_("currency"), max_length=3, blank=True, validators=[THREE_LETTERS])
    lasts = models.CharField(_("lasts"), max_length=10, choices=Lasts, default=Lasts.ONCE)
    months = models.PositiveSmallIntegerField(_("months"), null=True, blank=True)
    trial_days = models.PositiveSmallIntegerField(_("days on trial"), default=0, validators=[TRIAL_MAX])
    starts_at = models.DateTimeField(_("from"), null=True, blank=True)
    ends_at = models.DateTimeField(_("until"), null=True, blank=True)
    times = models.PositiveIntegerField(
        _("how often"), null=True, blank=True, help_text=_("By so many people. Blank: by any number.")
    )
    archived_at = models.DateTimeField(
        _("archived"), null=True, blank=True, help_text=_("Its links are refused from then on.")
    )
    stripe_coupon = models.CharField(
        _("coupon at Stripe"), max_length=255, unique=True, null=True, blank=True, editable=False, default=None
    )

    objects = OfferQuerySet.as_manager()

    class Meta:
        verbose_name = _("offer")
        verbose_name_plural = _("offers")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(percent=None) | Q(amount=None),
                name="offer_percent_or_amount",
                violation_error_message=_("An offer takes off either percent or an amount."),
            ),
            models.CheckConstraint(
                condition=Q(amount=None, currency="") | (Q(amount__isnull=False) & ~Q(currency="")),
                name="offer_amount_in_currency",
                violation_error_message=_("An amount off needs a currency, and nothing else has one."),
            ),
            models.CheckConstraint(
                condition=(Q(lasts="repeating") & Q(months__gt=0)) | (~Q(lasts="repeating") & Q(months=None)),
                name="offer_months_where_it_lasts_months",
                violation_error_message=_("Say for how many months, where it lasts some months, and nowhere else."),
            ),
            models.CheckConstraint(
                condition=Q(starts_at=None) | Q(ends_at=None) | Q(ends_at__gt=F("starts_at")),
                name="offer_ends_after_it_starts",
                violation_error_message=_("An offer ends after it starts."),
            ),
        ]

    def __str__(self):
        return self.name
