"""How high the blocks of a story are at two widths, in CSS pixels: estimates, since a server sees no pixels. Pure.

Whoever is unsure guesses low: a story that seems shorter than it is gets too few ads rather than too many.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from math import ceil

from articles.body import Block, embed_provider

ITEM, ROW, CELL = (re.compile(rf"(?=<{tag}\b)") for tag in ("li", "tr", "t[hd]"))

MOBILE, DESKTOP = "mobile", "desktop"
WIDTHS = (MOBILE, DESKTOP)


@dataclass(frozen=True, slots=True)
class Face:
    """How words are set: the height of a line, the margin of the block, and the characters in a line by width."""

    line: float
    margin: float
    characters: dict


TEXT = Face(line=23.8, margin=14, characters={MOBILE: 39, DESKTOP: 72})
# The middle of the three sizes in prose.css: larger letters, so fewer to a line, and air above.
HEADING = Face(line=30, margin=40, characters={MOBILE: 30, DESKTOP: 48})
FACES = {
    "paragraph": TEXT,
    "heading": HEADING,
    "quote": TEXT,
    "pullquote": TEXT,
    "list": TEXT,
    "table": TEXT,
}

PICTURE = {MOBILE: 220, DESKTOP: 392}
VIDEO = {MOBILE: 195, DESKTOP: 350}
SOCIAL = {MOBILE: 190, DESKTOP: 320}
INTERACTIVE = {MOBILE: 449, DESKTOP: 537}
# SoundCloud's player for one track.
AUDIO = {MOBILE: 166, DESKTOP: 166}
# A hairline between two margins of 2.25rem.
RULE = {MOBILE: 73, DESKTOP: 73}
UNKNOWN = {MOBILE: 200, DESKTOP: 200}
EMBEDS = {
    "YouTube": VIDEO,
    "Vimeo": VIDEO,
    "X": SOCIAL,
    "Instagram": SOCIAL,
    "Facebook": SOCIAL,
    "TikTok": SOCIAL,
    "SoundCloud": AUDIO,
    "Spotify": AUDIO,
    "Datawrapper": INTERACTIVE,
    "Flourish": INTERACTIVE,
}


def heights(block, captions):
    """{width: pixels} of a block. captions: {id of an Image, as text: words} of those figures that have none of their
    own."""
    if block.kind in FACES:
        return _of_words(block.kind, _rows(block))
    if block.kind == "figure":
        caption = len(block.text or captions.get(block.attribute("data-image"), ""))
        return {width: PICTURE[width] + _full(caption, TEXT, width) * TEXT.line for width in WIDTHS}
    if block.kind == "embed":
        return EMBEDS.get(embed_provider(block.attribute("data-embed") or ""), UNKNOWN)
    return RULE if block.kind == "rule" else UNKNOWN


def tops(blocks, captions):
    """{width: where each block begins, in pixels from the story's start}, and last where the story ends. Rounded to a
    tenth, the least that the heights differ by: sums of fractions are not to decide."""
    ends = {width: [0.0] for width in WIDTHS}
    for block in blocks:
        height = heights(block, captions)
        for width, found in ends.items():
            found.append(round(found[-1] + height[width], 1))
    return ends


def _rows(block):
    """What begins on a line of its own in a block of words: the characters of the longest in it, a tuple."""
    if block.kind == "list":
        return tuple(_lengths(ITEM, block.html))
    if block.kind == "table":
        return tuple(max(_lengths(CELL, row)) for row in ROW.split(block.html))
    return (len(block.text),)


@lru_cache(maxsize=2_048)
def _of_words(kind, rows):
    """{width: pixels} of a block of words of a kind, remembered: a story's paragraphs are of few lengths."""
    face = FACES[kind]
    return {width: max(1, _lines(rows, face, width)) * face.line + face.margin for width in WIDTHS}


def _lines(rows, face, width):
    return sum(_full(length, face, width) for length in rows)


def _lengths(border, html):
    """The characters of what stands between one border and the next: an item, a cell."""
    return [len(Block("", part).text) for part in border.split(html)]


def _full(length, face, width):
    return ceil(length / face.characters[width])
