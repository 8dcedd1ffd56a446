"""An article given away: by a link that opens this one story, for five days, up to fifty times.

The database holds a digest of the link's token and of the story under that token: alone it tells neither which story
was given nor how to open it.
"""

import base64
import enum
import hashlib
from datetime import timedelta

from django.db import transaction
from django.db.models import F
from django.utils.crypto import salted_hmac

from members.meter import may_open
from members.models import Gift, User
from members.slip import Slip, month_start
from newsroom.ground import batches
from newsroom.ground.numbers import row_number

LIVES = timedelta(days=5)
OPENINGS = 50
PER_MONTH = 10
PARAMETER = "gift"
NONE = frozenset()
# What of a story a link can open: the first words of its pieces' keys ("article:12" its text, "audio:12" its audio).
SHARES = ({"article"}, {"audio"}, {"article", "audio"})
TOKEN_BYTES = 16


class Spent(Exception):
    """An account has given away as many stories as it can in a month."""


class Refusal(enum.Enum):
    """Why a link opens a story to nobody."""

    UNKNOWN = "of another story, not ours, or long over"
    ENDED = "over, or withdrawn"
    USED_UP = "opened as often as it can be"


class Given:
    """What a link that a request brings has given. `key in given`: whether it opens the piece, to this very load."""

    def __init__(self, request, token, now):
        self._request, self._token, self._now = request, token, now
        givers = {"user__banned_at": None, "user__erased_at": None}
        self._gift = Gift.objects.filter(token=named(token), **givers).first()

    def __contains__(self, key):
        return self.refusal([key]) is None and (self._is_opened or may_open(self._request))

    def refusal(self, keys):
        """Why the link opens none of these pieces to anybody: a Refusal, or None where it opens one."""
        gift = self._gift
        if gift is None or not any(self._holds(key) for key in keys):
            return Refusal.UNKNOWN
        if gift.revoked_at or gift.ends_at <= self._now:
            return Refusal.ENDED
        return None if gift.left > 0 or self._is_opened else Refusal.USED_UP

    def open(self):
        """Take one of its openings, unless this browser has opened it before; False where the last was just taken."""
        if self._is_opened:
            return True
        if not Gift.objects.open_at(self._now).filter(pk=self._gift.pk).update(left=F("left") - 1):
            self._gift.left = 0
            return False
        self._slip.add_given(self._token)
        return True

    def _holds(self, key):
        kind, _colon, number = key.partition(":")
        return any(self._gift.piece == piece(self._token, share, number) for share in SHARES if kind in share)

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


def give(user, keys, attempt, now):
    """(token, Gift) of a link to pieces of one story, by their keys (["article:12", "audio:12"]). Whether the account
    may read and hear them is asked before, of `decide`.

    attempt: a random word that names the click: the same again gets the same link, so that a page that is sent twice
    makes one. Raises Spent.
    """
    (number,) = {key.partition(":")[2] for key in keys}
    token = _token(user, number, attempt)
    with transaction.atomic():
        # Who makes the month's last link in two tabs at once gets one.
        User.objects.select_for_update(no_key=True).only("pk").get(pk=user.pk)
        gift = Gift.objects.filter(token=named(token)).first()
        if gift is None and not left(user, now):
            raise Spent
        return token, gift or Gift.objects.create(
            user=user,
            token=named(token),
            piece=piece(token, {key.partition(":")[0] for key in keys}, number),
            made_at=now,
            ends_at=now + LIVES,
            left=OPENINGS,
        )


def left(user, now):
    """How many more links an account may make in the calendar month of `now`, in the newsroom's time zone."""
    return max(0, PER_MONTH - Gift.objects.filter(user=user, made_at__gte=month_start(now)).count())


def withdraw(user, number, now):
    """End one of an account's links at once. Whether it was there and open."""
    mine = Gift.objects.filter(user=user, revoked_at=None, ends_at__gt=now)
    return bool(mine.filter(pk=row_number(number)).update(revoked_at=now))


def forget_past_gifts(now):
    """Delete the links that are over and count towards no month any more at `now` (aware)."""
    batches.delete(Gift.objects.filter(ends_at__lte=now, made_at__lt=month_start(now)))


def named(token):
    return hashlib.sha256(token.encode()).hexdigest()


def piece(token, share, number):
    """The digest of a share of the story with a number, which only who has the token can make."""
    told = f"{' '.join(sorted(share))}:{number}"
    return hashlib.blake2b(told.encode(), key=token.encode()[:64], digest_size=32, person=b"gift").hexdigest()


def _token(user, number, attempt):
    made = salted_hmac("members.gifts", f"{user.pk} {number} {attempt}", algorithm="sha256").digest()
    return base64.urlsafe_b64encode(made[:TOKEN_BYTES]).decode().rstrip("=")
