"""What makes a member: plans, memberships that are paid, and grants."""

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from members import standing
from members.models.account import User
from members.standing import PAID, Rank, Status
from newsroom.ground.stamped import Stamped, StampedQuerySet

THREE_LETTERS = RegexValidator(r"^[A-Z]{3}\Z", _("A currency is three capital letters, such as EUR."))


class PlanQuerySet(StampedQuerySet):
    def offered(self):
        """Those that somebody can take now, the first first."""
        return self.filter(archived_at=None)


class Plan(Stamped):
    """What a reader can be a member by."""

    stamp_kind = "plan"

    name = models.CharField(_("name"), max_length=80, unique=True)
    slug = models.SlugField(_("short name"), max_length=80, unique=True, help_text=_("Names the plan in files."))
    level = models.PositiveSmallIntegerField(
        _("level"), default=10, help_text=_("A plan includes all plans of a lower level.")
    )
    amount = models.PositiveIntegerField(
        _("price a month"), help_text=_("In the currency's smallest unit: 500 for five euros, 500 for 500 yen.")
    )
    currency = models.CharField(
        _("currency"), max_length=3, default="EUR", validators=[THREE_LETTERS], help_text=_("Three letters: EUR, GEL.")
    )
    position = models.PositiveSmallIntegerField(_("place in lists"), default=100)
    archived_at = models.DateTimeField(
        _("archived"), null=True, blank=True, help_text=_("Offered to nobody new from then on; its members stay.")
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


# The change that stamps write when any plan does.
PLANS = ("plans", "")


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

    objects = MembershipQuerySet.as_manager()

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        ordering = ["-started_at", "-pk"]

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
            )
        ]

    def __str__(self):
        return f"{self.user} · {self.reason}"

    def revoke(self, at=None):
        """End the grant now; the row stays, since bookkeeping asks for it."""
        self.revoked_at = at or timezone.now()
        self.save(update_fields=["revoked_at"])
