"""Who may read how much: the one decision that the whole site asks. Pure, total, and it writes nothing.

A piece states its `Terms`, a `Reader` says who asks, `decide` answers with `Access`. Whether a piece *exists* for a
reader is another question, asked of `Article.objects.visible_to`.
"""

import enum
from dataclasses import dataclass
from datetime import datetime

from django.db.models import IntegerChoices, TextChoices
from django.utils.translation import gettext_lazy as _


class Audience(IntegerChoices):
    """For whom a piece is, and what a reader has reached: the same three steps."""

    EVERYONE = 0, _("Everyone")
    REGISTERED = 1, _("Registered readers")
    MEMBERS = 2, _("Members")


class Wall(TextChoices):
    """What a reader meets where the preview ends: the next step."""

    REGISTER = "register", _("Create a free account")
    JOIN = "join", _("Become a member")
    UPGRADE = "upgrade", _("Take a higher plan")
    PAY = "pay", _("Pay what is due")
    WAIT = "wait", _("Wait, or become a member")
    METER = "meter", _("Wait for the next month, or create an account or become a member")


class Reason(enum.Enum):
    """Why, in a word that a page can turn into a sentence."""

    OPEN = "open to everyone"
    REGISTERED = "free with an account"
    MEMBER = "part of the membership"
    PLAN = "part of the plan"
    DESK = "read by the desk"
    OPEN_HOUSE = "everything is open tonight"
    CRAWLER = "a search engine that the newsroom lets in"
    GIFT = "given by a reader"
    OPENED = "opened this month already"
    METERED = "one of the free articles of the month"
    NEEDS_ACCOUNT = "needs a free account"
    NEEDS_MEMBERSHIP = "needs a membership"
    NEEDS_PLAN = "needs another plan"
    NEEDS_PAYMENT = "needs a payment that failed"
    MEMBERS_FIRST = "members read it first"
    METER_SPENT = "the free articles of the month are read"
    NETWORK_SPENT = "too many articles were opened from the reader's network today"


@dataclass(frozen=True, slots=True)
class Terms:
    """What a piece asks of its reader.

    key: names the piece, such as "article:12". plans: where there are any, it is for members by one of these
    (`standing.Rank`s), or by a plan of a higher level, alone. early_until: until this moment (aware) it is for members
    alone, then for its audience. metered: takes one of the free articles of a month of who is no member.
    """

    key: str
    audience: Audience
    plans: frozenset = frozenset()
    early_until: datetime | None = None
    metered: bool = False


@dataclass(frozen=True, slots=True)
class Access:
    """The decision: allowed or not, why, the wall that stands in the way (None when allowed), and whether one of the
    month's free articles has to be spent for it first."""

    allowed: bool
    reason: Reason
    wall: Wall | None = None
    spends: bool = False


GRANTED = {
    Audience.EVERYONE: Access(True, Reason.OPEN),
    Audience.REGISTERED: Access(True, Reason.REGISTERED),
    Audience.MEMBERS: Access(True, Reason.MEMBER),
}
BY_PLAN = Access(True, Reason.PLAN)
DESK = Access(True, Reason.DESK)
OPEN_HOUSE = Access(True, Reason.OPEN_HOUSE)
CRAWLER = Access(True, Reason.CRAWLER)
GIFT = Access(True, Reason.GIFT)
OPENED = Access(True, Reason.OPENED)
SPENDS = Access(True, Reason.METERED, spends=True)

NEEDS_ACCOUNT = Access(False, Reason.NEEDS_ACCOUNT, Wall.REGISTER)
NEEDS_MEMBERSHIP = Access(False, Reason.NEEDS_MEMBERSHIP, Wall.JOIN)
NEEDS_PLAN = Access(False, Reason.NEEDS_PLAN, Wall.UPGRADE)
NEEDS_PAYMENT = Access(False, Reason.NEEDS_PAYMENT, Wall.PAY)
EARLY = Access(False, Reason.MEMBERS_FIRST, Wall.WAIT)
METER_SPENT = Access(False, Reason.METER_SPENT, Wall.METER)
NETWORK_SPENT = Access(False, Reason.NETWORK_SPENT, Wall.METER)


def decide(terms, reader, now):
    """`Access` of `reader` (a members.reader.Reader) to a piece with `terms` at `now` (aware)."""
    by_terms = _by_terms(terms, reader, now)
    if by_terms.allowed and not by_terms.spends:
        return by_terms
    if reader.desk:
        return DESK
    if reader.open_house:
        return OPEN_HOUSE
    if reader.crawler:
        return CRAWLER
    if terms.key in reader.gifts:
        return GIFT
    return by_terms


def is_free(terms, now):
    """Whether a piece asks nothing of anybody at `now`."""
    return not (terms.audience or terms.plans or terms.metered or _is_early(terms, now))


def _by_terms(terms, reader, now):
    """What the reader gets by what the piece asks, and by nothing else."""
    if terms.plans:
        return BY_PLAN if _includes(reader.plans, terms.plans) else _without_plan(reader)
    early = _is_early(terms, now)
    asked = Audience.MEMBERS if early else Audience(terms.audience)
    if reader.level < asked:
        return _below(asked, terms, reader, early)
    if terms.metered and reader.level < Audience.MEMBERS:
        return _by_meter(terms.key, reader.meter, GRANTED[asked])
    return GRANTED[asked]


def _includes(held, asked):
    """Whether one of the plans held (Ranks) is among those asked, or higher than one of them."""
    return any(one in asked or any(one.level > other.level for other in asked) for one in held)


def _without_plan(reader):
    if reader.owes:
        return NEEDS_PAYMENT
    return NEEDS_PLAN if reader.level >= Audience.MEMBERS else NEEDS_MEMBERSHIP


def _below(asked, terms, reader, early):
    """Why a reader who has not reached what is asked is refused."""
    if asked == Audience.REGISTERED:
        return NEEDS_ACCOUNT
    if reader.owes:
        return NEEDS_PAYMENT
    return EARLY if early and terms.audience < Audience.MEMBERS else NEEDS_MEMBERSHIP


def _by_meter(key, meter, granted):
    """By the month's free articles. meter: a `members.meter.Meter`, or None where there is none."""
    if meter is None:
        return granted
    if meter.holds(key):
        return OPENED
    if meter.left == 0 or not meter.may_spend:
        return METER_SPENT
    return NETWORK_SPENT if meter.is_crowded else SPENDS


def _is_early(terms, now):
    return terms.early_until is not None and now < terms.early_until
