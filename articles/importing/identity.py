"""Which story is which: the rules by which an import knows a story again. Pure.

A story is known by its external id, or by a writing that was seen before, or by any two of its headline, the first 200
letters of its text, and its file name with its place in the file. Two known sources that differ tell stories apart.
"""

import hashlib
import re
import unicodedata
from collections import Counter
from dataclasses import dataclass, field
from html import unescape
from typing import NamedTuple

from articles.importing.story import Story

LETTERS = 200
KEYS_NEEDED = 2


class Seen(NamedTuple):
    """What a place in a file said: digests of story and prompt (blank without one), the fields that it spoke of."""

    digest: str
    prompt: str
    said: str


@dataclass(frozen=True, slots=True)
class Sight:
    """A story as a file tells it, and the keys to know it by.

    name: the file's, without folder. prompt: a digest of the story's prompt, blank without one.
    """

    story: Story
    name: str
    digest: str
    headline_key: str
    text_key: str
    prompt: str = ""

    @classmethod
    def of(cls, story, name, pictures=(), prompt=""):
        """pictures: the digests of the story's image files."""
        return cls(story, name, story.digest(pictures), headline_key(story.headline), text_key(story.html), prompt)

    @property
    def spot(self):
        return self.name, self.story.place

    @property
    def seen(self):
        return Seen(self.digest, self.prompt, " ".join(self.story.said))


@dataclass(slots=True, eq=False)
class Known:
    """A story that was imported before: its keys, form and digest of the writing that stands, and what was seen of it.

    pk: of its article; None until it is saved, below 0 in a dry run. seen: {(file name, place): Seen} as far as it
    concerns the stories at hand; digests: likewise, the writings seen anywhere.
    """

    pk: int | None = None
    external_id: str = ""
    headline_key: str = ""
    text_key: str = ""
    source: str = ""
    form: int = 0
    digest: str = ""
    seen: dict = field(default_factory=dict)
    digests: set = field(default_factory=set)

    def may_be(self, story):
        """Whether nothing tells the two apart."""
        ids_differ = self.external_id and story.external_id and self.external_id != story.external_id
        sources_differ = self.source and story.source and self.source.casefold() != story.source.casefold()
        return not ids_differ and not sources_differ

    def take(self, sight):
        """Stand for another writing from now on."""
        story = sight.story
        self.external_id = story.external_id or self.external_id
        self.headline_key, self.text_key = sight.headline_key, sight.text_key
        self.form, self.digest = story.form, sight.digest

    def see(self, sight):
        self.source = self.source or sight.story.source
        self.seen[sight.spot] = sight.seen
        self.digests.add(sight.digest)


class Index:
    """Finds `Known` stories by their keys."""

    def __init__(self, known):
        self.by_key = {}
        for one in known:
            self.add(one)

    def add(self, known):
        """Add a story, or the keys that it has won."""
        keys = [("headline", known.headline_key), ("text", known.text_key), ("id", known.external_id)]
        keys += [("spot", spot) for spot in known.seen] + [("digest", digest) for digest in known.digests]
        for key in keys:
            if key[1] and known not in (found := self.by_key.setdefault(key, [])):
                found.append(known)

    def find(self, sight):
        """The `Known` story that this is, or None."""
        story = sight.story
        if story.external_id and (found := self._at("id", story.external_id)):
            return found[0]
        if found := [known for known in self._at("digest", sight.digest) if known.may_be(story)]:
            return next((known for known in found if sight.spot in known.seen), found[0])
        keys = (("headline", sight.headline_key), ("text", sight.text_key), ("spot", sight.spot))
        votes = Counter(known for kind, key in keys for known in self._at(kind, key) if known.may_be(story))
        best = max(votes, key=votes.get, default=None)
        return best if best and votes[best] >= KEYS_NEEDED else None

    def is_namesake(self, known):
        """Whether another story had the headline of this one before."""
        alike = [one for one in self._at("headline", known.headline_key) if one.headline_key == known.headline_key]
        return known in alike[1:]

    def _at(self, kind, key):
        return self.by_key.get((kind, key), []) if key else []


def headline_key(headline):
    """A digest of the letters and digits of a headline, whatever their case; of its signs where it has no letters."""
    return _digest(_letters(headline) or headline.strip())


def text_key(html):
    """A digest of the first 200 letters and digits of a text; blank for a text without any."""
    letters = ""
    for line in html.split("\n"):
        letters += _letters(unescape(re.sub(r"<[^>]*>", " ", line[: 20 * LETTERS])))
        if len(letters) >= LETTERS:
            break
    return _digest(letters[:LETTERS]) if letters else ""


def _letters(text):
    return "".join(c for c in unicodedata.normalize("NFKC", text).casefold() if c.isalnum())


def _digest(text):
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]
