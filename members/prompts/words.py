"""The words of a prompt: placeholders in them, and what stands for those once they are drawn. Pure.

Written as {tag}. Drawn ahead, each is a mark that nobody can write; for each reader the marks are filled.
"""

import re
import secrets
import unicodedata
from dataclasses import dataclass
from html import escape

# What an editor may write: the tag that the story was chosen by, how many stories the reader opened lately, the day of
# the week, and what members pay a month.
TAG, READ, DAY, PRICE = PLACEHOLDERS = ("tag", "articles_read", "day", "plan_price")

WORD = r"\w+"
_WRITTEN = re.compile(r"\{([^{}]*)\}")
# New with each process.
_SECRET = secrets.token_hex(8)
_MARK = re.compile(f"{_SECRET}-([a-z_]+)-")


def unknown(text):
    """The names in braces in a text that are no placeholders, each once, in their order."""
    return list(dict.fromkeys(name for name in _WRITTEN.findall(text) if name not in PLACEHOLDERS))


def uses(placeholder, *texts):
    """Whether any of the texts has a placeholder."""
    return any(placeholder in _WRITTEN.findall(text) for text in texts)


def named_in(names, *texts):
    """Those of {id: name} whose name stands in one of the texts, as whole words, however they are capitalised."""
    told = [_spaced(text) for text in texts]
    found = {key: _spaced(name) for key, name in names.items()}
    return {key: names[key] for key, name in found.items() if name.strip() and any(name in text for text in told)}


def _spaced(text):
    """The words of a text with a space before and after each."""
    return f" {' '.join(re.findall(WORD, unicodedata.normalize('NFKC', text).casefold()))} "


def mark(name):
    """What stands for a value in drawn HTML until it is filled in."""
    return f"{_SECRET}-{name}-"


def marked(text, **known):
    """A text with marks for its placeholders; for those whose value is `known` already, the value."""
    values = {name: known.get(name, mark(name)) for name in PLACEHOLDERS}
    return _WRITTEN.sub(lambda found: values.get(found[1], found[0]), text)


@dataclass(frozen=True, slots=True, eq=False)
class Parted:
    """Drawn HTML, taken apart: bytes, and the names (strings) of what is filled in between."""

    parts: tuple
    names: frozenset

    @classmethod
    def of(cls, html):
        # Every second of them is a name.
        pieces = _MARK.split(html)
        parts = tuple(piece if number % 2 else piece.encode() for number, piece in enumerate(pieces))
        return cls(parts, frozenset(pieces[1::2]))

    def filled(self, values):
        """The bytes with these values ({name: text of any kind}, escaped here) in their places."""
        told = {name: escape(str(value)).encode() for name, value in values.items()}
        return b"".join(told[part] if isinstance(part, str) else part for part in self.parts)
