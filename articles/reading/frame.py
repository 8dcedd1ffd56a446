"""What stands around every reader's page: menu, languages, date, canonical address."""

from django.conf import settings
from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils import translation

from articles.models import Article, Section
from articles.models.address import in_language
from articles.reading import words
from articles.reading.cards import direction
from members.reader import Reader
from newsroom.ground.site import absolute

MENU_MAX = 10


def sections(language, now):
    """The sections of a language that exist for readers: those with a story that does."""
    stories = Article.objects.visible_to(Reader.stranger(now)).filter(section=OuterRef("pk"))
    return Section.objects.filter(Exists(stories), language=language)


def frame(language, path, now, *, section=None, feed_url=""):
    """The context of `base.html` for a page at `path` (its canonical path). One query."""
    shown = sections(language, now)[:MENU_MAX]
    front = in_language(language, lambda: reverse("front"))
    return {
        "site_name": settings.SITE_NAME,
        "site_url": settings.SITE_URL,
        "language": language,
        "direction": direction(language),
        "canonical": absolute(path),
        "feed_url": feed_url or in_language(language, lambda: reverse("feed")),
        "today": words.today(now),
        "menu": [{"name": one.name, "url": one.get_absolute_url(), "current": one == section} for one in shown],
        "front_url": front,
        "languages": [
            {
                "code": code,
                "name": translation.get_language_info(code)["name_local"].capitalize(),
                "url": in_language(code, lambda: reverse("front")),
                "current": code == language,
            }
            for code, _name in settings.LANGUAGES
        ],
        "demo": settings.DEMO,
    }
