"""Which prompt a reader sees on a page, if any, and why not another: chosen from what is held in memory.

`choose` walks the campaigns that a page leaves, best first, and stops at the first that refuses nothing; `explain`
walks the same list and tells every refusal of each. What one of a thousand buckets is held back from is nothing at all:
no other campaign stands in.
"""

from dataclasses import dataclass

from django.utils.functional import Promise

from members.prompts.models import Place
from members.prompts.rules import OF_PAGES, OF_READERS, OF_STATES, OF_VISITS, Fit, Look, fit
from members.prompts.running import CARD, Running

__all__ = ["CARD", "Chosen", "Running", "Verdict", "choose", "explain"]


@dataclass(frozen=True, slots=True)
class Chosen:
    """campaign: its id, CARD for the paper's own word. variant: an id, None for who is held back. place: a `Place`;
    after: the blocks above it. tag: the name of the tag by which the story was chosen, "" where none is known."""

    campaign: int
    variant: int | None
    place: str
    after: int = 0
    held: bool = False
    tag: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What comes of one campaign: why it is not shown (in words, none of the one that is), else as whom and where it
    would be. variant: None for who is held back from it. fit: why it stands where it does in the order."""

    campaign: int
    refusals: list[Promise]
    variant: int | None
    place: str
    fit: Fit = Fit.DEFAULT


def choose(subject, visitor, running, now):
    """The Chosen for somebody who looks at a page at `now` (aware), or None. subject, visitor: `members.visit`'s;
    running: a Running. What the visitor's habits count has this view in it already."""
    look = Look.of(visitor, now)
    if any(rule.refuses(look) for rule in OF_READERS):
        return None
    for one in running.fitting(subject, look.state, look.habits is not None):
        for refuses in one.checks:
            if refuses(one, look):
                break
        else:
            return _chosen(one, subject, look.habits)
    return None


def explain(subject, visitor, running, now):
    """A Verdict on each campaign that was not put away, best first, for the same as `choose`."""
    look = Look.of(visitor, now)
    verdicts = []
    for one in running.ordered(subject):
        refusals = [rule.words for rule in OF_PAGES if rule.refuses(one, subject, running)]
        refusals += [rule.words for rule in OF_STATES if rule.refuses(one, look.state, look.habits is not None)]
        refusals += [rule.words for rule in OF_READERS if rule.refuses(look)]
        refusals += [rule.words for rule in OF_VISITS if rule.refuses(one, look)]
        variant = _variant(one, look.habits) if one.variants else None
        verdicts.append(Verdict(one.pk, refusals, variant, _place(one, look.habits), fit(one, subject)))
    return verdicts


def _chosen(one, subject, habits):
    variant, place = _variant(one, habits), _place(one, habits)
    after = one.after if place == Place.AFTER else 0
    return Chosen(one.pk, variant, place, after, variant is None, _tag(one, subject))


def _variant(one, habits):
    """Of a browser that may remember nothing no bucket is known: it gets the heaviest."""
    if habits is None or one.by_bucket is None:
        return next(iter(one.variants))
    return one.by_bucket[habits.bucket]


def _place(one, habits):
    """Whoever cannot be spared what they have seen often is not stopped by it before the story."""
    return Place.END if habits is None else one.place


def _tag(one, subject):
    names = [name for tag, name in one.tags if tag in subject.tags] or [name for _tag, name in one.tags]
    return names[0] if names else ""
