"""The inbox: what Stripe says has happened. Each event once, until something came of it."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class EventQuerySet(models.QuerySet):
    def due(self, at):
        """Those that wait for their next attempt at a moment, the oldest first."""
        return self.filter(status=Event.State.WAITING, next_at__lte=at).order_by("next_at", "pk")


class Event(models.Model):
    """An event of Stripe's, in what names it alone: what it says is fetched afresh and never taken from it.

    about: the id of the object that it tells of; customer: the id of whose, where it says so.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("Waits")
        DONE = "done", _("Done")
        IGNORED = "ignored", _("Nothing to do with us")
        FAILED = "failed", _("Given up")

    stripe_id = models.CharField(_("at Stripe"), max_length=255, unique=True)
    type = models.CharField(_("type"), max_length=100)
    about = models.CharField(_("about"), max_length=255, blank=True)
    customer = models.CharField(_("customer"), max_length=255, blank=True, db_index=True)
    made_at = models.DateTimeField(_("happened"))
    received_at = models.DateTimeField(_("received"), db_index=True)
    status = models.CharField(_("state"), max_length=10, choices=State, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    next_at = models.DateTimeField(_("next attempt"), null=True)
    done_at = models.DateTimeField(_("done"), null=True)
    error = models.CharField(_("error"), max_length=300, blank=True)

    objects = EventQuerySet.as_manager()

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        ordering = ["-received_at", "-pk"]
        indexes = [models.Index(fields=["next_at"], condition=Q(status="waiting"), name="event_due")]

    def __str__(self):
        return f"{self.type} {self.stripe_id}"
