"""The half of the reader's cookie by which prompts and advertisements keep measure: a bucket, and small counters.

It names nobody and no story. bucket: one of a thousand, by which experiments part readers. How many stories were read
and walls met lately, and how many about the few tags that a running prompt asks for (as digests); how often each
advertising campaign was seen today, on which days each prompt was; until when the reader wants to hear no prompt.

"Lately" is counted in spans of ten days: the running one and the two before it, twenty to thirty days. Under Global
Privacy Control there is no such half: nothing is counted, nothing is remembered (`of`).
"""

import hashlib
import secrets
import struct
from dataclasses import dataclass, field
from enum import IntEnum
from functools import lru_cache

from django.conf import settings
from django.utils import timezone

from members import cookie
from newsroom.ground import signed

BUCKETS = 1_000
SPAN, SPANS = 10, 3  # days
LATELY = 30  # days for which a prompt's views count
LIVES = 31 * 24 * 3600  # seconds that the browser keeps it after its last change
# What fits, so that both halves together stay below a kilobyte.
ADS_MAX, PROMPTS_MAX, DAYS_MAX, TAGS_MAX = 12, 10, 6, 6

VERSION = 2
PERSON = b"habits"
HEAD, AD, PROMPT, TAG = (struct.Struct(one) for one in (">BHHHB6B", ">IB", ">IBB", ">4s3B"))
EPOCH = 719_163
LENGTH_MAX = signed.length(
    HEAD.size + 3 + ADS_MAX * AD.size + PROMPTS_MAX * (PROMPT.size + DAYS_MAX) + TAGS_MAX * TAG.size
)


class Outside(IntEnum):
    """What the reader has said to advertisements from elsewhere (`articles.ads.outside`)."""

    UNASKED, ALLOWED, REFUSED = 0, 1, 2


@dataclass(slots=True)
class Asked:
    """What a browser knows of one prompt's campaign. days: those on which it was seen, once a view, the latest last.
    held: it belongs to those who are shown nothing, to compare with."""

    days: list
    held: bool = False


@dataclass(slots=True)
class Habits:
    """day: today, as a number. quiet_until: the day before which no prompt is shown. reads, walls: of the three spans,
    the running one first. outside: an `Outside`. ads: {campaign: times today}. prompts: {campaign: Asked}. tags:
    {digest: its spans}. changed: the browser has an older one."""

    bucket: int
    day: int
    quiet_until: int = 0
    outside: int = Outside.UNASKED
    reads: list = field(default_factory=lambda: [0] * SPANS)
    walls: list = field(default_factory=lambda: [0] * SPANS)
    ads: dict = field(default_factory=dict)
    prompts: dict = field(default_factory=dict)
    tags: dict = field(default_factory=dict)
    changed: bool = False

    @property
    def reads_lately(self):
        """How many stories were opened, the one at hand not among them unless it was noted."""
        return sum(self.reads)

    @property
    def walls_lately(self):
        return sum(self.walls)

    def reads_with(self, tag):
        """How many of the stories opened lately had a tag (its id) that prompts ask for."""
        return sum(self.tags.get(_tag(tag), ()))

    def views(self, campaign):
        """How often a prompt's campaign was seen in the last 30 days."""
        asked = self.prompts.get(campaign)
        return sum(day > self.day - LATELY for day in asked.days) if asked else 0

    @property
    def is_quiet(self):
        return self.day < self.quiet_until

    def has_room_for(self, ad):
        """Whether one more view of an advertising campaign can be kept count of."""
        return ad in self.ads or len(self.ads) < ADS_MAX

    def note_read(self, tags=()):
        """A story was opened. tags: those of its tags (ids) that prompts ask for."""
        _one_more(self.reads)
        for tag in tags:
            spans = self.tags.pop(_tag(tag), None) or [0] * SPANS
            _one_more(spans)
            self.tags[_tag(tag)] = spans
        _cut(self.tags, TAGS_MAX)
        self.changed = True

    def note_wall(self):
        _one_more(self.walls)
        self.changed = True

    def note_ad(self, campaign):
        self.ads[campaign] = min(255, self.ads.get(campaign, 0) + 1)
        self.changed = True

    def note_prompt(self, campaign, held=False):
        """A prompt was shown, or held back; whether it is the first time lately."""
        asked = self.prompts.pop(campaign, None)
        first = asked is None or not self._counts(asked)
        days = [] if asked is None else asked.days
        self.prompts[campaign] = Asked([*days, self.day][-DAYS_MAX:], held)
        _cut(self.prompts, PROMPTS_MAX)
        self.changed = True
        return first

    def note_quiet(self, days=LATELY):
        """The reader wants to hear no prompt for so many days."""
        self.quiet_until = max(self.quiet_until, self.day + days)
        self.changed = True

    def note_outside(self, said):
        self.outside = said
        self.changed = True

    def lives(self, now):
        """For how many seconds the browser keeps it: as long as its reader wants to hear nothing, if that is longer."""
        return max(LIVES, (self.quiet_until - self.day + 1) * 24 * 3600)

    def told(self):
        """The cookie's half."""
        parts = [HEAD.pack(VERSION, self.bucket, self.day, self.quiet_until, self.outside, *self.reads, *self.walls)]
        parts.append(bytes([len(self.ads)]))
        parts += [AD.pack(*one) for one in self.ads.items()]
        parts.append(bytes([len(self.prompts)]))
        for campaign, asked in self.prompts.items():
            # A byte each: how many days ago, of those that count still.
            ago = bytes(self.day - day for day in asked.days if day > self.day - LATELY)
            parts += [PROMPT.pack(campaign, asked.held, len(ago)), ago]
        parts.append(bytes([len(self.tags)]))
        parts += [TAG.pack(digest, *spans) for digest, spans in self.tags.items()]
        return signed.told(b"".join(parts), _keys()[0], PERSON)

    def _counts(self, asked):
        return bool(asked.days) and asked.days[-1] > self.day - LATELY

    def _grown_old(self, day):
        """Move to a later day: spans pass, yesterday's advertisements and long gone prompts are forgotten."""
        passed = day // SPAN - self.day // SPAN
        for spans in (self.reads, self.walls, *self.tags.values()):
            spans[:] = ([0] * min(passed, SPANS) + spans)[:SPANS]
        self.ads, self.day = {}, day
        self.tags = {tag: spans for tag, spans in self.tags.items() if any(spans)}
        self.prompts = {campaign: asked for campaign, asked in self.prompts.items() if self._counts(asked)}


class Gone:
    """The half that a browser brought and that has to go: told as nothing."""

    changed = True

    @staticmethod
    def told():
        return ""

    @staticmethod
    def lives(now):
        return LIVES


def of(request, now):
    """The Habits of a request's browser at `now` (aware): those that it brings, else new ones. None under Global
    Privacy Control; what such a browser still brings is taken back with the next answer."""
    if request.META.get("HTTP_SEC_GPC") == "1":
        if cookie.half(request, cookie.HABITS):
            request._habits = Gone
        return None
    if not hasattr(request, "_habits"):
        brought = cookie.half(request, cookie.HABITS)
        today = day_of(now)
        request._habits = (brought and read(brought, today)) or Habits(secrets.randbelow(BUCKETS), today)
    return request._habits


def read(told, today):
    """The Habits in a cookie's half, brought up to the day `today` (a number); None for what is not ours, or of a day
    to come."""
    content = signed.read(told, _keys(), PERSON, LENGTH_MAX)
    if content is None or content[0] != VERSION:
        return None
    _version, bucket, day, quiet_until, outside, *spans = HEAD.unpack_from(content)
    if day > today:
        return None
    habits = Habits(bucket, day, quiet_until, outside, spans[:SPANS], spans[SPANS:])
    at = HEAD.size
    for _n in range(content[at]):
        campaign, times = AD.unpack_from(content, at + 1)
        habits.ads[campaign] = times
        at += AD.size
    at += 1
    for _n in range(content[at]):
        campaign, held, days = PROMPT.unpack_from(content, at + 1)
        at += PROMPT.size
        habits.prompts[campaign] = Asked([day - ago for ago in content[at + 1 : at + 1 + days]], bool(held))
        at += days
    at += 1
    for _n in range(content[at]):
        digest, *counts = TAG.unpack_from(content, at + 1)
        habits.tags[digest] = counts
        at += TAG.size
    if day != today:
        habits._grown_old(today)
    return habits


def day_of(now):
    """The day of a moment (aware) in the newsroom's time zone, as a number."""
    return now.astimezone(timezone.get_default_timezone()).toordinal() - EPOCH


def _one_more(spans):
    spans[0] = min(255, spans[0] + 1)


def _cut(kept, most):
    """Forget what was touched longest ago."""
    for key in list(kept)[:-most]:
        del kept[key]


@lru_cache(maxsize=4_096)
def _tag(tag):
    return hashlib.blake2b(str(tag).encode(), digest_size=4, key=_keys()[0], person=b"habits tag").digest()


def _keys():
    return _derived(settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)


@lru_cache(maxsize=8)
def _derived(*secrets):
    return tuple(hashlib.blake2b(secret.encode()[:4096], digest_size=32, person=PERSON).digest() for secret in secrets)
