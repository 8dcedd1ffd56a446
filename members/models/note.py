"""What the desk writes down about an account."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from members.models.account import User


class Note(models.Model):
    """A note by somebody who works here: why something was done for this reader, or what they said. It is never
    changed; it goes when the account is erased, and its reader is told it on asking for what is kept."""

    user = models.ForeignKey(User, models.CASCADE, related_name="notes", verbose_name=_("account"))
    author = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+", verbose_name=_("by whom"))
    text = models.TextField(_("text"), max_length=2000)
    at = models.DateTimeField(_("when"), default=timezone.now)

    class Meta:
        verbose_name = _("note")
        verbose_name_plural = _("notes")
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["user", "at"], name="note_of_account")]

    def __str__(self):
        return f"{self.at:%Y-%m-%d %H:%M}"

    def save(self, *args, **kwargs):
        if not self._state.adding:
            raise ValueError("A note is never changed: write another.")
        super().save(*args, **kwargs)
