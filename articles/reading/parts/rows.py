"""The rows that an article's page is made of, by queries whose SQL is made once: a page that nobody holds yet must not
keep its reader waiting."""

from datetime import datetime

from django.db.models import F, Q

from articles.models import Article, Author, Correction, Related
from articles.tags.models import Tag
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
# The stories that are named for an original, and it, other than one of them.
versions = Prepared(
    lambda original, pk: (
        Article.objects.filter(Q(translation_of=original) | Q(pk=original), status=PUBLISHED)
        .exclude(pk=pk)
        .order_by("language", "pk")
    ),
    int,
    int,
)
# Each knows whether it is among the story's tags (`listed`), and its hashtag.
tags = Prepared(
    lambda pk: (
        Tag.objects.filter(articles_articletag_items__content_object=pk)
        .annotate(listed=F("articles_articletag_items__listed"), hashtag=F("articles_articletag_items__hashtag"))
        .order_by("articles_articletag_items__position", "articles_articletag_items__pk")
    ),
    int,
)
corrections = Prepared(lambda pk: Correction.objects.filter(article=pk).order_by("-published_at", "-pk"), int)
_authors = Prepared(
    lambda pk: Author.objects.filter(bylines__article=pk).order_by("bylines__position", "bylines__pk"), int
)


def signed(article):
    """The article, its `signed` known."""
    article.signed = _authors(article.pk)
    return article
