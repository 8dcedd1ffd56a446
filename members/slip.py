"""The meter's half of the one cookie that a stranger carries (`members.cookie`): which articles were opened on the
meter this month and which gifts were opened, as digests.

A digest is keyed with the month's key (`ground.keys`, outside the database, destroyed after the month) and salted for
each cookie, so that neither the cookie nor a list of cookies tells what was read; the whole is authenticated under the
same key. Bytes: salt (8), how many opened (1), how many given (1), their digests (8 each), authentication (16).
"""

import hashlib
import secrets
from datetime import UTC, timedelta

from django.utils import timezone

from members import cookie
from newsroom.ground import keys, signed

DIGEST = SALT = 8
OPENED_MAX, GIVEN_MAX = 50, 10
LENGTH_MAX = signed.length(SALT + 2 + DIGEST * (OPENED_MAX + GIVEN_MAX))
PERSON = b"slip"
MONTH = timedelta(days=32)
# For processes and hosts whose clocks differ.
SPARE = timedelta(minutes=5)


class Slip:
    """opened, given: digests. ends_at: when its month ends (aware). changed: whether the reader's browser has an older
    one."""

    ends_at = None

    def __init__(self, secret, salt=None, opened=(), given=()):
        self.secret = secret
        self.salt = salt or secrets.token_bytes(SALT)
        self.opened, self.given = list(opened), list(given)
        self.changed = False

    @classmethod
    def of(cls, request, now):
        """The slip that a request brings, for this moment's month; a new one where it brings none, one of another month
        or one that is not ours."""
        if not hasattr(request, "_slip"):
            secret = month_key(now)
            told = cookie.half(request, cookie.METER)
            request._slip = (told and read(told, secret)) or cls(secret)
            request._slip.ends_at = month_end(now)
        return request._slip

    def digest(self, key):
        return digest(self.secret, self.salt, key)

    def add_opened(self, key):
        self._add(self.opened, key, OPENED_MAX)

    def add_given(self, key):
        self._add(self.given, key, GIVEN_MAX)

    def _add(self, digests, key, most):
        digests.append(self.digest(key))
        del digests[:-most]
        self.changed = True

    def lives(self, now):
        """For how many seconds the browser keeps it."""
        return max(1, int((self.ends_at - now).total_seconds()))

    def told(self):
        """The cookie's half."""
        head = self.salt + bytes([len(self.opened), len(self.given)])
        return signed.told(head + b"".join([*self.opened, *self.given]), self.secret, PERSON)


def read(told, secret):
    """The Slip in a cookie's half; None if it is not one of ours, of this month."""
    content = signed.read(told, [secret], PERSON, LENGTH_MAX)
    if content is None:
        return None
    salt, opened = content[:SALT], content[SALT]
    digests = [content[start : start + DIGEST] for start in range(SALT + 2, len(content), DIGEST)]
    return Slip(secret, salt, digests[:opened], digests[opened:])


def month(now):
    """The calendar month of a moment (aware) in the newsroom's time zone, such as "2026-11"."""
    return f"{timezone.localtime(now):%Y-%m}"


def month_start(now):
    """The moment at which the month of `now` began in the newsroom's time zone."""
    return timezone.localtime(now).replace(day=1, hour=0, minute=0, second=0, microsecond=0, fold=0)


def month_end(now):
    """The moment (in UTC) at which the month of `now` ends in the newsroom's time zone."""
    later = (month_start(now) + MONTH).replace(day=1)
    # Its own offset from UTC: a change of clocks may lie between.
    return timezone.make_aware(later.replace(tzinfo=None)).astimezone(UTC)


def month_key(now):
    """The month's key. While a process remembers another one, or none, it destroys those of months past."""
    name = f"meter-{month(now)}"
    if {known for known in keys.remembered() if known.startswith("meter-")} != {name}:
        destroy_past_keys(now)
    return keys.key(name, lives=int((month_end(now) - now + SPARE).total_seconds()))


def destroy_past_keys(now):
    """Destroy, on this host, the keys of months that were over SPARE before `now`."""
    oldest = f"meter-{month(now - SPARE)}"
    keys.destroy(lambda name: not name.startswith("meter-") or name >= oldest)


def digest(secret, salt, key):
    return hashlib.blake2b(key.encode(), digest_size=DIGEST, key=secret, salt=salt, person=b"meter").digest()
