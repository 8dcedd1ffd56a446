"""A visit: what a page is about, and who looks at it, as far as prompts and advertisements may know.

Plain values only: this domain knows no articles, and nothing here names anybody.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from members import habits
from members.access import Audience
from members.crawlers import is_bot
from members.habits import Habits
from members.reader import Reader
from newsroom.ground.hosts import without_port


class State(TextChoices):
    """What somebody is to the newsroom; everybody is exactly one of these."""

    ANONYMOUS = "anonymous", _("Without an account")
    REGISTERED = "registered", _("With a free account")
    MEMBER = "member", _("Member")
    LAPSED = "lapsed", _("Was a member")
    PAST_DUE = "past_due", _("Payment failed")


class Kind(TextChoices):
    """What a story is; it may be several of these."""

    FREE = "free", _("Open to all")
    GATED = "gated", _("Not open to all")
    AUDIO = "audio", _("With an audio version")


class Device(TextChoices):
    MOBILE = "mobile", _("Telephone")
    TABLET = "tablet", _("Tablet")
    DESKTOP = "desktop", _("Computer")


class Referrer(TextChoices):
    """Where a reader was before."""

    DIRECT = "direct", _("Nowhere known")
    OWN = "own", _("This site")
    SEARCH = "search", _("A search engine")
    SOCIAL = "social", _("A social network")
    OTHER = "other", _("Another site")


DEVICES = frozenset(Device.values)
SEARCH = re.compile(r"(^|\.)(google|bing|duckduckgo|yandex|yahoo|ecosia|qwant|baidu|startpage|brave)\.")
SOCIAL = re.compile(
    r"(^|\.)(facebook|instagram|t|x|twitter|linkedin|lnkd|reddit|vk|ok|threads|bsky|mastodon|tiktok|youtube|telegram|"
    r"whatsapp)\.(com|net|org|co|ru|in|me|app|social)$"
)
TABLETS = re.compile(r"iPad|Tablet|PlayBook|Silk|Android(?!.*Mobi)")


@dataclass(frozen=True, slots=True)
class Subject:
    """What a page is about. story: its id, None for a list; section: its id or None; tags: ids; kinds: values of Kind.
    prompts: the ids of the prompts' campaigns that name this story. ads: whether advertisements may stand on it."""

    story: int | None
    language: str
    section: int | None = None
    tags: frozenset = frozenset()
    kinds: frozenset = frozenset()
    sensitive: bool = False
    prompts: tuple = ()
    ads: bool = True


@dataclass(slots=True)
class Visitor:
    """Who looks at a page. habits: what the own browser remembers, None where nothing may be. country: two capital
    letters, "" where no proxy says it. counted: whether a view counts (no robot, nobody who works here, no HEAD)."""

    reader: Reader
    habits: Habits | None = None
    country: str = ""
    device: str = Device.DESKTOP
    referrer: str = Referrer.DIRECT
    counted: bool = True

    @classmethod
    def of(cls, request, reader, counts=True):
        """The visitor behind a request. counts: whether the request is one that shows somebody a page at all."""
        meta = request.META
        robot = is_bot(request)
        return cls(
            reader,
            None if robot else habits.of(request, reader.now),
            country(meta),
            device(meta),
            referrer(meta.get("HTTP_REFERER", "")),
            counts and not robot and not reader.desk,
        )

    @property
    def state(self):
        return state(self.reader)


def state(reader):
    """What a Reader is to the newsroom, a State."""
    if not reader.known:
        return State.ANONYMOUS
    if reader.owes or reader.grace_until is not None:
        return State.PAST_DUE
    if reader.level >= Audience.MEMBERS:
        return State.MEMBER
    return State.LAPSED if reader.lapsed else State.REGISTERED


def country(meta):
    """The country that the proxy in front tells in the header that the setting COUNTRY_HEADER names, else ""."""
    told = meta.get(settings.COUNTRY_HEADER, "") if settings.COUNTRY_HEADER else ""
    return told.upper() if len(told) == 2 and told.isascii() and told.isalpha() else ""


def device(meta):
    """The class of the reader's device: as the header says that the setting DEVICE_HEADER names, else by what the
    browser calls itself."""
    told = meta.get(settings.DEVICE_HEADER, "").lower() if settings.DEVICE_HEADER else ""
    return Device(told) if told in DEVICES else _by_name(meta.get("HTTP_USER_AGENT", "")[:512])


@lru_cache(maxsize=2_048)
def _by_name(agent):
    if TABLETS.search(agent):
        return Device.TABLET
    return Device.MOBILE if "Mobi" in agent else Device.DESKTOP


def referrer(address):
    """What kind of site an address (of the header Referer) is of."""
    return _of_host(_host(address[:512])) if address else Referrer.DIRECT


def _host(address):
    try:
        return (urlsplit(address).hostname or "").lower()
    except ValueError:
        return ""


@lru_cache(maxsize=2_048)
def _of_host(host):
    if host in {without_port(own).lower() for own in settings.SITE_HOSTS}:
        return Referrer.OWN
    if SEARCH.search(host):
        return Referrer.SEARCH
    return Referrer.SOCIAL if SOCIAL.search(host) else Referrer.OTHER
