"""The rows that an article's page is made of, by queries whose SQL is made once: a page that nobody holds yet must not
keep its reader waiting."""

from datetime import datetime

from django.db.models import Q

from articles.models import Article, ArticleTag, Byline, Correction, Related
from newsroom.ground.prepared import Prepared

PUBLISHED = Article.Status.PUBLISHED

_WITH_PARTS = Article.objects.select_related("section", "image")
# Not `visible_to`, which is asked of a reader: `by_slug` is the same question at the moment of a basis, and of `linked`
# and `versions` the page shows only what exists at that moment; the others tell when it changes.
by_slug = Prepared(
    lambda slug, now: _WITH_PARTS.filter(slug=slug, status=PUBLISHED, published_at__lte=now), str, datetime
)
by_id = Prepared(lambda pk: _WITH_PARTS.filter(pk=pk), int)
linked = Prepared(
    lambda pk: (
        Related.objects.filter(article=pk)
        .order_by("position", "pk")
        .values_list("other", "other__status", "other__published_at")
    ),
    int,
)
versions = Prepared(
    lambda original: Article.objects.filter(Q(translation_of=original) | Q(pk=original), status=PUBLISHED).order_by(
        "language", "pk"
    ),
    int,
)
tags = Prepared(
    lambda pk: ArticleTag.objects.filter(content_object=pk).select_related("tag").order_by("position", "pk"), int
)
corrections = Prepared(lambda pk: Correction.objects.filter(article=pk).order_by("-published_at", "-pk"), int)
_bylines = Prepared(
    lambda pk: Byline.objects.filter(article=pk).select_related("author").order_by("position", "pk"), int
)


def signed(article):
    """The article, its `signed` known."""
    article.signed = [byline.author for byline in _bylines(article.pk)]
    return article
