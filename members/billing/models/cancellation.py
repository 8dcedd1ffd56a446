"""Why members leave: what they say of themselves, if they say anything."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from members.models import User

TEXT_MAX = 500


class Cancellation(models.Model):
    """An answer to the one question that is asked of who cancels. user: None once the account is deleted; the reason is
    counted on."""

    class Reason(models.TextChoices):
        PRICE = "price", _("It costs too much")
        TIME = "time", _("I read too little of it")
        CONTENT = "content", _("I miss something in it")
        ANOTHER = "another", _("I read or support another newsroom")
        TROUBLE = "trouble", _("Something did not work")
        OTHER = "other", _("Another reason")

    user = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="cancellations", verbose_name=_("account")
    )
    reason = models.CharField(_("reason"), max_length=10, choices=Reason, blank=True, default="")
    text = models.CharField(_("in own words"), max_length=TEXT_MAX, blank=True, default="")
    at = models.DateTimeField(_("when"), default=timezone.now)

    class Meta:
        verbose_name = _("cancellation")
        verbose_name_plural = _("cancellations")
        ordering = ["-at", "-pk"]

    def __str__(self):
        return self.get_reason_display() or str(self.at)
