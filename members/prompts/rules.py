"""Why a campaign is not shown: ordered lists of rules, of which each says in words why it refuses.

Those of pages hold for all who look at one, and those of states for all of one kind of reader and browser: both are
asked once and remembered. Those of readers hold for every campaign alike and are asked once a request; those of visits
are asked of each campaign.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from math import inf
from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from members.habits import Habits
from members.prompts.models import Campaign
from members.visit import State, Visitor


class Fit(IntEnum):
    """How closely a campaign is meant for a page: the closest goes first."""

    DRIVE, STORY, TAG, SECTION, DEFAULT, CARD = range(6)


class Look(NamedTuple):
    """Somebody looks at a page, at a moment (aware). reads, walls: how many lately, any number where nothing is
    remembered; views: {campaign: how often it was seen}."""

    visitor: Visitor
    state: State
    habits: Habits | None
    now: object
    reads: float
    walls: float
    views: dict

    @classmethod
    def of(cls, visitor, now):
        kept = visitor.habits
        if kept is None:
            return cls(visitor, visitor.state, None, now, inf, inf, {})
        views = {campaign: kept.views(campaign) for campaign in kept.prompts}
        return cls(visitor, visitor.state, kept, now, kept.reads_lately, kept.walls_lately, views)


@dataclass(frozen=True, slots=True)
class Rule:
    """refuses(candidate, subject, running) of pages, (candidate, state, remembers) of states, (look) of readers,
    (candidate, look) of visits: whether it is not shown. matters(candidate): whether it could be refused at all."""

    words: Promise
    refuses: Callable
    matters: Callable = lambda candidate: True


def fit(candidate, subject):
    """The `Fit` of a campaign on a page where it may stand."""
    if candidate.pk == 0:
        return Fit.CARD
    if candidate.goes_first:
        return Fit.DRIVE
    if candidate.by_story:
        return Fit.STORY
    if candidate.include.get("tag", frozenset()) & subject.tags:
        return Fit.TAG
    return Fit.SECTION if candidate.include.get("section") else Fit.DEFAULT


def of_page(subject):
    """{kind of target: the values that a page has of it}."""
    return {
        "story": {subject.story} - {None},
        "tag": subject.tags,
        "section": {subject.section} - {None},
        "kind": subject.kinds,
    }


def _left_out(kind):
    return lambda one, subject, running: not of_page(subject)[kind].isdisjoint(one.exclude.get(kind, ()))


def _missed(kind):
    return lambda one, subject, running: kind in one.include and of_page(subject)[kind].isdisjoint(one.include[kind])


OF_PAGES = (
    Rule(_("It does not run."), lambda one, subject, running: one.status != Campaign.Status.RUNNING),
    Rule(_("It has no words."), lambda one, subject, running: not one.variants),
    Rule(_("It is in another language."), lambda one, subject, running: one.language not in ("", subject.language)),
    Rule(
        _("The story is sensitive, and it is not marked fit for that."),
        lambda one, subject, running: subject.sensitive and not one.sensitive_ok,
    ),
    Rule(_("It leaves this story out."), _left_out("story")),
    Rule(_("It leaves out a tag of the story."), _left_out("tag")),
    Rule(_("It leaves this section out."), _left_out("section")),
    Rule(_("It leaves out stories of this kind."), _left_out("kind")),
    Rule(
        _("It is for other stories by name."),
        lambda one, subject, running: one.by_story and one.pk not in subject.prompts,
    ),
    Rule(_("The story has none of its tags."), _missed("tag")),
    Rule(_("It is for other sections."), _missed("section")),
    Rule(_("It is for other kinds of stories."), _missed("kind")),
    Rule(
        _("Its words name a price, and nothing is sold by the month."),
        lambda one, subject, running: one.says_price and running.price is None,
    ),
)


def _is_out(kind, value):
    def refuses(one, look):
        told = value(look.visitor)
        return told in one.exclude.get(kind, ()) or (kind in one.include and told not in one.include[kind])

    return refuses


def _targets(kind):
    return lambda one: kind in one.include or kind in one.exclude


def _unlike(words, kind, value):
    return Rule(words, _is_out(kind, value), _targets(kind))


OF_STATES = (
    Rule(_("Members are never asked."), lambda one, state, remembers: state == State.MEMBER),
    Rule(
        _("Who is behind with a payment is asked for that alone."),
        lambda one, state, remembers: state == State.PAST_DUE and State.PAST_DUE not in one.states,
    ),
    Rule(_("It is for other readers."), lambda one, state, remembers: bool(one.states) and state not in one.states),
    Rule(
        _("It goes by what the browser remembers, and this one may remember nothing."),
        lambda one, state, remembers: one.counts and not remembers,
    ),
)
OF_READERS = (
    Rule(
        _("The reader wants to hear no prompt just now."),
        lambda look: look.habits is not None and look.habits.is_quiet,
    ),
)
OF_VISITS = (
    Rule(
        _("It has not started yet."),
        lambda one, look: one.starts_at is not None and look.now < one.starts_at,
        lambda one: one.starts_at is not None,
    ),
    Rule(
        _("It has ended."),
        lambda one, look: one.ends_at is not None and one.ends_at <= look.now,
        lambda one: one.ends_at is not None,
    ),
    Rule(
        _("The reader has not read enough stories yet to be asked."),
        lambda one, look: one.frequency and look.reads < one.from_view,
        lambda one: one.frequency and one.from_view > 1,
    ),
    Rule(
        _("The reader has read too few stories lately."),
        lambda one, look: look.reads < one.reads_min,
        lambda one: one.reads_min > 0,
    ),
    Rule(
        _("The reader has read too many stories lately."),
        lambda one, look: one.reads_max is not None and look.habits is not None and look.reads > one.reads_max,
        lambda one: one.reads_max is not None,
    ),
    Rule(
        _("The reader has read too few stories with its tag lately."),
        lambda one, look: (
            one.read_tag is not None
            and look.habits is not None
            and look.habits.reads_with(one.read_tag) < one.read_tag_min
        ),
        lambda one: one.read_tag is not None,
    ),
    Rule(
        _("The reader has met too few walls lately."),
        lambda one, look: look.walls < one.walls_min,
        lambda one: one.walls_min > 0,
    ),
    Rule(
        _("It was seen as often as it may be in 30 days."),
        lambda one, look: one.frequency and look.views.get(one.pk, 0) >= one.views_max,
        lambda one: one.frequency,
    ),
    _unlike(_("It is for other countries."), "country", lambda visitor: visitor.country),
    _unlike(_("It is for other devices."), "device", lambda visitor: visitor.device),
    _unlike(_("It is for readers who come from elsewhere."), "referrer", lambda visitor: visitor.referrer),
)
