"""Compiling ahead: what a publication changed is compiled in the worker, so that a reader seldom meets a cold page."""

from contextlib import suppress

from django.http import Http404
from django.utils import timezone

from articles.models import Article
from articles.reading import recipes, store
from members.access import Audience, decide
from members.reader import Reader
from newsroom.ground.tasks import retried

# Stories of one publication whose pages are compiled ahead: of an archive that arrives few will be asked for at once.
STORIES_MAX = 20
TAGS_MAX = 10


def enqueue(articles):
    """Inside the transaction that changes these stories: have the worker compile what readers will ask for."""
    public = [article for article in articles if article.status == Article.Status.PUBLISHED]
    newest = sorted(public, key=lambda article: (article.published_at, article.pk), reverse=True)
    if newest:
        compile_ahead.enqueue([article.pk for article in newest[:STORIES_MAX]])


@retried
def compile_ahead(ids):
    """Compile the pages of these stories and the lists that they stand in. What is compiled already stays."""
    public = Article.objects.visible_to(Reader.stranger()).filter(pk__in=ids)
    stories = list(public.for_cards().prefetch_related("tagged__tag"))
    for article in stories:
        recipe = recipes.article(article.slug, article.language)
        _compile(recipe)
        stranger = Reader.stranger()
        if not decide(article.terms, stranger, stranger.now).allowed:
            _compile(recipe, whole=True)
    for recipe in _lists(stories):
        _compile(recipe)


def _compile(recipe, whole=False):
    # Withdrawn or moved since: there is no such page any more.
    with suppress(Http404, recipes.Elsewhere):
        store.default.fetch(recipe, Reader(Audience.EVERYONE, timezone.now(), desk=whole))


def _lists(stories):
    """The recipes of the lists that these stories stand in, each once."""
    languages, topics = {}, {}
    for article in stories:
        languages[article.language] = True
        named = [("section", article.section)] if article.section else []
        named += [("tag", link.tag) for link in article.tagged.all()[:TAGS_MAX]]
        named += [("author", author) for author in article.signed]
        topics |= {(by, row.slug, article.language): True for by, row in named}
    for language in languages:
        yield recipes.front(language)
        yield recipes.feed(language)
    for by, slug, language in topics:
        yield recipes.topic(by, slug, language)
        yield recipes.topic_feed(by, slug, language)
