"""A drive: weeks in which the newsroom asks for members, with a page of its own, and campaigns that run as long."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import TextChoices
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from newsroom.ground.stamped import Stamped, StampedQuerySet

# The change that stamps write when what is shown of any prompt does.
PROMPTS = ("prompts", "")


class Phase(TextChoices):
    AHEAD = "ahead", _("Begins later")
    RUNNING = "running", _("Running")
    OVER = "over", _("Over")


class DriveQuerySet(StampedQuerySet):
    def running(self, now):
        return self.filter(starts_at__lte=now, ends_at__gt=now)

    def over(self, now):
        return self.filter(ends_at__lte=now)


class Drive(Stamped):
    """goal_members, amount: what it is to bring, each perhaps None; amount in the smallest unit of `currency`."""

    name = models.CharField(_("name"), max_length=200, help_text=_("For the desk alone."))
    slug = models.SlugField(
        _("address"), max_length=80, unique=True, allow_unicode=True, help_text=_("Its page is at /drives/ADDRESS/.")
    )
    language = models.CharField(
        _("language"), max_length=10, choices=settings.LANGUAGES, default=settings.LANGUAGE_CODE
    )
    heading = models.CharField(_("heading"), max_length=300)
    text = models.TextField(_("text"), blank=True, help_text=_("Blank lines part paragraphs."))
    starts_at = models.DateTimeField(_("starts"))
    ends_at = models.DateTimeField(_("ends"), help_text=_("Its campaigns are shown from start to end, and no longer."))
    goal_members = models.PositiveIntegerField(
        _("goal in members"), null=True, blank=True, validators=[MinValueValidator(1)]
    )
    amount = models.PositiveIntegerField(_("goal in money"), null=True, blank=True)
    currency = models.CharField(_("currency"), max_length=3, blank=True, default="")
    overrides = models.BooleanField(
        _("goes before all others"),
        default=False,
        help_text=_("While it runs its campaigns go first on the whole site. How often and for whom they still say."),
    )

    objects = DriveQuerySet.as_manager()

    class Meta:
        verbose_name = _("drive")
        verbose_name_plural = _("drives")
        ordering = ["-starts_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ends_at__gt=models.F("starts_at")),
                name="drive_ends_after_it_starts",
                violation_error_message=_("It ends before it starts."),
            )
        ]

    def __str__(self):
        return self.name

    @classmethod
    def changes(cls, rows):
        return {PROMPTS} if rows else set()

    shown_in = changes

    def get_absolute_url(self):
        with override(self.language):
            return reverse("drive", args=[self.slug])

    def clean(self):
        if self.amount and not self.currency:
            raise ValidationError({"currency": _("Name the currency of the goal.")})

    def phase(self, now):
        """now: aware."""
        if now < self.starts_at:
            return Phase.AHEAD
        return Phase.RUNNING if now < self.ends_at else Phase.OVER


class Reminder(models.Model):
    """Somebody wants a mail before a drive ends. key: a digest of the address, by which one is kept once; address:
    sealed. Both go once the mail is written."""

    drive = models.ForeignKey(Drive, models.CASCADE, related_name="reminders", verbose_name=_("drive"))
    key = models.CharField(max_length=32, editable=False)
    address = models.TextField(editable=False)

    class Meta:
        verbose_name = _("reminder")
        verbose_name_plural = _("reminders")
        constraints = [models.UniqueConstraint(fields=["drive", "key"], name="one_reminder_an_address")]

    def __str__(self):
        return f"{self.drive} · {self.key[:6]}"
