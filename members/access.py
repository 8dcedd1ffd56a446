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
    """What a reader meets where the preview ends."""

    REGISTER = "register", _("Create a free account")
    JOIN = "join", _("Become a member")
    WAIT = "wait", _("Wait, or become a member")


class Reason(enum.Enum):
    """Why, in a word that a page can turn into a sentence."""

    OPEN = "open to everyone"
    REGISTERED = "free with an account"
    MEMBER = "part of the membership"
    DESK = "read by the desk"
    NEEDS_ACCOUNT = "needs a free account"
    NEEDS_MEMBERSHIP = "needs a membership"
    MEMBERS_FIRST = "members read it first"


@dataclass(frozen=True, slots=True)
class Terms:
    """What a piece asks of its reader.

    key: names the piece, such as "article:12". early_until: until this moment (aware) it is for members alone, then
    for its audience. metered: counts against the free articles of a month.
    """

    key: str
    audience: Audience
    early_until: datetime | None = None
    metered: bool = False


@dataclass(frozen=True, slots=True)
class Access:
    """The decision: allowed or not, why, and the wall that stands in the way (None when allowed)."""

    allowed: bool
    reason: Reason
    wall: Wall | None = None


GRANTED = {
    Audience.EVERYONE: Access(True, Reason.OPEN),
    Audience.REGISTERED: Access(True, Reason.REGISTERED),
    Audience.MEMBERS: Access(True, Reason.MEMBER),
}
REFUSED = {
    Audience.REGISTERED: Access(False, Reason.NEEDS_ACCOUNT, Wall.REGISTER),
    Audience.MEMBERS: Access(False, Reason.NEEDS_MEMBERSHIP, Wall.JOIN),
}
DESK = Access(True, Reason.DESK)
EARLY = Access(False, Reason.MEMBERS_FIRST, Wall.WAIT)


def decide(terms, reader, now):
    """`Access` of `reader` (a members.reader.Reader) to a piece with `terms` at `now` (aware)."""
    early = terms.early_until is not None and now < terms.early_until
    asked = Audience.MEMBERS if early else Audience(terms.audience)
    if reader.level >= asked:
        return GRANTED[asked]
    if reader.desk:
        return DESK
    return EARLY if early and terms.audience < Audience.MEMBERS else REFUSED[asked]
