"""An article given away: by a link that opens this one story, for five days, up to fifty times.

The database holds a digest of the link's token and of the article under that token: alone it tells neither which story
was given nor how to open it.
"""

import hashlib
import secrets
from datetime import timedelta

from django.db.models import F

from members.meter import may_open
from members.models import Gift
from members.slip import Slip

LIVES = timedelta(days=5)
OPENINGS = 50
PER_MONTH = 10
PARAMETER = "gift"
NONE = frozenset()


class Given:
    """What a link that a request brings has given. `key in given`: whether it opens the piece, to this very load."""

    def __init__(self, request, token, now):
        self._request, self._token, self._now = request, token, now
        self._gift = Gift.objects.filter(token=named(token)).first()

    def __contains__(self, key):
        gift = self._gift
        if gift is None or gift.piece != piece(self._token, key) or gift.revoked_at or gift.ends_at <= self._now:
            return False
        return self._is_opened or (gift.left > 0 and may_open(self._request))

    def open(self):
        """Take one of its openings, unless this browser has opened it before; False where the last was just taken."""
        if self._is_opened:
            return True
        if not Gift.objects.open_at(self._now).filter(pk=self._gift.pk).update(left=F("left") - 1):
            self._gift = None
            return False
        self._slip.add_given(self._token)
        return True

    @property
    def _slip(self):
        return Slip.of(self._request, self._now)

    @property
    def _is_opened(self):
        return self._slip.digest(self._token) in self._slip.given


def of_request(request, now):
    """What the link behind a request gives: `Given`, or nothing."""
    if PARAMETER not in request.META.get("QUERY_STRING", ""):
        return NONE
    token = request.GET.get(PARAMETER)
    return Given(request, token, now) if token else NONE


def give(user, key, now):
    """The token of a new link to the piece `key` ("article:12"). Whether the account may give it, and has any left, is
    asked before: by `decide` and `left`."""
    token = secrets.token_urlsafe(16)
    Gift.objects.create(
        user=user, token=named(token), piece=piece(token, key), made_at=now, ends_at=now + LIVES, left=OPENINGS
    )
    return token


def named(token):
    return hashlib.sha256(token.encode()).hexdigest()


def piece(token, key):
    return hashlib.blake2b(key.encode(), key=token.encode()[:64], digest_size=32, person=b"gift").hexdigest()
