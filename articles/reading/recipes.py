"""How each kind of page is compiled: one recipe an address, for views, worker and tests alike."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from urllib.parse import parse_qs

from django.db.models import Q
from django.http import Http404
from django.urls import resolve, reverse
from django.utils import translation
from django.utils.translation import gettext as _

from articles.models import Article
from articles.reading import feeds, sitemaps
from articles.reading.entry import Variant
from articles.reading.page import ROW_AFTER, compile_list, with_rows
from articles.reading.page import compile as compile_article
from articles.reading.parts import keys, lists, rows
from articles.reading.parts.frame import frame, sections
from articles.reading.parts.topics import TOPICS
from members.access import decide
from members.reader import Reader
from members.visit import Subject
from newsroom.ground.language import address, of_path

NOT_FOUND_CARDS = 6
EVERY = Q()


class Elsewhere(Exception):
    """A story stands at another address, `path`."""

    def __init__(self, path):
        super().__init__(path)
        self.path = path


@dataclass(frozen=True, slots=True)
class Recipe:
    """path: the page's address, which names it everywhere. make(basis, reader): its `reading.page.Page`, or Http404, or
    Elsewhere."""

    path: str
    language: str
    make: Callable

    def compile(self, basis, reader):
        with translation.override(self.language):
            return self.make(basis, reader)


def article(slug, language):
    """A story's page, in the variant of who asks."""

    def make(basis, reader):
        found = next(iter(rows.by_slug(slug, basis.now)), None)
        if found is None:
            raise Http404
        rows.signed(found)
        if found.language != language:
            raise Elsewhere(found.get_absolute_url())
        around = frame(language, found.get_absolute_url(), basis, section=found.section)
        return compile_article(found, Variant.of(decide(found.terms, reader, basis.now), reader), around, basis)

    return Recipe(address("article", language, slug), language, make)


def front(language, after=None):
    """The front page of a language, or what follows in its list after a key."""

    path = address("front", language)

    subject = Subject(None, language)

    def make(basis, reader):
        stories = _stories(basis, language, language)
        if after is not None:
            return _listed(stories, path, after, basis, {"kind": "", "heading": _("Latest stories")}, subject)
        shown = sections(language, basis)
        for section in shown:
            basis.rests_on("list", f"section:{section.pk}")
        context = lists.home(stories, shown, path, basis)
        context |= {"latest": with_rows(context["latest"]), "rows": len(context["latest"]) > ROW_AFTER}
        return compile_list("reading/home.html", {**frame(language, path, basis), **context}, subject=subject)

    return Recipe(addressed(path, after), language, make)


def topic(by, slug, language, after=None):
    """The stories of a section, a tag or an author: `by` is a name of TOPICS."""
    path = address(by, language, slug)

    def make(basis, reader):
        row, found = TOPICS[by], _found(by, slug, basis)
        stories = _stories(basis, language, f"{by}:{found.pk}", row.holds(found))
        said = {"kind": row.kind, "heading": found.name, "description": row.about(found)}
        section = found if by == "section" else None
        return _listed(
            stories, path, after, basis, said, _about(by, found, language), section=section, feed_url=f"{path}feed/"
        )

    return Recipe(addressed(path, after), language, make)


def not_found(language):
    """What stands where no page does: the newest stories. Not an address, so nobody can ask for it by one."""

    def make(basis, reader):
        cards = lists.listing(_stories(basis, language, language), "/", None, basis, lists.LATEST).cards[
            :NOT_FOUND_CARDS
        ]
        around = {**frame(language, "/", basis), "canonical": ""}
        return compile_list("reading/not_found.html", {**around, "cards": cards}, status=404)

    return Recipe(f"404:{language}", language, make)


def feed(language):
    """The feed of all stories of a language."""

    path = address("feed", language)
    home = address("front", language)

    def make(basis, reader):
        return feeds.compile(_stories(basis, language, language), None, home, path, basis)

    return Recipe(path, language, make)


def topic_feed(by, slug, language):
    """The feed of a section, a tag or an author."""

    path = address(f"{by}-feed", language, slug)

    def make(basis, reader):
        row, found = TOPICS[by], _found(by, slug, basis)
        stories = _stories(basis, language, f"{by}:{found.pk}", row.holds(found))
        home = address(by, language, slug)
        return feeds.compile(stories, found.name, home, path, basis)

    return Recipe(path, language, make)


def sitemap():
    """The addresses of all languages."""
    return Recipe(reverse("sitemap"), translation.get_language(), lambda basis, reader: sitemaps.compile(basis))


# Names of addresses -> the recipe, from the language and the arguments of the address.
BY_NAME = {
    "article": lambda language, after, slug: article(slug, language),
    "front": lambda language, after: front(language, after),
    "feed": lambda language, after: feed(language),
    "sitemap": lambda language, after: sitemap(),
    **dict.fromkeys(TOPICS, lambda language, after, by, slug: topic(by, slug, language, after)),
    **{f"{by}-feed": lambda language, after, by, slug: topic_feed(by, slug, language) for by in TOPICS},
}


def of_address(address):
    """The recipe of a page's address such as "/ru/tags/dam/?after=1-2". Raises Http404 where no page can stand."""
    path, _question, query = address.partition("?")
    language = of_path(path)
    with translation.override(language):
        found = resolve(path)
        if found.url_name not in BY_NAME:
            raise Http404
        after = parse_qs(query).get("after", [None])[0]
        return BY_NAME[found.url_name](language, after, **found.kwargs)


def addressed(path, after):
    """The name of a page of a list: its path and, where it is not the first, its key."""
    return path if after is None else f"{path}?after={after}"


def _found(by, slug, basis):
    found = TOPICS[by].find(slug)
    basis.shows(found)
    return found


def _stories(basis, language, key, among=EVERY):
    """The stories of a list that exist; `key` is its name in stamps."""
    basis.rests_on("list", key)
    basis.lasts_until(Article.objects.next_due(basis.now, among=among, language=language))
    return Article.objects.visible_to(Reader.stranger(basis.now)).filter(among, language=language)


def _about(by, found, language):
    """What a list is about, to advertisements."""
    if by == "section":
        return Subject(None, language, section=found.pk, ads=not found.without_ads)
    return Subject(None, language, tags=frozenset({found.pk} if by == "tag" else ()))


def _listed(stories, path, after, basis, said, subject, **around):
    try:
        shown = lists.listing(stories, path, after, basis)
    except keys.BadKey:
        raise Http404(_("This list has no such page.")) from None
    # A section, tag or author of drafts alone does not exist yet: its very name would tell what is being written.
    if not shown.cards:
        raise Http404(_("This list has no such page."))
    context = {
        **frame(translation.get_language(), path, basis, **around),
        **said,
        "cards": with_rows(shown.cards) if subject.ads else shown.cards,
        "rows": subject.ads and len(shown.cards) > ROW_AFTER,
        "older_url": shown.older_url,
        "first_url": shown.first_url,
    }
    if after is not None:
        context["canonical"] += f"?after={after}"
    page = compile_list("reading/list.html", context, subject=subject if subject.ads else None)
    # Anybody can make up keys: only those that a list has made are worth keeping.
    return replace(page, kept=after is None or lists.has_made(stories, after))
