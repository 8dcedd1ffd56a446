"""Who advertises."""

import hashlib
import secrets

from django.db import models
from django.utils.translation import gettext_lazy as _

from newsroom.ground.stamped import Stamped, StampedQuerySet

# The change that stamps write when anything about advertisements does.
ADS = ("ads", "")


class AdvertiserQuerySet(StampedQuerySet):
    def of_token(self, token):
        """Those whose link holds this token: one or none."""
        return self.filter(token_digest=digest(token))


class Advertiser(Stamped):
    """token_digest: of the link by which the advertiser reads its own numbers; blank: it has none."""

    name = models.CharField(_("name"), max_length=100)
    email = models.EmailField(_("whom to write to"), blank=True, help_text=_("For the desk; readers do not see it."))
    exclusion_group = models.CharField(
        _("competitors"),
        max_length=40,
        blank=True,
        help_text=_("A word such as banks. No page shows two advertisements of the same word."),
    )
    token_digest = models.CharField(max_length=64, blank=True, default="", db_index=True, editable=False)

    objects = AdvertiserQuerySet.as_manager()

    class Meta:
        verbose_name = _("advertiser")
        verbose_name_plural = _("advertisers")
        ordering = ["name"]

    def __str__(self):
        return self.name

    @classmethod
    def changes(cls, rows):
        return {ADS} if rows else set()

    shown_in = changes

    def make_token(self):
        """A new token for the advertiser's link, saved as its digest; the one before opens nothing any more."""
        token = secrets.token_urlsafe(24)
        self.token_digest = digest(token)
        self.save(update_fields=["token_digest"])
        return token

    def withdraw_token(self):
        self.token_digest = ""
        self.save(update_fields=["token_digest"])


def digest(token):
    return hashlib.sha256(token.encode()).hexdigest()
