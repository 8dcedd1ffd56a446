"""In words, who will get how much of a story: what the desk shows beside its terms.

Nothing is ruled here. Sample readers go through `members.access.decide`, as real ones will, and what they are told is
written down; so the words can say nothing but what the wall does.
"""

from dataclasses import dataclass, replace
from datetime import timedelta

from django.conf import settings
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from articles import body
from articles.models import Article
from articles.reading.parts.words import day_and_time
from members.access import Audience, Wall, decide
from members.models import Plan
from members.reader import Reader


@dataclass(frozen=True, slots=True)
class SampleMeter:
    """The meter of a sample reader, who has not opened this article yet and may open `left` more this month."""

    left: int
    may_spend: bool = True
    is_crowded: bool = False

    def holds(self, key):
        return False


@dataclass(frozen=True, slots=True)
class Stage:
    """A time in a story's life, "" where it is all the same, and a sentence for each kind of reader in it."""

    when: str
    sentences: list[str]


@dataclass(frozen=True, slots=True)
class Told:
    """What the desk says of a story: from when on ("" where it is out already), and the stages from then on."""

    begins: str
    stages: list[Stage]


def told(article, ranks, now):
    """`Told` of an article, saved or not. ranks: `standing.Rank`s of the plans that it is for. now: aware."""
    start = max(now, article.published_at or now)
    return Told(_begins(article, now), _stages(article, terms_from(article, ranks, start), start))


def terms_from(article, ranks, start):
    """The terms of an article, out or not, for readers who come at `start` (aware), when it is out at the latest."""
    terms = article.terms_with(ranks if article.audience == Audience.MEMBERS else frozenset())
    if terms.early_until is None and article.early_access_hours:
        return replace(terms, early_until=start + timedelta(hours=article.early_access_hours))
    return terms


def _begins(article, now):
    if article.status != Article.Status.PUBLISHED:
        return _("Once it is published:")
    if article.published_at and article.published_at > now:
        return _("From %(moment)s on, when it appears:") % {"moment": day_and_time(article.published_at)}
    return ""


def _stages(article, terms, start):
    first = _sentences(article, terms, start)
    if terms.early_until is None or terms.early_until <= start:
        return [Stage("", first)]
    then = _sentences(article, terms, terms.early_until)
    return [Stage(_until(article), first), Stage(_("From then on:"), then)] if first != then else [Stage("", first)]


def _until(article):
    if article.early_access_until:
        return _("Until %(moment)s:") % {"moment": day_and_time(article.early_access_until)}
    hours = article.early_access_hours
    return ngettext("For %(count)d hour:", "For %(count)d hours:", hours) % {"count": hours}


def _sentences(article, terms, now):
    said = []
    for who, reader in [*_below_members(terms, now), *_members(terms, now)]:
        said.append(_sentence(article, who, reader, decide(terms, reader, now)))
    return said


def _below_members(terms, now):
    """(in words, sample reader) of strangers and registered readers, each also with the meter spent where it counts."""
    stranger = _metered(Reader.stranger(now), settings.METER_STRANGERS)
    registered = _metered(Reader(Audience.REGISTERED, now), settings.METER_REGISTERED)
    for who, spent, reader in (
        (_("A stranger"), _("A stranger who has none left"), stranger),
        (_("A registered reader"), _("A registered reader who has none left"), registered),
    ):
        yield who, reader
        if decide(terms, reader, now).spends:
            yield spent, replace(reader, meter=SampleMeter(0))


def _metered(reader, limit):
    return replace(reader, meter=SampleMeter(limit) if settings.METER else None)


def _members(terms, now):
    """(in words, sample reader) of members: where plans are named, of those by a plan and of all others."""
    member = Reader(Audience.MEMBERS, now)
    if not terms.plans:
        return [(_("A member"), member)]
    other, by_access = decide(terms, member, now), {}
    for plan in Plan.objects.all():
        reader = replace(member, plans=frozenset({plan.rank}))
        if (access := decide(terms, reader, now)) != other:
            by_access.setdefault(access, (reader, []))[1].append(_("“%(plan)s”") % {"plan": plan.name})
    found = [
        (_("A member by %(plans)s") % {"plans": get_text_list(names, _("or"))}, reader)
        for reader, names in by_access.values()
    ]
    return [*found, (_("A member without such a plan"), member)]


def _sentence(article, who, reader, access):
    if access.spends:
        return _spends(reader.meter.left) % {"who": who, "count": reader.meter.left}
    if access.allowed:
        return _("%(who)s reads all of it.") % {"who": who}
    if article.words and not article.paragraphs_after:
        return _("%(who)s reads every paragraph: none stands behind the wall mark.") % {"who": who}
    wall = WALLS[access.wall, reader.level] if access.wall == Wall.METER else WALLS[access.wall]
    return wall() % {"who": who, "part": _free_part(article)}


def _free_part(article):
    """How much of a story stands before the wall; of one without a text yet, how much will."""
    blocks = body.stored(article.preview)
    count = sum(block.kind == "paragraph" for block in blocks) if article.words else body.PREVIEW_PARAGRAPHS
    if not count:
        return _("headline and standfirst alone")
    return ngettext("the first paragraph", "the first %(count)d paragraphs", count) % {"count": count}


def _spends(count):
    return ngettext(
        "%(who)s reads all of it; it takes the one free article a month.",
        "%(who)s reads all of it; it takes one of %(count)d free articles a month.",
        count,
    )


# What a reader reads who meets a wall, and what is asked for there.
WALLS = {
    Wall.REGISTER: lambda: _("%(who)s reads %(part)s, then is asked to create a free account."),
    Wall.JOIN: lambda: _("%(who)s reads %(part)s, then is asked to become a member."),
    Wall.UPGRADE: lambda: _("%(who)s reads %(part)s, then is asked to take a higher plan."),
    Wall.WAIT: lambda: _("%(who)s reads %(part)s, then is asked to wait, or to become a member."),
    (Wall.METER, Audience.EVERYONE): lambda: _(
        "%(who)s reads %(part)s, then is asked to create a free account, to become a member, or to wait for next month."
    ),
    (Wall.METER, Audience.REGISTERED): lambda: _(
        "%(who)s reads %(part)s, then is asked to become a member, or to wait for next month."
    ),
}
