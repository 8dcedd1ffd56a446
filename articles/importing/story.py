"""What a format yields: stories as a file tells them, before any database. Pure."""

import enum
import hashlib
import json
from dataclasses import dataclass, field, fields
from datetime import date

from articles.body import AD_BREAK


class Form(enum.IntEnum):
    """How whole a text reached us. A higher form replaces a lower one, never the other way round."""

    LINE = 1
    PARAGRAPHS = 2


@dataclass(frozen=True, slots=True)
class Note:
    """A warning: the 1-based line of the file, and what is the matter there."""

    line: int
    text: str


@dataclass(frozen=True, slots=True)
class Failure:
    """What could not be imported: file, 1-based line (0: the file as a whole), reason."""

    file: str
    line: int
    reason: str


@dataclass(frozen=True, slots=True)
class Picture:
    """An image that a story names: its path as the file writes it, relative to the file."""

    path: str
    alt: str = ""
    caption: str = ""
    credit: str = ""


@dataclass(frozen=True, slots=True)
class Prompt:
    """A membership prompt's words. Paragraphs of the text are parted by blank lines."""

    title: str
    text: str = ""
    pitch: str = ""
    button: str = ""


@dataclass(frozen=True, slots=True)
class Correction:
    """A correction: its moment (aware), its words, and whether the moment was worked out from an age."""

    moment: date
    text: str
    worked_out: bool = False


# What does not make a story another one: where it stood, with which campaign, how it is linked, what a run said of it.
NOT_CONTENT = {"line", "place", "prompt", "related", "translation_of", "source", "worked_out", "warnings"}
# What a file can take back again by not saying it any more. Its source and its dates stay: they were true.
TAKEN_BACK = (
    "standfirst", "section", "tags", "hashtags", "authors", "audience", "metered", "early_access_until", "audio",
    "image", "corrections",
)  # fmt: skip
# Dates that count only where the file states them.
DATES = {"published", "updated", "early_access_until"}


@dataclass(frozen=True, slots=True)
class Story:
    """One story of a file. An empty field means that the file says nothing about it.

    html: as `articles.body` makes it, one block a line; `data-image` is the 1-based number in `pictures`.
    line: 1-based line in the file where the story starts. place: 0 for the main story, 1 … for related ones.
    published, updated, early_access_until: aware moments; `worked_out` names those that an age or a file's time gave.
    hashtags: as the file writes them, without #. related, translation_of: external ids or slugs.
    writing: the text as the file has it, where our HTML of it may come to be another.
    """

    headline: str
    html: str
    line: int = 1
    place: int = 0
    form: Form = Form.PARAGRAPHS
    writing: str = ""
    external_id: str = ""
    standfirst: str = ""
    section: str = ""
    tags: tuple[str, ...] = ()
    hashtags: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    source: str = ""
    source_url: str = ""
    language: str = ""
    published: date | None = None
    updated: date | None = None
    early_access_until: date | None = None
    worked_out: frozenset[str] = frozenset()
    audience: str = ""
    metered: bool | None = None
    audio: str = ""
    prompt: Prompt | None = None
    image: Picture | None = None
    pictures: tuple[Picture, ...] = ()
    corrections: tuple[Correction, ...] = ()
    related: tuple[str, ...] = ()
    translation_of: str = ""
    warnings: tuple[Note, ...] = ()

    @property
    def paragraphs(self):
        """How many paragraphs the text has."""
        return sum(line.startswith("<p") for line in self.html.split("\n"))

    @property
    def ad_breaks(self):
        """The number of paragraphs before each ad break."""
        before, found = 0, []
        for line in self.html.split("\n"):
            if line == AD_BREAK:
                found.append(before)
            before += line.startswith("<p")
        return found

    @property
    def said(self):
        """The names of the fields among `TAKEN_BACK` that the file speaks of."""
        return [name for name in TAKEN_BACK if getattr(self, name) not in (None, "", ())]

    def digest(self, pictures=()):
        """32 hex digits of what the file says of the story. pictures: the digests of its image files."""
        told = {f.name: getattr(self, f.name) for f in fields(self) if f.name not in NOT_CONTENT}
        for name in DATES & self.worked_out:
            told[name] = None
        told["corrections"] = [(None if c.worked_out else c.moment, c.text) for c in self.corrections]
        told["image"], told["pictures"] = _words(self.image), [_words(picture) for picture in self.pictures]
        told["files"] = list(pictures)
        # Paragraphs that we made, and our HTML, may be others one day although the file says the same.
        borderless = self.html.replace("</p>\n<p>", " ") if self.form == Form.LINE else self.html
        told["html"] = "" if self.writing else borderless
        # A page may name the source of one story here and not there; a file with front matter speaks for itself.
        told["source"] = self.source if self.writing else ""
        return _digest(json.dumps(told, sort_keys=True, default=_plain))


@dataclass(slots=True)
class Parsed:
    """What one file holds. warnings: those that belong to no single story, such as comments that stay out."""

    stories: list[Story] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    warnings: list[Note] = field(default_factory=list)


def _words(picture):
    return picture and [picture.alt, picture.caption, picture.credit]


def _digest(text):
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _plain(value):
    return value.isoformat() if isinstance(value, date) else str(value)
