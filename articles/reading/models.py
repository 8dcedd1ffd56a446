"""What readers' pages keep: compiled pages where there is no Redis, and what a reader has read who wants it kept."""

from django.conf import settings
from django.db import models
from django.db.models import Q


class CompiledPage(models.Model):
    """What one process compiled, for the others. key: a digest of the page's address and of the code that made it;
    content: its entries, signed (`reading.entry.pack`). It holds gated text; `reading.shared` is its one door."""

    key = models.CharField(max_length=64, primary_key=True)
    content = models.BinaryField()
    made_at = models.DateTimeField(db_index=True)

    def __str__(self):
        return self.key


class VisitQuerySet(models.QuerySet):
    def newest_first(self):
        return self.order_by("-read_at", "-pk")

    def after(self, read_at, pk):
        """What follows a visit in newest-first order."""
        return self.filter(Q(read_at__lt=read_at) | Q(read_at=read_at, pk__lt=pk))


class Visit(models.Model):
    """A story that a reader opened who keeps a reading history, and when last: of nobody else is there a row
    (`reading.history`)."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    article = models.ForeignKey("articles.Article", models.CASCADE, related_name="+")
    read_at = models.DateTimeField()

    objects = VisitQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "article"], name="visit_once_a_story")]
        indexes = [models.Index(fields=["user", "-read_at", "-id"], name="visit_by_date")]

    def __str__(self):
        return f"{self.user_id}: {self.article_id}"
