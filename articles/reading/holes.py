"""What fills the slots of a page for one reader: small pure functions over pieces drawn beforehand.

`Pieces` are drawn when a process starts and when a stamp says that advertisements, plans or prompts have changed; to
fill the holes of a page asks no database and renders no template.
"""

import hashlib
import secrets
from dataclasses import dataclass
from html import escape
from itertools import product

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation

from articles.ads import choose as ads
from articles.ads.models import ADS
from articles.reading import giving
from articles.reading.parts.walls import is_registration_open
from members import gifts
from members.access import Audience, Reason, Wall, decide
from members.models import PLANS, Plan
from members.prompts import choose as prompts
from members.prompts.models import PROMPTS
from newsroom.ground.stamps import EVERYTHING

# Stand in drawn pieces for what differs from page to page and from reader to reader. Nobody can write them: the word is
# new with each process.
_SECRET = secrets.token_hex(8)
BACK, NAME = f"next={_SECRET}", f"{_SECRET}name"


@dataclass(frozen=True, slots=True)
class Piece:
    """Drawn bytes, parted where something is put in. tag: a short digest of them, for ETags. counted: what is counted
    when they are shown, a (series, key)."""

    parts: tuple
    tag: str
    counted: tuple | None = None

    def around(self, filling):
        return self.parts[0] if len(self.parts) == 1 else filling.join(self.parts)


NOTHING = Piece((b"",), "")


def piece(template, context, parted_at=None, counted=None):
    """The Piece that a template draws; where its HTML says `parted_at`, something is put in later."""
    html = render_to_string(template, context).strip()
    drawn = tuple(part.encode() for part in (html.split(parted_at) if parted_at else [html]))
    return Piece(drawn, hashlib.blake2b(b"\0".join(drawn), digest_size=6).hexdigest(), counted)


class Pieces:
    """All pieces of all languages, and the snapshots that the choices are made from."""

    def __init__(self):
        self.drawn = {language: self._constant(language) for language, _name in settings.LANGUAGES}
        self.hear({EVERYTHING})

    def hear(self, changes):
        """Draw again what these changes (of stamps) touch. Choice and pieces change together: other threads are filling
        pages meanwhile."""
        if changes & {ADS, EVERYTHING}:
            booked = ads.Booked.load()
            self._ads = booked, _drawn_ads(booked)
        if changes & {PROMPTS, EVERYTHING}:
            running = prompts.Running.load()
            self._prompts = running, _drawn_prompts(running)
        if changes & {PLANS, EVERYTHING}:
            self._ad_free = frozenset(Plan.objects.ad_free().values_list("pk", flat=True))

    def corner(self, language, reader):
        """The Piece of the reader's corner, to be filled with the name."""
        member, failed = reader.level >= Audience.MEMBERS, reader.grace_until is not None
        return self.drawn[language]["corner", reader.known, member, reader.desk, failed]

    def audio(self, story, reader):
        """The audio version's Piece: what unlocks it, or where the player will stand."""
        if story.audio_terms is None:
            return NOTHING
        access = decide(story.audio_terms, reader, reader.now)
        needs = "registered" if access.wall == Wall.REGISTER else "members"
        return self.drawn[story.language]["audio", not access.allowed, needs, reader.known]

    def meter(self, story, reader):
        """The Piece that tells how many free articles are left, once one was taken for this story."""
        if reader.meter is None or decide(story.terms, reader, reader.now).reason is not Reason.OPENED:
            return NOTHING
        return self.drawn[story.language]["meter", reader.meter.left, reader.known]

    def gift(self, story, reader):
        """The Piece that offers to give the story away, or says what the link has done by which the reader came."""
        if not reader.known and reader.gifts is gifts.NONE:
            return NOTHING
        said = giving.said(story, reader)
        return NOTHING if said is None else self.drawn[story.language]["gift", said, reader.known]

    def prompt(self, story, reader):
        """The Piece of the prompt that fits story and reader."""
        running, drawn = self._prompts
        chosen = prompts.choose(story.prompts, story.language, reader, running)
        return NOTHING if chosen is None else drawn[chosen, story.language, reader.known]

    def advertisements(self, places, story, reader):
        """So many Pieces; of nothing for who is a member without advertisements."""
        if any(rank.plan in self._ad_free for rank in reader.plans):
            return [NOTHING] * places
        booked, drawn = self._ads
        chosen = ads.choose(places, story.pk, booked.running(story.language, reader.now))
        return [drawn[ad.pk if ad else story.language] for ad in chosen]

    @staticmethod
    def _constant(language):
        """The pieces that no editor changes: corner, audio, meter and gift, for each kind of reader."""
        drawn = {}
        with translation.override(language):
            for known, member, desk, failed in product((False, True), repeat=4):
                said = {"known": known, "name": NAME, "member": member, "desk": desk, "failed": failed}
                drawn["corner", known, member, desk, failed] = piece("_corner.html", {"reader": said}, NAME)
            for locked, needs, known in product((False, True), ("registered", "members"), (False, True)):
                said = {"locked": locked, "needs": needs, **_ways(known, "audio")}
                drawn["audio", locked, needs, known] = piece("reading/_audio.html", {"audio": said}, BACK)
            for known, limit in ((False, settings.METER_STRANGERS), (True, settings.METER_REGISTERED)):
                for left in range(limit + 1):
                    said = {"left": left, "limit": limit, **_ways(known, "meter")}
                    drawn["meter", left, known] = piece("reading/_meter.html", {"meter": said}, BACK)
            for kind, known in product((giving.OFFER, giving.GIVEN, *gifts.Refusal), (False, True)):
                said = {"kind": kind, "openings": gifts.OPENINGS, **_ways(known, "gift")}
                drawn["gift", kind, known] = piece("reading/_gift.html", {"gift": said}, BACK)
        return drawn


def _drawn_ads(booked):
    """{ad's id, or the language of the house's own: Piece}."""
    drawn = {}
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            drawn[language] = piece("reading/_ad.html", {"ad": ads.house()}, counted=("ad", ads.HOUSE))
            for ad in booked.ads.get(language, []):
                drawn[ad.pk] = piece("reading/_ad.html", {"ad": ad}, counted=("ad", str(ad.pk)))
    return drawn


def _drawn_prompts(running):
    """{(prompt's id, language of the story, whether the reader is known): Piece}."""
    drawn = {}
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            for prompt in running.prompts.values():
                for known in (False, True):
                    drawn[prompt.pk, language, known] = _prompt(prompt, known)
    return drawn


def fill(entry, reader, pieces):
    """What an entry's slots hold for a reader: (bytes for each, the tags of the pieces, what is counted once shown)."""
    filled, tags, counted = [], [], []
    back = entry.story.back.encode() if entry.story else b""
    for slot, drawn in zip(entry.slots, _chosen(entry, reader, pieces), strict=True):
        filled.append(drawn.around(back if slot.kind != "corner" else _name(reader)))
        tags.append(drawn.tag)
        if drawn.counted:
            counted.append(drawn.counted)
    return filled, tags, counted


def _chosen(entry, reader, pieces):
    """The Piece for each of an entry's slots."""
    story, ads = entry.story, []
    if places := [slot for slot in entry.slots if slot.kind == "ad"]:
        ads = pieces.advertisements(len(places), story, reader)[::-1]
    of_kind = {
        "ad": ads.pop,
        "corner": lambda: pieces.corner(entry.language, reader),
        "prompt": lambda: pieces.prompt(story, reader),
        "audio": lambda: pieces.audio(story, reader),
        "meter": lambda: pieces.meter(story, reader),
        "gift": lambda: pieces.gift(story, reader),
    }
    return [of_kind[slot.kind]() for slot in entry.slots]


def _name(reader):
    return escape(reader.user.get_short_name()).encode() if reader.known else b""


def _ways(known, source):
    """Where a reader goes who wants more, and comes back from to the story; who is known need not sign in. source: what
    /join/ is told of where they came from: the kind of place, and never the story."""
    doors = {} if known else {"sign_in_url": "account_login", "sign_up_url": "account_signup"}
    if not is_registration_open():
        doors.pop("sign_up_url", None)
    found = {way: f"{reverse(name)}?{BACK}" for way, name in doors.items()}
    return {**found, "join_url": f"{reverse('join')}?source={source}&{BACK}"}


def _prompt(prompt, known):
    # Which one is told of a prompt for everywhere alone: another's number would tell in which story it stood.
    source = f"prompt:{prompt.pk}" if prompt.everywhere else "prompt"
    said = {
        "title": prompt.title,
        "paragraphs": [text for text in prompt.text.splitlines() if text.strip()],
        "pitch": prompt.pitch,
        "button": prompt.button,
        **_ways(known, source),
    }
    return piece("reading/_prompt.html", {"prompt": said}, BACK, counted=("prompt", str(prompt.pk)))
