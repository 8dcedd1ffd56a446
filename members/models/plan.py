"""What a reader can be a member by, and what it costs."""

from django.conf import settings
from django.core.validators import MaxValueValidator, RegexValidator
from django.db import models, transaction
from django.db.models import Case, Q, Subquery, Value, When
from django.utils.translation import gettext_lazy as _

from members.standing import Rank
from newsroom.ground import stamps
from newsroom.ground.money import each
from newsroom.ground.stamped import Stamped, StampedQuerySet

THREE_LETTERS = RegexValidator(r"^[A-Z]{3}\Z", _("A currency is three capital letters, such as EUR."))

# Stripe's most.
TRIAL_MAX = MaxValueValidator(730)

# The change that stamps write when any plan does, or what one costs.
PLANS = ("plans", "")


class PlanQuerySet(StampedQuerySet):
    def offered(self):
        """Those that somebody can take now, the first first."""
        return self.filter(archived_at=None)

    def ad_free(self):
        """Those without advertisements: marked so, or above one that is, which they include."""
        lowest = self.model.objects.filter(ad_free=True).order_by("level").values("level")[:1]
        return self.filter(Q(ad_free=True) | Q(level__gt=Subquery(lowest)))


class Plan(Stamped):
    """What a reader can be a member by."""

    stamp_kind = "plan"

    name = models.CharField(_("name"), max_length=80, unique=True)
    slug = models.SlugField(_("short name"), max_length=80, unique=True, help_text=_("Names the plan in files."))
    text = models.TextField(
        _("text"), blank=True, default="", db_default="", help_text=_("A sentence or two for who compares plans.")
    )
    perks = models.TextField(
        _("perks"),
        blank=True,
        default="",
        db_default="",
        help_text=_("What it gives besides reading, one on each line."),
    )
    level = models.PositiveSmallIntegerField(
        _("level"), default=10, help_text=_("A plan includes all plans of a lower level.")
    )
    trial_days = models.PositiveSmallIntegerField(
        _("days on trial"),
        default=0,
        db_default=0,
        validators=[TRIAL_MAX],
        help_text=_("Free days before the first payment, once a person. 0: none."),
    )
    ad_free = models.BooleanField(_("without advertisements"), default=False, db_default=False)
    names_own_price = models.BooleanField(
        _("pay what you want"),
        default=False,
        db_default=False,
        help_text=_("Members may pay more; the price is the least."),
    )
    position = models.PositiveSmallIntegerField(_("place in lists"), default=100)
    archived_at = models.DateTimeField(
        _("archived"), null=True, blank=True, help_text=_("Offered to nobody new from then on; its members stay.")
    )
    stripe_product = models.CharField(
        _("product at Stripe"), max_length=255, unique=True, null=True, blank=True, editable=False, default=None
    )

    objects = PlanQuerySet.as_manager()

    class Meta:
        verbose_name = _("plan")
        verbose_name_plural = _("plans")
        ordering = ["position", "level", "name"]

    def __str__(self):
        return self.name

    @classmethod
    def shown_in(cls, rows):
        """Every wall may name the plan that is offered first."""
        return {PLANS} if rows else set()

    @property
    def rank(self):
        return Rank(self.pk, self.level)

    @property
    def perk_list(self):
        return [line.strip() for line in self.perks.splitlines() if line.strip()]

    def monthly_price(self):
        """The offered `Price` of a month that pages without a reader's choice name: in the site's currency where there
        is one, else the first; None where the plan is not sold by the month."""
        return self.prices.offered().filter(interval=Interval.MONTH).in_choice_of(settings.CURRENCY).first()

    def offer_price(self, interval, currency, amount):
        """Offer the plan at an amount from now on: the `Price`. What was offered for that interval and currency is
        withdrawn, not changed: whoever pays it goes on paying it."""
        with transaction.atomic():
            stamps.hold()
            # Of two who offer at once one waits here, or the database would refuse the second.
            Plan.objects.select_for_update().get(pk=self.pk)
            before = self.prices.offered().filter(interval=interval, currency=currency).first()
            if before and before.amount == amount:
                return before
            if before:
                before.withdraw()
            return self.prices.create(interval=interval, currency=currency, amount=amount)


class Interval(models.TextChoices):
    MONTH = "month", _("Month")
    YEAR = "year", _("Year")


class PriceQuerySet(StampedQuerySet):
    def offered(self):
        """Those at which somebody can join now."""
        return self.filter(is_offered=True)

    def in_choice_of(self, currency):
        """Ordered: those in a currency (three capital letters) first."""
        first = Case(When(currency=currency, then=Value(0)), default=Value(1), output_field=models.IntegerField())
        return self.order_by(first, "currency", "interval", "pk")


class Price(Stamped):
    """What a plan costs for an interval in a currency.

    A price at Stripe never changes. So one that was paid once stays as it is, `is_offered` is taken from it, and the
    new amount is a row of its own: a plan owns all prices that its members pay, those taken over from elsewhere too.
    """

    plan = models.ForeignKey(Plan, models.CASCADE, related_name="prices", verbose_name=_("plan"))
    interval = models.CharField(_("for each"), max_length=5, choices=Interval, default=Interval.MONTH)
    interval_count = models.PositiveSmallIntegerField(
        _("of so many"), default=1, editable=False, help_text=_("More than one only where it was taken over so.")
    )
    currency = models.CharField(
        _("currency"), max_length=3, default="EUR", validators=[THREE_LETTERS], help_text=_("Three letters: EUR, GEL.")
    )
    amount = models.PositiveIntegerField(
        _("amount"), help_text=_("In the currency's smallest unit: 500 for five euros, 500 for 500 yen.")
    )
    is_offered = models.BooleanField(_("offered"), default=True, help_text=_("Who joins now may choose it."))
    stripe_id = models.CharField(
        _("price at Stripe"), max_length=255, unique=True, null=True, blank=True, editable=False, default=None
    )

    objects = PriceQuerySet.as_manager()

    class Meta:
        verbose_name = _("price")
        verbose_name_plural = _("prices")
        ordering = ["currency", "interval", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["plan", "interval", "currency"],
                condition=Q(is_offered=True),
                name="one_price_offered",
                violation_error_message=_("A plan has one price on offer for each interval and currency."),
            )
        ]

    def __str__(self):
        return each(self.amount, self.currency, self.interval, self.interval_count)

    def withdraw(self):
        """Offer it to nobody new."""
        self.is_offered = False
        self.save(update_fields=["is_offered"])

    @classmethod
    def shown_in(cls, rows):
        return {PLANS} if rows else set()
