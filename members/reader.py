"""Who is asking. Worked out once a request and carried by it."""

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from members.access import Audience
from members.models import Grant, User


@dataclass(frozen=True, slots=True)
class Reader:
    """Whoever asks for a page.

    level: what the reader has reached. desk: works here and reads everything. user: the account, None for a stranger.
    now: the moment of the request (aware), so that one page is decided at one time.
    """

    level: Audience
    now: datetime
    desk: bool = False
    user: User | None = None

    @property
    def known(self):
        return self.user is not None

    @classmethod
    def of(cls, request):
        """The reader behind a request: one query, which loads session, account and membership (`sessions`); none
        for a stranger without a session."""
        if not hasattr(request, "_reader"):
            request._reader = cls.of_user(request.user, timezone.now(), getattr(request.user, "is_member_now", None))
        return request._reader

    @classmethod
    def of_user(cls, user, now, member=None):
        """The reader that an account is at a moment; an anonymous, erased or banned one is a stranger. member: whether
        a membership runs, where that is known already."""
        if not user.is_authenticated or not user.is_active:
            return cls(Audience.EVERYONE, now)
        if member is None:
            member = Grant.objects.running(now).filter(user=user).exists()
        level = Audience.MEMBERS if member else Audience.REGISTERED
        return cls(level, now, desk=user.is_staff, user=user)

    @classmethod
    def stranger(cls, now=None):
        return cls(Audience.EVERYONE, now or timezone.now())
