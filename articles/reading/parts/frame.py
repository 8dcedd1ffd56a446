"""What stands around every reader's page: menu, languages, date, canonical address."""

from django.conf import settings
from django.db.models import Exists, OuterRef, Q
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.safestring import mark_safe

from articles.models import Article, Section
from articles.reading.page import CORNER, mark
from articles.reading.parts import words
from articles.reading.parts.cards import direction
from members.reader import Reader
from newsroom.ground.language import address
from newsroom.ground.site import absolute

MENU_MAX = 10


def sections(language, basis):
    """The sections of a language that exist for readers: those with a story that does."""
    return basis.recall(("sections", language), lambda basis: _sections(language, basis))


def _sections(language, basis):
    stories = Article.objects.visible_to(Reader.stranger(basis.now)).filter(section=OuterRef("pk"))
    found = list(Section.objects.filter(Exists(stories), language=language))
    basis.rests_on("menu", language)
    basis.shows(*found)
    basis.lasts_until(Article.objects.next_due(basis.now, section__language=language, among=~Q(section__in=found)))
    return found


def frame(language, path, basis, *, section=None, feed_url=""):
    """The context of `base.html` for a page at `path` (its canonical path)."""
    shared = basis.recall(("frame", language), lambda basis: _shared(language, basis))
    feed_url, current = feed_url or shared["feed_url"], section and section.pk
    return {
        **shared,
        "canonical": absolute(path),
        "feed_url": feed_url,
        "bands": basis.recall(
            ("bands", language, current, feed_url), lambda basis: _bands(language, current, feed_url, basis)
        ),
    }


def _bands(language, current, feed_url, basis):
    """Style sheet and feed, masthead with menu, and footer, drawn: the same on all pages of a section, for a day."""
    shared = basis.recall(("frame", language), lambda basis: _shared(language, basis))
    basis.lasts_until(words.today_until(basis.now))
    context = {
        **shared,
        "corner": mark(CORNER),
        "feed_url": feed_url,
        "today": words.today(basis.now),
        "menu": [{**entry, "current": entry["pk"] == current} for entry in shared["menu"]],
    }
    return {band: mark_safe(render_to_string(f"_{band}.html", context)) for band in ("head", "masthead", "footer")}


def _shared(language, basis):
    """What is the same on all pages of a language."""
    shown = sections(language, basis)[:MENU_MAX]
    return {
        "site_name": settings.SITE_NAME,
        "site_url": settings.SITE_URL,
        "language": language,
        "direction": direction(language),
        "feed_url": address("feed", language),
        "menu": [{"pk": one.pk, "name": one.name, "url": one.get_absolute_url()} for one in shown],
        "front_url": address("front", language),
        "languages": [
            {
                "code": code,
                "name": translation.get_language_info(code)["name_local"].capitalize(),
                "url": address("front", code),
                "current": code == language,
            }
            for code, _name in settings.LANGUAGES
        ],
        "demo": settings.DEMO,
    }
