"""What readers see of a campaign: a picture, a few words, or a document of its own in a frame."""

import re

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from articles.ads import markup
from articles.ads.models.advertiser import ADS
from articles.ads.models.campaign import Campaign
from articles.models import Image
from newsroom.ground.stamped import Stamped, StampedQuerySet

HTML_MAX = 100_000
LEADS = re.compile(r"https://[^/\s\\@]+(?:[/?#]\S*)?|/(?![/\\])\S*")


class CreativeQuerySet(StampedQuerySet):
    def booked(self, at):
        """The active ones of campaigns that run at a moment (aware) or are to come, with them and their advertisers."""
        campaigns = Campaign.objects.booked(at)
        return self.filter(active=True, campaign__in=campaigns).select_related("campaign__advertiser", "image")


class Creative(Stamped):
    """width, height: of the place that it takes, in CSS pixels; none for a native one."""

    class Kind(models.TextChoices):
        NATIVE = "native", _("Words")
        IMAGE = "image", _("Picture")
        HTML = "html", _("HTML, in a frame of its own")

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="creatives", verbose_name=_("campaign"))
    kind = models.CharField(_("kind"), max_length=6, choices=Kind, default=Kind.NATIVE)
    name = models.CharField(_("name"), max_length=100, help_text=_("For the desk; readers do not see it."))
    active = models.BooleanField(_("active"), default=True)
    sponsored_by = models.CharField(
        _("sponsored by"),
        max_length=60,
        blank=True,
        help_text=_("The label is then “Sponsored by” and this name; else “Advertisement”."),
    )
    url = models.CharField(
        _("leads to"), max_length=500, help_text=_("An https address, or a page of this site such as /join/.")
    )
    headline = models.CharField(_("headline"), max_length=100, blank=True)
    text = models.CharField(_("text"), max_length=250, blank=True)
    button = models.CharField(_("words on the link"), max_length=60, blank=True)
    image = models.ForeignKey(
        Image, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("picture"), editable=False
    )
    alt = models.CharField(
        _("alternative text"), max_length=300, blank=True, help_text=_("What a reader who cannot see it should know.")
    )
    html = models.TextField(
        _("HTML"),
        blank=True,
        max_length=HTML_MAX,
        help_text=_("Its links lead to {click}. Styles stand in a style element, pictures in data: addresses."),
    )
    width = models.PositiveSmallIntegerField(_("width"), null=True, blank=True)
    height = models.PositiveSmallIntegerField(_("height"), null=True, blank=True)

    objects = CreativeQuerySet.as_manager()

    class Meta:
        verbose_name = _("creative")
        verbose_name_plural = _("creatives")
        ordering = ["-pk"]

    def __str__(self):
        return self.name

    @classmethod
    def changes(cls, rows):
        return {ADS} if rows else set()

    shown_in = changes

    @property
    def size(self):
        """(width, height) in CSS pixels; None for words, which take what there is."""
        return None if self.kind == self.Kind.NATIVE else (self.width, self.height)

    def clean(self):
        super().clean()
        wrong = {}
        if not LEADS.fullmatch(self.url):
            wrong["url"] = _("Take an address that begins with https:// or, on this site, with one slash.")
        wrong |= WANTED[self.kind](self) if self.kind in WANTED else {}
        if wrong:
            raise ValidationError(wrong)


def _native(creative):
    return {} if creative.headline.strip() else {"headline": _("An advertisement of words needs a headline.")}


def _picture(creative):
    return {} if creative.alt.strip() else {"alt": _("Say what the picture tells, for readers who cannot see it.")}


def _document(creative):
    # A box may give it with other ends of lines than browsers read, and its digests would be others.
    creative.html = markup.lines(creative.html)
    problems = markup.looked_at(creative.html).problems
    return {"html": problems} if problems else {}


# What each kind needs: {field: what is wrong with it}.
WANTED = {Creative.Kind.NATIVE: _native, Creative.Kind.IMAGE: _picture, Creative.Kind.HTML: _document}
