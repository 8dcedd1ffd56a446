"""The text of /ads.txt: who may sell advertisements in this paper."""

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from articles.ads import ads_txt

# So many are told at once.
PROBLEMS_MAX = 20


class Sellers(models.Model):
    """One row. text: lines as IAB's ads.txt 1.1 has them; blank: there is no such file."""

    text = models.TextField(_("lines"), blank=True, max_length=100_000)

    class Meta:
        verbose_name = _("ads.txt")
        verbose_name_plural = _("ads.txt")

    def __str__(self):
        return "ads.txt"

    def clean(self):
        super().clean()
        found = ads_txt.problems(self.text)[:PROBLEMS_MAX]
        if found:
            words = [format_lazy(_("Line {number}: {words}"), number=one.line, words=one.words) for one in found]
            raise ValidationError({"text": words})
