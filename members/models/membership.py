"""What makes a member: a membership that is paid, and grants."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from members import standing
from members.models.account import User
from members.models.plan import THREE_LETTERS, Interval, Plan, Price
from members.standing import PAID, Status


class MembershipQuerySet(models.QuerySet):
    def running(self, at):
        """Those that make a member at a moment: `standing_at`, asked of the database."""
        in_grace = Q(status=Status.PAST_DUE, failed_at__gt=at - settings.GRACE)
        return self.filter(Q(status__in=PAID) | in_grace).filter(Q(ends_at=None) | Q(ends_at__gt=at))


class Membership(models.Model):
    """A membership that is paid: one a person, whatever became of it."""

    user = models.OneToOneField(User, models.CASCADE, related_name="membership", verbose_name=_("account"))
    plan = models.ForeignKey(Plan, models.PROTECT, related_name="memberships", verbose_name=_("plan"))
    status = models.CharField(_("state"), max_length=20, choices=Status)
    started_at = models.DateTimeField(_("since"), default=timezone.now)
    failed_at = models.DateTimeField(
        _("payment failed"), null=True, blank=True, help_text=_("When it first did; grace counts from there.")
    )
    ends_at = models.DateTimeField(_("ends"), null=True, blank=True, help_text=_("Blank: it goes on."))
    # What it costs, and where it stands at Stripe; blank where the newsroom made it by hand.
    price = models.ForeignKey(
        Price,
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="memberships",
        verbose_name=_("price"),
    )
    amount = models.PositiveIntegerField(_("amount"), null=True, editable=False, help_text=_("For each interval."))
    currency = models.CharField(_("currency"), max_length=3, blank=True, default="", db_default="", editable=False)
    interval = models.CharField(
        _("for each"), max_length=5, choices=Interval, blank=True, default="", db_default="", editable=False
    )
    interval_count = models.PositiveSmallIntegerField(_("of so many"), default=1, db_default=1, editable=False)
    trial_ends_at = models.DateTimeField(_("trial ends"), null=True, editable=False)
    renews_at = models.DateTimeField(_("paid until"), null=True, editable=False)
    paused_until = models.DateTimeField(_("paused until"), null=True, editable=False)
    stripe_subscription = models.CharField(
        _("subscription at Stripe"), max_length=255, unique=True, null=True, blank=True, editable=False, default=None
    )

    objects = MembershipQuerySet.as_manager()

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        ordering = ["-started_at", "-pk"]
        indexes = [models.Index(fields=["status", "ends_at"], name="membership_by_state")]

    def __str__(self):
        return f"{self.user} · {self.plan}"

    def standing_at(self, now):
        """The `members.standing.Standing` that this membership alone gives."""
        told = self.status, self.failed_at, self.ends_at
        return standing.of_membership(*told, self.plan.rank, now, settings.GRACE)


def granted(at, prefix=""):
    """The Q of grants that run at a moment; prefix: how a query comes to the grant."""
    begun = Q(**{f"{prefix}starts_at__lte": at, f"{prefix}revoked_at": None})
    return begun & (Q(**{f"{prefix}ends_at": None}) | Q(**{f"{prefix}ends_at__gt": at}))


class GrantQuerySet(models.QuerySet):
    def running(self, at):
        return self.filter(granted(at))


class PaidThrough(models.TextChoices):
    """How a membership was paid for that does not pass Stripe."""

    BANK = "bank", _("Bank transfer")
    PAYPAL = "paypal", _("PayPal")
    CASH = "cash", _("Cash")
    PATREON = "patreon", _("Patreon")
    OTHER = "other", _("Another way")


class Grant(models.Model):
    """A membership given without payment here: complimentary, or paid elsewhere."""

    user = models.ForeignKey(User, models.CASCADE, related_name="grants", verbose_name=_("account"))
    reason = models.CharField(_("reason"), max_length=200, help_text=_("For the desk: why this reader is a member."))
    plan = models.ForeignKey(
        Plan, models.PROTECT, null=True, blank=True, related_name="grants", verbose_name=_("plan"),
        help_text=_("Blank: what all members may read, and nothing that is for a plan alone."),
    )  # fmt: skip
    starts_at = models.DateTimeField(_("from"), default=timezone.now)
    ends_at = models.DateTimeField(_("until"), null=True, blank=True, help_text=_("Blank: without an end."))
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True, editable=False)
    # Paid, but not by way of Stripe; blank where it is complimentary.
    paid_through = models.CharField(
        _("paid through"), max_length=10, choices=PaidThrough, blank=True, default="", db_default=""
    )
    amount = models.PositiveIntegerField(
        _("amount"), null=True, blank=True, help_text=_("In the currency's smallest unit: 500 for five euros.")
    )
    currency = models.CharField(
        _("currency"), max_length=3, blank=True, default="", db_default="", validators=[THREE_LETTERS]
    )
    granted_by = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, editable=False, related_name="+", verbose_name=_("granted by")
    )
    created_at = models.DateTimeField(_("recorded"), auto_now_add=True)

    objects = GrantQuerySet.as_manager()

    class Meta:
        verbose_name = _("grant")
        verbose_name_plural = _("grants")
        ordering = ["-starts_at", "-pk"]
        indexes = [models.Index(fields=["user", "ends_at"])]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at=None) | Q(ends_at__gt=F("starts_at")),
                name="grant_ends_after_it_starts",
                violation_error_message=_("A grant ends after it starts."),
            ),
            models.CheckConstraint(
                condition=Q(paid_through="", amount=None, currency="")
                | (~Q(paid_through="") & Q(amount__isnull=False, ends_at__isnull=False) & ~Q(currency="")),
                name="grant_paid_in_full_words",
                violation_error_message=_("A paid grant needs how it was paid, amount, currency and an end."),
            ),
        ]

    def __str__(self):
        return f"{self.user} · {self.reason}"

    def revoke(self, at=None):
        """End the grant now; the row stays, since bookkeeping asks for it."""
        self.revoked_at = at or timezone.now()
        self.save(update_fields=["revoked_at"])
