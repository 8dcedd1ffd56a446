"""What fills the holes of a page for one reader: small pure functions over pieces drawn beforehand.

`Pieces` are drawn when a process starts; advertisements and prompts among them (`reading.inserts`) anew when a stamp
says that they have changed. To fill the holes of a page asks no database and renders no template.
"""

from html import escape
from itertools import product

from django.conf import settings
from django.urls import reverse
from django.utils import translation

from articles.reading import giving
from articles.reading.drawn import BACK, NAME, NOTHING, piece
from articles.reading.inserts import KINDS, Inserts, Outline
from articles.reading.parts.walls import is_registration_open
from members import gifts
from members.access import Audience, Reason, Wall, decide

EMPTY = (b"", "")


class Pieces:
    """All pieces of all languages, and the snapshots that the choices of inserts are made from."""

    def __init__(self):
        self.drawn = {language: self._constant(language) for language, _name in settings.LANGUAGES}
        self.inserts = Inserts()

    def hear(self, changes):
        """Draw again what these changes (of stamps) touch."""
        self.inserts.hear(changes)

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


def fill(entry, reader, pieces, visitor=None):
    """What an entry's slots hold for a reader: (bytes for each, the tags of the pieces, the `inserts.Laid` among them,
    None on a page without a place for inserts). visitor: `members.visit.Visitor`, where the page has a subject."""
    back = entry.story.back if entry.story else ""
    laid = _laid(entry, pieces, back, visitor) if entry.subject else None
    filled, tags = [], []
    for which, slot in enumerate(entry.slots):
        if slot.kind in KINDS:
            content, tag = laid.pieces.get(which, EMPTY)
        else:
            drawn = _chosen(slot.kind, entry, reader, pieces)
            content, tag = drawn.around(_name(reader) if slot.kind == "corner" else back.encode()), drawn.tag
        filled.append(content)
        tags.append(tag)
    return filled, tags, laid


def _laid(entry, pieces, back, visitor):
    if entry.outline is None:
        entry.outline = Outline(entry.slots)
    return pieces.inserts.lay(entry.outline, entry.subject, back, visitor)


def _chosen(kind, entry, reader, pieces):
    """The Piece for a slot that holds no insert."""
    return pieces.corner(entry.language, reader) if kind == "corner" else getattr(pieces, kind)(entry.story, reader)


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
