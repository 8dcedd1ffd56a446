"""A story in a list. Made from public fields alone."""

from dataclasses import dataclass

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.safestring import mark_safe
from django.utils.translation import get_language, get_language_info
from django.utils.translation import gettext as _

from articles.models import Article
from articles.reading.parts import words
from members.access import Wall, decide
from members.reader import Reader


@dataclass(frozen=True, slots=True)
class Picture:
    src: str
    srcset: str
    width: int
    height: int
    alt: str
    caption: str = ""
    credit: str = ""


@dataclass(frozen=True, slots=True)
class Card:
    url: str
    headline: str
    kicker: str
    kicker_url: str
    excerpt: str
    image: Picture | None
    published: str
    age: str
    byline: str
    source: str
    lock: str
    audio: bool
    language: str
    direction: str


@dataclass(frozen=True, slots=True)
class Style:
    """How a card is drawn: its size (lead, second, small, row), the level of its heading, and whether the section's
    name stands above it anyway."""

    size: str
    level: int
    under_section: bool = False


def drawn(pk, fetch, style, basis):
    """The HTML of a story's card in the language of the moment. fetch(): the article, with section, image and bylines;
    not asked where the card was drawn lately and still stands."""
    language = get_language()

    def draw(basis):
        context = {"card": card(fetch(), basis), "language": language, "style": style}
        return mark_safe(render_to_string("reading/_card.html", context).strip())

    return basis.recall(("card", pk, style, language), draw)


def picture(image):
    if image is None:
        return None
    return Picture(image.url, image.srcset, image.width, image.height, image.alt, image.caption, image.credit)


def direction(language):
    return "rtl" if get_language_info(language)["bidi"] else "ltr"


def foreign_source(article):
    """Where a story comes from, when that is not this paper."""
    return "" if article.source.casefold() == settings.SITE_NAME.casefold() else article.source


def card(article, basis):
    """The card of an article fetched by `Article.objects.for_cards()`."""
    section, authors = article.section, article.signed
    basis.shows(article, section, article.image, *authors)
    basis.lasts_until(words.age_until(article.published_at, basis.now))
    basis.lasts_until(article.early_access_until)
    return Card(
        url=article.get_absolute_url(),
        headline=article.headline,
        kicker=section.name if section else "",
        kicker_url=section.get_absolute_url() if section else "",
        excerpt=article.excerpt,
        image=picture(article.image),
        published=article.published_at.isoformat(),
        age=words.age(article.published_at, basis.now),
        byline=", ".join(author.name for author in authors),
        source=foreign_source(article),
        lock=_lock(article, basis.now),
        audio=article.audio != Article.Audio.OFF,
        language=article.language,
        direction=direction(article.language),
    )


def _lock(article, now):
    """What a stranger would meet, in a word."""
    wall = decide(article.terms_with(frozenset()), Reader.stranger(now), now).wall
    if wall == Wall.WAIT:
        return _("Members first, until %(date)s") % {"date": words.day(article.early_access_until)}
    return {Wall.REGISTER: _("With a free account"), Wall.JOIN: _("Members")}.get(wall, "")
