"""What an advertiser booked: when, how often, for whom and where."""

from datetime import timedelta

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from articles.ads import places
from articles.ads.models.advertiser import ADS, Advertiser
from newsroom.ground.stamped import Stamped, StampedQuerySet

GOAL_MAX, CAP_MAX, WEIGHT_MAX = 1_000_000_000, 100, 1_000


# A campaign with a goal; its hours are added up one by one (`articles.ads.pace`).
LONGEST = timedelta(days=2 * 366)


class Priority(models.IntegerChoices):
    """Who comes first: a place goes to the first of these that has anything for it."""

    SPONSOR = 1, _("Sponsor: before all others")
    STANDARD = 2, _("Standard")
    HOUSE = 3, _("House: where nothing else is booked")


class GoalKind(models.TextChoices):
    IMPRESSIONS = "impressions", _("Impressions")
    CLICKS = "clicks", _("Clicks")


class CampaignQuerySet(StampedQuerySet):
    def booked(self, at):
        """Those that run at a moment (aware) or are to come, paused ones too."""
        return self.filter(Q(ends_at=None) | Q(ends_at__gt=at)).exclude(starts_at=None)


class Campaign(Stamped):
    """include, exclude: for what it is meant, and for what it is not: {kind: [values]}; see `articles.ads.targeting`.
    placements: the places that it takes, each a kind of `places.Kind` or one of `places.PLACES`; none: all.
    hour_from, hour_until: hours in the newsroom's time zone; weekdays: 0 is Monday.
    """

    advertiser = models.ForeignKey(Advertiser, models.PROTECT, related_name="campaigns", verbose_name=_("advertiser"))
    name = models.CharField(_("name"), max_length=100, help_text=_("For the desk; readers do not see it."))
    priority = models.PositiveSmallIntegerField(_("priority"), choices=Priority, default=Priority.STANDARD)
    weight = models.PositiveSmallIntegerField(
        _("weight"),
        default=10,
        validators=[MinValueValidator(1), MaxValueValidator(WEIGHT_MAX)],
        help_text=_("Among campaigns of the same priority one of 20 is shown twice as often as one of 10."),
    )
    starts_at = models.DateTimeField(
        _("from"), null=True, blank=True, help_text=_("Blank: a draft, which readers do not see.")
    )
    ends_at = models.DateTimeField(_("until"), null=True, blank=True)
    paused = models.BooleanField(_("paused"), default=False)
    goal = models.PositiveIntegerField(
        _("goal"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(GOAL_MAX)],
        help_text=_("How often in all, evenly over its time. Blank: as often as its weight brings."),
    )
    goal_kind = models.CharField(_("goal of"), max_length=12, choices=GoalKind, default=GoalKind.IMPRESSIONS)
    cap = models.PositiveSmallIntegerField(
        _("at most a day and browser"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(CAP_MAX)],
        help_text=_("Kept count of in the reader’s own cookie; who has none is not shown it. Blank: no limit."),
    )
    exclusion_group = models.CharField(
        _("competitors"),
        max_length=40,
        blank=True,
        help_text=_("Blank: the advertiser’s word. No page shows two advertisements of the same word."),
    )
    placements = models.JSONField(_("places"), default=list, blank=True)
    include = models.JSONField(_("only for"), default=dict, blank=True)
    exclude = models.JSONField(_("not for"), default=dict, blank=True)
    weekdays = models.JSONField(_("on"), default=list, blank=True)
    hour_from = models.PositiveSmallIntegerField(
        _("from the hour"), null=True, blank=True, validators=[MaxValueValidator(23)]
    )
    hour_until = models.PositiveSmallIntegerField(
        _("until the hour"),
        null=True,
        blank=True,
        validators=[MinValueValidator(0), MaxValueValidator(24)],
        help_text=_("In the newsroom’s time zone. From 22 until 4 is the night that begins on the days above."),
    )

    objects = CampaignQuerySet.as_manager()

    class Meta:
        verbose_name = _("campaign")
        verbose_name_plural = _("campaigns")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(starts_at=None) | Q(ends_at=None) | Q(ends_at__gt=F("starts_at")),
                name="ad_campaign_ends_after_it_starts",
                violation_error_message=_("A campaign ends after it starts."),
            ),
            models.CheckConstraint(
                condition=Q(goal=None) | Q(starts_at=None) | Q(ends_at__isnull=False),
                name="ad_campaign_with_goal_ends",
                violation_error_message=_("A goal is spread over the campaign’s time: say when it ends."),
            ),
            models.CheckConstraint(
                condition=Q(hour_from=None, hour_until=None) | Q(hour_from__isnull=False, hour_until__isnull=False),
                name="ad_campaign_hours_in_pairs",
                violation_error_message=_("Give both hours, from and until, or neither."),
            ),
        ]

    def __str__(self):
        return self.name

    @classmethod
    def changes(cls, rows):
        return {ADS} if rows else set()

    shown_in = changes

    @property
    def group(self):
        """The word that competitors share, "" where there is none."""
        return (self.exclusion_group or self.advertiser.exclusion_group).strip().casefold()

    def kinds(self):
        """The kinds of places that it takes, in their order."""
        taken = {word.rstrip("0123456789") for word in self.placements}
        return [kind for kind in places.Kind if not taken or kind in taken]

    def clean(self):
        super().clean()
        if self.goal and self.starts_at and self.ends_at and self.ends_at - self.starts_at > LONGEST:
            raise ValidationError({"ends_at": _("A goal is reached within two years: take an earlier end.")})
        if self.hour_from is not None and self.hour_from == self.hour_until:
            raise ValidationError(
                {"hour_until": _("These hours are over when they begin. Leave both blank for a day.")}
            )

    def copied(self):
        """A draft like it, saved, with creatives of its own: of the same words and pictures, and no counts yet."""
        creatives = list(self.creatives.order_by("pk"))
        copy = Campaign.objects.get(pk=self.pk)
        copy.pk, copy._state.adding = None, True
        copy.name = _("%(name)s (copy)") % {"name": self.name[:80]}
        copy.starts_at = copy.ends_at = None
        copy.paused = False
        copy.save()
        for creative in creatives:
            creative.pk, creative._state.adding, creative.campaign = None, True, copy
            creative.save()
        return copy
