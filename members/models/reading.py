"""What accounts have opened on the meter and given away, told by digests; and the nights when everything is open."""

from django.db import IntegrityError, models, transaction
from django.db.models import Q, Value
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from members.models.account import User
from newsroom.ground.stamped import Stamped, StampedQuerySet


class Opened(models.Model):
    """An article that an account opened on the meter in a month. Which one it was, only the month's key tells (see
    `members.meter`), and that lives outside the database.

    month: such as "2026-11". place: 1 and up are the account's own; 0 and below came along from the stranger that the
    reader was before signing in. Two tabs that open one article at once meet the first constraint, two that would take
    the last place the second.
    """

    user = models.ForeignKey(User, models.CASCADE, related_name="opened")
    month = models.CharField(max_length=7)
    place = models.SmallIntegerField()
    salt = models.BinaryField(max_length=8)
    digest = models.BinaryField(max_length=8)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "month", "salt", "digest"], name="opened_once_a_month"),
            models.UniqueConstraint(fields=["user", "month", "place"], name="opened_in_a_place_of_its_own"),
        ]
        indexes = [models.Index(fields=["month"])]

    def __str__(self):
        return f"{self.month}: {self.place}"


class GiftQuerySet(models.QuerySet):
    def open_at(self, now):
        return self.filter(ends_at__gt=now, revoked_at=None, left__gt=0)


class Gift(models.Model):
    """An article that a reader gave away by a link. The link's token is kept as a digest, and the article as a digest
    under that token: the row alone tells neither.

    left: how often it can still be opened.
    """

    user = models.ForeignKey(User, models.CASCADE, related_name="gifts", verbose_name=_("account"))
    token = models.CharField(max_length=64, unique=True)
    piece = models.CharField(max_length=64)
    made_at = models.DateTimeField(_("made"), default=timezone.now)
    ends_at = models.DateTimeField(_("ends"))
    left = models.PositiveSmallIntegerField(_("left"))
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True)

    objects = GiftQuerySet.as_manager()

    class Meta:
        verbose_name = _("gift")
        verbose_name_plural = _("gifts")
        ordering = ["-made_at", "-pk"]
        indexes = [models.Index(fields=["user", "made_at"])]

    def __str__(self):
        return f"{self.made_at:%Y-%m-%d %H:%M}"

    def is_open_at(self, now):
        return self.revoked_at is None and now < self.ends_at and self.left > 0


# The change that stamps write when everything is opened, or no longer.
OPEN_HOUSE = ("open-house", "")


class OpenHouseQuerySet(StampedQuerySet):
    def running(self):
        return self.filter(closed_at=None)

    def begin(self, reason, by):
        """Open everything to everybody. Returns the row, None where everything is open already. by: the account."""
        try:
            with transaction.atomic():
                return self.create(reason=reason, opened_by=by)
        except IntegrityError:
            return None

    def end(self, pk, by):
        """Close what was opened by that row; False where somebody has closed it already."""
        return bool(self.running().filter(pk=pk).update(closed_at=timezone.now(), closed_by=by))


class OpenHouse(Stamped):
    """A time when everybody may read everything: from when to when, why, and who said so. The rows are its log."""

    reason = models.CharField(_("reason"), max_length=200, help_text=_("For the log: why everybody must read tonight."))
    opened_at = models.DateTimeField(_("opened"), default=timezone.now, editable=False)
    opened_by = models.ForeignKey(
        User, models.SET_NULL, null=True, editable=False, related_name="+", verbose_name=_("opened by")
    )
    closed_at = models.DateTimeField(_("closed"), null=True, editable=False)
    closed_by = models.ForeignKey(
        User, models.SET_NULL, null=True, editable=False, related_name="+", verbose_name=_("closed by")
    )

    objects = OpenHouseQuerySet.as_manager()

    class Meta:
        verbose_name = _("open house")
        verbose_name_plural = _("open everything now")
        ordering = ["-opened_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                Value(1),
                condition=Q(closed_at=None),
                name="one_open_house_at_a_time",
                violation_error_message=_("Everything is open already."),
            )
        ]

    def __str__(self):
        return f"{self.opened_at:%Y-%m-%d %H:%M} · {self.reason}"

    @classmethod
    def shown_in(cls, rows):
        return {OPEN_HOUSE} if rows else set()
