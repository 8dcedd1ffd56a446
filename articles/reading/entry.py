"""A compiled page as it is kept: finished bytes with slots between them, and all that says for whom and how long.

As bytes it is signed and taken apart by hand, never unpickled: what lies in a shared cache may have been put there by
anybody, and an entry holds text that not everybody may read.
"""

import hashlib
import hmac
import json
from dataclasses import asdict, dataclass, field, fields
from datetime import datetime, timedelta

from django.conf import settings

from members.access import Audience, Reason, Terms, Wall, decide, is_free
from members.standing import Rank
from members.visit import Subject

HTML = "text/html; charset=utf-8"
SIGNATURE_LENGTH = 32
# What an entry weighs in memory beside its bytes: measured, roughly.
WEIGHT = 2_000
SKEW = timedelta(seconds=1)


class Unreadable(ValueError):
    """Bytes that are no entry of ours."""


@dataclass(frozen=True, slots=True)
class Slot:
    """A hole in a page, filled for each reader: its kind and its number. Kinds: corner, audio, meter, gift; of inserts
    (`reading.inserts`): ad, row, top, prompt, end, last, bar."""

    kind: str
    number: int = 0


# The place at the end of a story: for a prompt, or else an advertisement; or for a prompt alone.
END, LAST = Slot("end"), Slot("last")


@dataclass(frozen=True, slots=True)
class Variant:
    """What a compiled article depends on beside its version: the wall that stands in it (None: the whole text), and,
    where there is one, whether the reader has an account, and whether it is there for the reader's network alone."""

    wall: Wall | None = None
    known: bool = False
    crowded: bool = False

    @classmethod
    def of(cls, access, reader):
        return cls(access.wall, reader.known and access.wall is not None, access.reason is Reason.NETWORK_SPENT)


@dataclass(frozen=True, slots=True)
class Story:
    """What serving an article's page needs to know of it without asking the database: what text and audio ask of the
    reader, and what the holes are filled by. back: its address as a query holds it."""

    pk: int
    language: str
    terms: Terms
    audio_terms: Terms | None
    back: str


@dataclass(slots=True, eq=False)
class Entry:
    """A compiled page, in one variant.

    mark: the newest stamp up to which it is known to be right. changes: those that make it outdated. made_at: the
    moment it was made for; visible_from, visible_until: it exists for readers; valid_until: from then on it reads
    differently (all aware; None: no such moment). subject: what it is about, None where no insert may stand on it.
    outline: what `reading.inserts` has worked out of its slots.
    """

    chunks: tuple
    mark: tuple
    changes: frozenset
    made_at: datetime
    visible_from: datetime | None = None
    visible_until: datetime | None = None
    valid_until: datetime | None = None
    type: str = HTML
    language: str = ""
    story: Story | None = None
    subject: Subject | None = None
    variant: Variant = field(default_factory=Variant)
    status: int = 200
    digest: str = ""
    slots: tuple = ()
    places: tuple = ()
    outline: object = None

    def __post_init__(self):
        self.places = tuple(place for place, chunk in enumerate(self.chunks) if isinstance(chunk, Slot))
        self.slots = tuple(self.chunks[place] for place in self.places)
        told = hashlib.blake2b(digest_size=9)
        for chunk in self.chunks:
            told.update(chunk if isinstance(chunk, bytes) else repr(chunk).encode())
        self.digest = told.hexdigest()

    @property
    def size(self):
        """What it takes of memory, in bytes."""
        return WEIGHT + sum(len(chunk) for chunk in self.chunks if isinstance(chunk, bytes)) + 200 * len(self.changes)

    def exists_at(self, now):
        """Whether the page exists for readers at a moment."""
        return (self.visible_from is None or self.visible_from <= now) and (
            self.visible_until is None or now < self.visible_until
        )

    def is_fresh_at(self, now):
        """Whether it reads at a moment as it would if it were made anew. Who asked an instant before it was made, here
        or on a host whose clock is a little behind, gets it too."""
        return self.made_at - SKEW <= now and (self.valid_until is None or now < self.valid_until)

    def suits(self, reader):
        """Whether this is the variant for a reader: by the terms it was compiled under, at the reader's moment."""
        if self.story is None:
            return True
        return Variant.of(decide(self.story.terms, reader, reader.now), reader) == self.variant

    def is_granted(self, now):
        """Whether it holds text at `now` that not everybody gets."""
        return self.story is not None and self.variant.wall is None and not is_free(self.story.terms, now)

    def join(self, filled):
        """The page's bytes. filled: what stands in each of `slots`, in their order."""
        chunks = list(self.chunks)
        for place, content in zip(self.places, filled, strict=True):
            chunks[place] = content
        return b"".join(chunks)


def pack(path, entries, fingerprint):
    """The entries of a page as signed bytes. fingerprint: of the code and templates that made them."""
    told, parts = [], []
    for entry in entries:
        told.append(_told(entry))
        parts += [chunk for chunk in entry.chunks if isinstance(chunk, bytes)]
    head = json.dumps({"by": fingerprint, "path": path, "entries": told}, separators=(",", ":")).encode()
    content = b"".join([len(head).to_bytes(4, "big"), head, *parts])
    return _signature(content) + content


def unpack(path, content, fingerprint):
    """The entries of a page in bytes made by `pack`. Raises Unreadable for anything else: cut, changed, of another page
    or of other code."""
    signature, content = content[:SIGNATURE_LENGTH], content[SIGNATURE_LENGTH:]
    if not hmac.compare_digest(signature, _signature(content)):
        raise Unreadable("not signed by us")
    length = int.from_bytes(content[:4], "big")
    said = json.loads(content[4 : 4 + length])
    if (said["by"], said["path"]) != (fingerprint, path):
        raise Unreadable("made by other code, or for another page")
    entries, end = [], 4 + length
    for one in said["entries"]:
        entry, end = _entry(one, content, end)
        entries.append(entry)
    return entries


def _signature(content):
    key = hashlib.blake2b(settings.SECRET_KEY.encode(), digest_size=32, person=b"compiled pages").digest()
    return hashlib.blake2b(content, digest_size=SIGNATURE_LENGTH, key=key).digest()


MOMENTS = ("made_at", "visible_from", "visible_until", "valid_until")


def _told(entry):
    number, at = entry.mark
    return {
        "chunks": [len(c) if isinstance(c, bytes) else [c.kind, c.number] for c in entry.chunks],
        "mark": [number, _iso(at)],
        "changes": sorted(entry.changes),
        **{name: _iso(getattr(entry, name)) for name in MOMENTS},
        "type": entry.type,
        "language": entry.language,
        "status": entry.status,
        "variant": [entry.variant.wall, entry.variant.known, entry.variant.crowded],
        "story": entry.story and _told_story(entry.story),
        "subject": entry.subject and _told_subject(entry.subject),
    }


def _entry(said, content, end):
    chunks = []
    for one in said["chunks"]:
        if isinstance(one, int):
            chunks.append(content[end : end + one])
            end += one
        else:
            chunks.append(Slot(*one))
    wall, *others = said["variant"]
    entry = Entry(
        chunks=tuple(chunks),
        mark=(said["mark"][0], _moment(said["mark"][1])),
        changes=frozenset(map(tuple, said["changes"])),
        **{name: _moment(said[name]) for name in MOMENTS},
        type=said["type"],
        language=said["language"],
        status=said["status"],
        variant=Variant(wall and Wall(wall), *others),
        story=said["story"] and _story(said["story"]),
        subject=said["subject"] and _subject(said["subject"]),
    )
    return entry, end


def _told_story(story):
    asked = {"terms": _told_terms(story.terms), "audio_terms": story.audio_terms and _told_terms(story.audio_terms)}
    return {one.name: getattr(story, one.name) for one in fields(Story)} | asked


def _story(said):
    return Story(**said | {name: said[name] and _terms(said[name]) for name in ("terms", "audio_terms")})


def _told_subject(subject):
    return asdict(subject) | {"tags": sorted(subject.tags), "kinds": sorted(subject.kinds)}


def _subject(said):
    shapes = {"tags": frozenset, "kinds": frozenset, "prompts": tuple}
    return Subject(**said | {name: shape(said[name]) for name, shape in shapes.items()})


def _told_terms(terms):
    return asdict(terms) | {"plans": sorted(terms.plans), "early_until": _iso(terms.early_until)}


def _terms(said):
    return Terms(
        **said
        | {
            "audience": Audience(said["audience"]),
            "plans": frozenset(Rank(*one) for one in said["plans"]),
            "early_until": _moment(said["early_until"]),
        }
    )


def _iso(moment):
    return moment and moment.isoformat()


def _moment(text):
    return text and datetime.fromisoformat(text)
