"""When all that is known here was last held against Stripe, and what that showed."""

from datetime import timedelta

from django.db import models
from django.utils.translation import gettext_lazy as _

from newsroom.ground import batches

KEPT = timedelta(days=365)


class Comparison(models.Model):
    """One run of `reconcile`. finished_at: null while it runs, and where it was ended before it was done: the next one
    asks for all events since the last that finished."""

    started_at = models.DateTimeField(_("began"), db_index=True)
    finished_at = models.DateTimeField(_("done"), null=True)
    looked_at = models.PositiveIntegerField(_("customers looked at"), default=0)
    differed = models.PositiveIntegerField(_("differed"), default=0)
    failed = models.PositiveIntegerField(_("could not be looked at"), default=0)

    class Meta:
        verbose_name = _("comparison with Stripe")
        verbose_name_plural = _("comparisons with Stripe")
        ordering = ["-started_at", "-pk"]

    def __str__(self):
        return str(self.started_at)


def forget_old_comparisons(now):
    """Delete those that began KEPT before `now` (aware)."""
    batches.delete(Comparison.objects.filter(started_at__lt=now - KEPT))
