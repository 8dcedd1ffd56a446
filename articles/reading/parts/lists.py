"""Lists of stories, a page at a time by key."""

from dataclasses import dataclass

from articles.reading.parts import keys
from articles.reading.parts.cards import Style, drawn

PAGE_LENGTH = 20
LEADS = 5
LEAD_AMONG = 8
HOME_LENGTH = LEADS + PAGE_LENGTH
STRIPS_MAX = 6
STRIP_LENGTH = 4
STRIP_MIN = 2

LEAD, SECOND, SMALL = Style("lead", 2), Style("second", 2), Style("small", 2)
LEADING = (LEAD, SECOND, *[SMALL] * (LEADS - 2))
STRIP, LATEST, LISTED = Style("row", 3, under_section=True), Style("row", 3), Style("row", 2)


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of a list: drawn cards. older_url is None on the last page, first_url on the first."""

    cards: list
    older_url: str | None
    first_url: str | None


def listing(stories, path, after, basis, style=LISTED):
    """A page of a QuerySet of visible stories, those after the key `after` (None: the newest). Raises keys.BadKey."""
    if after is not None:
        stories = stories.after(*keys.parse(after))
    found = list(stories.newest_first().for_cards()[: PAGE_LENGTH + 1])
    shown = found[:PAGE_LENGTH]
    older = f"{path}?after={keys.key_of(shown[-1])}" if len(found) > PAGE_LENGTH else None
    return Listing([_drawn(article, style, basis) for article in shown], older, path if after is not None else None)


def has_made(stories, after):
    """Whether the key `after` is one of these stories' own, and not made up."""
    published_at, pk = keys.parse(after)
    return stories.filter(pk=pk, published_at=published_at).exists()


def home(stories, sections, path, basis):
    """The context of the front page: one story leads, the next few second it, then the sections, then the latest of
    what is not above. The list goes on at `older_url` where the newest of the front page end."""
    newest = list(stories.newest_first().for_cards()[: HOME_LENGTH + 1])
    shown, more = newest[:HOME_LENGTH], len(newest) > HOME_LENGTH
    leads = _leads(shown)
    strips, stripped = _strips(stories, sections, {article.pk for article in leads}, basis)
    above = {article.pk for article in leads} | stripped
    cards = [_drawn(article, style, basis) for article, style in zip(leads, LEADING, strict=False)]
    return {
        "lead": cards[0] if cards else None,
        "seconds": cards[1:],
        "strips": strips,
        "latest": [_drawn(article, LATEST, basis) for article in shown if article.pk not in above],
        "older_url": f"{path}?after={keys.key_of(shown[-1])}" if more else None,
    }


def _leads(newest):
    """The newest with a picture leads, if it is among the first few; else the newest of all. The newest follow it."""
    lead = next((article for article in newest[:LEAD_AMONG] if article.image), None) or next(iter(newest), None)
    return [lead, *[article for article in newest if article is not lead][: LEADS - 1]] if lead else []


def _strips(stories, sections, led, basis):
    """The newest of each section that are not among the leads, and the ids of all that are shown so; one small query a
    section, one for all their cards."""
    wanted = {}
    for section in sections[:STRIPS_MAX]:
        newest = stories.filter(section=section).newest_first().values_list("pk", flat=True)
        wanted[section] = [pk for pk in newest[: STRIP_LENGTH + len(led)] if pk not in led][:STRIP_LENGTH]
    ids = [pk for some in wanted.values() for pk in some]
    found = {article.pk: _drawn(article, STRIP, basis) for article in stories.filter(pk__in=ids).for_cards()}
    full = {section: some for section, some in wanted.items() if len(some) >= STRIP_MIN}
    strips = [
        {"name": section.name, "url": section.get_absolute_url(), "cards": [found[pk] for pk in some]}
        for section, some in full.items()
    ]
    return strips, {pk for some in full.values() for pk in some}


def _drawn(article, style, basis):
    return drawn(article.pk, lambda: article, style, basis)
