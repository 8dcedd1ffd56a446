"""Lists of stories, a page at a time by key."""

from dataclasses import dataclass

from articles.models import Article
from articles.reading import keys
from articles.reading.cards import card

PAGE_LENGTH = 20
SECONDS = 4
STRIPS_MAX = 6
STRIP_LENGTH = 4
STRIP_MIN = 2


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of a list. older_url is None on the last page, first_url on the first."""

    cards: list
    older_url: str | None
    first_url: str | None


def listing(stories, path, after, now):
    """A page of a QuerySet of visible stories, those after the key `after` (None: the newest). Raises keys.BadKey."""
    if after is not None:
        stories = stories.after(*keys.parse(after))
    found = list(stories.newest_first().for_cards()[: PAGE_LENGTH + 1])
    shown = found[:PAGE_LENGTH]
    older = f"{path}?after={keys.key_of(shown[-1])}" if len(found) > PAGE_LENGTH else None
    return Listing([card(article, now) for article in shown], older, path if after is not None else None)


def home(stories, sections, path, now):
    """The context of the front page: the newest leads, the next few second it, then the sections, then the latest."""
    newest = list(stories.newest_first().for_cards()[: 1 + SECONDS + PAGE_LENGTH])
    leads, rest = newest[: 1 + SECONDS], newest[1 + SECONDS :]
    cards = [card(article, now) for article in leads]
    led = {article.pk for article in leads}
    return {
        "lead": cards[0] if cards else None,
        "seconds": cards[1:],
        "strips": _strips(stories, sections, led, now),
        "latest": [card(article, now) for article in rest],
        "older_url": f"{path}?after={keys.key_of(rest[-1])}" if len(rest) == PAGE_LENGTH else None,
    }


def _strips(stories, sections, led, now):
    """The newest of each section that are not among the leads; one small query a section, one for all their cards."""
    wanted = {}
    for section in sections[:STRIPS_MAX]:
        newest = stories.filter(section=section).newest_first().values_list("pk", flat=True)
        wanted[section] = [pk for pk in newest[: STRIP_LENGTH + len(led)] if pk not in led][:STRIP_LENGTH]
    found = {
        article.pk: article
        for article in Article.objects.filter(pk__in=[pk for ids in wanted.values() for pk in ids]).for_cards()
    }
    return [
        {"name": section.name, "url": section.get_absolute_url(), "cards": [card(found[pk], now) for pk in ids]}
        for section, ids in wanted.items()
        if len(ids) >= STRIP_MIN
    ]
