"""The text of /ads.txt: who may sell advertisements in this paper."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Sellers(models.Model):
    """One row. text: lines as IAB's ads.txt 1.1 has them; blank: there is no such file."""

    text = models.TextField(_("lines"), blank=True, max_length=100_000)

    class Meta:
        verbose_name = _("ads.txt")
        verbose_name_plural = _("ads.txt")

    def __str__(self):
        return "ads.txt"
