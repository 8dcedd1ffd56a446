"""Where gated text lives. Each table has one door, and tests/test_doors.py keeps the list of who may open it."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from articles import body
from newsroom.ground.prepared import Prepared


class Body(models.Model):
    """The whole text of an article, in the canonical HTML of `articles.body`."""

    article = models.OneToOneField("articles.Article", models.CASCADE, primary_key=True, related_name="+")
    html = models.TextField()

    class Meta:
        verbose_name = _("text")
        verbose_name_plural = _("texts")

    def __str__(self):
        return str(self.article_id)

    _one = Prepared(lambda pk: Body.objects.filter(pk=pk).values_list("html"), int)

    @classmethod
    def of(cls, article_id):
        """The blocks of an article's whole text; none when it has no text yet. The one door of this table."""
        return next((body.stored(html) for (html,) in cls._one(article_id)), [])

    @classmethod
    def of_many(cls, article_ids):
        """{id: blocks} of those articles that have a text; the same door, for several at once."""
        rows = cls.objects.filter(pk__in=article_ids).values_list("pk", "html")
        return {pk: body.stored(html) for pk, html in rows}


class Revision(models.Model):
    """What an article said at one time, and who wrote it so and why."""

    article = models.ForeignKey("articles.Article", models.CASCADE, related_name="+")
    number = models.PositiveIntegerField(_("number"))
    headline = models.CharField(_("headline"), max_length=300)
    standfirst = models.TextField(_("standfirst"), blank=True)
    html = models.TextField(_("text"))
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("by")
    )
    created_at = models.DateTimeField(_("when"))

    class Meta:
        verbose_name = _("revision")
        verbose_name_plural = _("revisions")
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["article", "number"], name="revision_numbered_once")]

    def __str__(self):
        return f"{self.headline} · {self.number}"

    @classmethod
    def of(cls, article_id):
        """The revisions of an article, newest first. The one door of this table."""
        return cls.objects.filter(article=article_id).select_related("author")
