"""Readers' pages, the long way: who asks, the entry that suits, joined."""

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from articles.reading import recipes, store
from articles.reading.answer import joined
from articles.reading.spending import NotNow, spend
from members.reader import Reader


@require_safe
def article(request, slug):
    try:
        return _page(request, recipes.article(slug, get_language()))
    except recipes.Elsewhere as elsewhere:
        return redirect(elsewhere.path, permanent=True)


@require_safe
def front(request):
    return _page(request, recipes.front(get_language(), request.GET.get("after")))


@require_safe
def topic(request, by, slug):
    """The stories of a section, a tag or an author: `by` is a name of TOPICS."""
    return _page(request, recipes.topic(by, slug, get_language(), request.GET.get("after")))


@require_safe
def feed(request):
    return _same_for_all(request, recipes.feed(get_language()))


@require_safe
def topic_feed(request, by, slug):
    return _same_for_all(request, recipes.topic_feed(by, slug, get_language()))


@require_safe
def sitemap(request):
    return _same_for_all(request, recipes.sitemap())


def not_found(request, exception=None):
    """404: says so, and offers the newest stories."""
    return _page(request, recipes.not_found(get_language()))


def _page(request, recipe):
    return _answer(request, recipe, Reader.of(request))


def _same_for_all(request, recipe):
    """A page without holes: who asks is not even looked at."""
    return _answer(request, recipe, Reader.stranger())


def _answer(request, recipe, reader):
    """Joined once what it takes of the reader is taken; where that was just taken by another, the reader gets what is
    left."""
    pages = store.default
    try:
        while not spend(request, entry := pages.fetch(recipe, reader), reader):
            continue
    except NotNow:
        return HttpResponse(status=503)
    return joined(request, entry, reader, pages.pieces)
