"""Drawn pieces: HTML rendered beforehand, for holes that are filled anew for each reader."""

import hashlib
import secrets
from dataclasses import dataclass

from django.template.loader import render_to_string

# Stand in drawn pieces for what differs from page to page and from reader to reader. Nobody can write them: the word is
# new with each process.
_SECRET = secrets.token_hex(8)
BACK, NAME, PLACE = f"next={_SECRET}", f"{_SECRET}name", f"{_SECRET}place"


@dataclass(frozen=True, slots=True)
class Piece:
    """Drawn bytes, parted where something is put in. tag: a short digest of them, for ETags."""

    parts: tuple
    tag: str

    def around(self, filling):
        return self.parts[0] if len(self.parts) == 1 else filling.join(self.parts)


NOTHING = Piece((b"",), "")


def piece(template, context, parted_at=None):
    """The Piece that a template draws; where its HTML says `parted_at`, something is put in later."""
    html = render_to_string(template, context).strip()
    drawn = tuple(part.encode() for part in (html.split(parted_at) if parted_at else [html]))
    return Piece(drawn, hashlib.blake2b(b"\0".join(drawn), digest_size=6).hexdigest())
