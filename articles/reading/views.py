"""Readers' pages: fetch what exists for the reader, decide how much of it, fill the holes, join."""

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from articles.models import Article
from articles.reading import holes, keys, lists
from articles.reading.frame import frame, sections
from articles.reading.page import Variant, compile, compile_list
from articles.reading.topics import TOPICS
from members.access import decide
from members.reader import Reader

NOT_FOUND_CARDS = 6


@require_safe
def article(request, slug):
    reader = Reader.of(request)
    found = get_object_or_404(Article.objects.visible_to(reader).for_cards(), slug=slug)
    path = found.get_absolute_url()
    if found.language != get_language():
        return redirect(path, permanent=True)
    access = decide(found.terms, reader, reader.now)
    variant = Variant(access.wall, reader.known and access.wall is not None)
    around = frame(found.language, path, reader.now, section=found.section)
    page = compile(found, variant, around, reader.now)
    return _response(page.join(holes.for_article(page, found, reader)), reader)


@require_safe
def front(request):
    reader = Reader.of(request)
    path = reverse("front")
    if "after" in request.GET:
        stories = Article.objects.visible_to(reader).filter(language=get_language())
        return _list(request, stories, path, kind="", heading=_("Latest stories"))
    around = frame(get_language(), path, reader.now)
    stories = Article.objects.visible_to(reader).filter(language=get_language())
    page = compile_list(
        "reading/home.html",
        {**around, **lists.home(stories, list(sections(get_language(), reader.now)), path, reader.now)},
    )
    return _response(page.join(holes.for_list(page, reader)), reader)


@require_safe
def topic(request, by, slug):
    """The stories of a section, a tag or an author: `by` is a name of TOPICS."""
    row = TOPICS[by]
    found = row.find(slug)
    return _list(
        request,
        _stories(request).filter(row.holds(found)),
        found.get_absolute_url(),
        kind=row.kind,
        heading=found.name,
        description=row.about(found),
        feed_url=reverse(f"{by}-feed", args=[slug]),
        section=found if by == "section" else None,
    )


def not_found(request, exception=None):
    """404: says so, and offers the newest stories."""
    reader = Reader.of(request)
    around = frame(get_language(), request.path, reader.now)
    shown = lists.listing(_stories(request), reverse("front"), None, reader.now).cards[:NOT_FOUND_CARDS]
    page = compile_list("reading/not_found.html", {**around, "canonical": "", "cards": shown})
    response = _response(page.join(holes.for_list(page, reader)), reader)
    response.status_code = 404
    return response


def _stories(request):
    return Article.objects.visible_to(Reader.of(request)).filter(language=get_language())


def _list(request, stories, path, *, kind, heading, description="", feed_url="", section=None):
    reader = Reader.of(request)
    try:
        shown = lists.listing(stories, path, request.GET.get("after"), reader.now)
    except keys.BadKey:
        raise Http404(_("This list has no such page.")) from None
    # A section, tag or author of drafts alone does not exist yet: its very name would tell what is being written.
    if not shown.cards:
        raise Http404(_("This list has no such page."))
    context = {
        **frame(get_language(), path, reader.now, section=section, feed_url=feed_url),
        "kind": kind,
        "heading": heading,
        "description": description,
        "cards": shown.cards,
        "older_url": shown.older_url,
        "first_url": shown.first_url,
    }
    if shown.first_url:
        context["canonical"] += f"?after={request.GET['after']}"
    page = compile_list("reading/list.html", context)
    return _response(page.join(holes.for_list(page, reader)), reader)


def _response(content, reader):
    """A page of ours. What a signed-in reader gets is kept nowhere; a stranger is never granted what others are not."""
    response = HttpResponse(content)
    response["Cache-Control"] = "private, no-store" if reader.known else "private, no-cache"
    return response
