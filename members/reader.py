"""Who is asking. Worked out once a request and carried by it."""

from collections.abc import Container
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from members import crawlers, gifts, meter, open_house, sessions
from members.access import Audience
from members.meter import Meter
from members.models import User


@dataclass(frozen=True, slots=True)
class Reader:
    """Whoever asks for a page.

    level: what the reader has reached. now: the moment of the request (aware), so that one page is decided at one time.
    desk: works here and reads everything. user: the account, None for a stranger. plans: those held, as
    `standing.Rank`s. owes: a payment away from being a member; lapsed: was one; grace_until: until when a failed
    payment changes nothing.
    gifts: the keys of the pieces given to whoever asks this. meter: the month's free articles, None where they are not
    counted. open_house: everybody may read everything. crawler: a search engine that the newsroom lets in.
    """

    level: Audience
    now: datetime
    desk: bool = False
    user: User | None = None
    plans: frozenset = frozenset()
    owes: bool = False
    lapsed: bool = False
    grace_until: datetime | None = None
    gifts: Container = gifts.NONE
    meter: Meter | None = None
    open_house: bool = False
    crawler: bool = False

    @property
    def known(self):
        return self.user is not None

    @classmethod
    def of(cls, request):
        """The reader behind a request. One query, which loads session, account and membership (`sessions`); none for a
        stranger without a session. What an account has opened on the meter is asked for where a decision needs it."""
        if not hasattr(request, "_reader"):
            request._reader = cls.asking(request, request.user)
        return request._reader

    @classmethod
    def asking(cls, request, user=None):
        """The reader that an account, or nobody known, is in this request."""
        now = timezone.now()
        brought = {"gifts": gifts.of_request(request, now), "open_house": open_house.is_open()}
        if user is None or not user.is_active or not user.is_authenticated:
            counted = meter.of_request(request, None, now)
            return cls(Audience.EVERYONE, now, meter=counted, crawler=crawlers.is_let_in(request), **brought)
        own = _own(user, now)
        if not own["desk"] and own["level"] < Audience.MEMBERS:
            brought["meter"] = meter.of_request(request, user, now)
        return cls(now=now, **own, **brought)

    @classmethod
    def of_user(cls, user, now):
        """The reader that an account is at a moment, whatever the request brings besides; an anonymous, erased or
        banned one is a stranger."""
        if not user.is_authenticated or not user.is_active:
            return cls.stranger(now)
        return cls(now=now, **_own(user, now))

    @classmethod
    def stranger(cls, now=None):
        return cls(Audience.EVERYONE, now or timezone.now())


def _own(user, now):
    """Those of a Reader's fields that an open account has at a moment, whatever it asks for."""
    held = sessions.standing_of(user, now)
    return {
        "level": Audience.MEMBERS if held.member else Audience.REGISTERED,
        "desk": user.is_staff,
        "user": user,
        "plans": held.plans,
        "owes": held.owes,
        "lapsed": held.lapsed and not held.member,
        "grace_until": held.grace_until,
    }
