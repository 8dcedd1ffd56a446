"""Invitations: links that open an account where not everybody may open one. Kept is a digest of each link's token."""

import hashlib
import secrets
from datetime import timedelta

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from members.models.account import User
from newsroom.ground import batches

HOLDS = timedelta(days=14)
# How long an invitation is looked back on once it is over; it may hold an address and a name.
KEPT = timedelta(days=90)


def digest_of(token):
    return hashlib.sha256(token.encode()).hexdigest()


def in_two_weeks():
    return timezone.now() + HOLDS


class InvitationQuerySet(models.QuerySet):
    def open(self, at):
        """Those that still open an account at `at` (aware)."""
        return self.filter(revoked_at=None, expires_at__gt=at, uses__lt=F("uses_max"))

    def of(self, token):
        return self.filter(digest=digest_of(token))

    def take(self, token, at):
        """Count one use of the invitation of a token. False if there is none that is open: it was used up, perhaps by
        somebody at this same moment."""
        return bool(token) and self.of(token).open(at).update(uses=F("uses") + 1) == 1


class Invitation(models.Model):
    digest = models.CharField(max_length=64, unique=True, editable=False)
    note = models.CharField(_("note"), max_length=200, help_text=_("For the desk: whom it is for."))
    email = models.EmailField(_("e-mail"), blank=True, help_text=_("If given, the link is sent there."))
    uses_max = models.PositiveSmallIntegerField(_("accounts"), default=1, help_text=_("How many it may open."))
    uses = models.PositiveSmallIntegerField(_("opened"), default=0, editable=False)
    expires_at = models.DateTimeField(_("until"), default=in_two_weeks)
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True, editable=False)
    made_by = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, editable=False, related_name="+", verbose_name=_("made by")
    )
    created_at = models.DateTimeField(_("recorded"), auto_now_add=True)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(uses_max__gte=1),
                name="invitation_opens_something",
                violation_error_message=_("An invitation opens one account at least."),
            )
        ]

    def __str__(self):
        return self.note

    def new_token(self):
        """A token for this invitation, not saved yet: shown once, since only its digest stays."""
        token = secrets.token_urlsafe(24)
        self.digest = digest_of(token)
        return token

    def revoke(self):
        self.revoked_at = timezone.now()
        self.save(update_fields=["revoked_at"])


def forget_old_invitations(now):
    """Delete the invitations that were over KEPT before `now` (aware)."""
    batches.delete(Invitation.objects.filter(expires_at__lt=now - KEPT))
