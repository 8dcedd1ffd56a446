"""Advertisements that the newsroom places in its stories."""

import re

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from newsroom.ground.stamped import Stamped, StampedQuerySet

# The change that stamps write when any advertisement does.
ADS = ("ads", "")


class AdQuerySet(StampedQuerySet):
    def running(self, language, at):
        """Those that may stand in a story of a language at a moment (aware)."""
        return self.filter(active=True, language=language, starts_at__lte=at).filter(
            Q(ends_at=None) | Q(ends_at__gt=at)
        )


class Ad(Stamped):
    """A native text advertisement of the house: a headline, a sentence and where it leads."""

    name = models.CharField(_("name"), max_length=100, help_text=_("For the desk; readers do not see it."))
    headline = models.CharField(_("headline"), max_length=100)
    text = models.CharField(_("text"), max_length=250, blank=True)
    button = models.CharField(_("words on the link"), max_length=60, default=_("Read more"))
    url = models.CharField(
        _("leads to"), max_length=500, help_text=_("An https address, or a page of this site such as /join/.")
    )
    language = models.CharField(
        _("language"), max_length=10, choices=settings.LANGUAGES, default=settings.LANGUAGE_CODE
    )
    active = models.BooleanField(_("active"), default=True)
    starts_at = models.DateTimeField(_("from"), default=timezone.now)
    ends_at = models.DateTimeField(_("until"), null=True, blank=True)

    objects = AdQuerySet.as_manager()

    class Meta:
        verbose_name = _("advertisement")
        verbose_name_plural = _("advertisements")
        ordering = ["-pk"]

    def __str__(self):
        return self.name

    @classmethod
    def changes(cls, rows):
        return {ADS} if rows else set()

    shown_in = changes

    def clean(self):
        super().clean()
        if not re.match(r"https://[^/\s]|/(?![/\\])", self.url):
            raise ValidationError(
                {"url": _("Take an address that begins with https:// or, on this site, with one slash.")}
            )
