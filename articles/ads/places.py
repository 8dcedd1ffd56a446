"""Where advertisements stand, and which sizes fit there. Rules as data."""

import re

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Kind(TextChoices):
    """The kinds of places."""

    INLINE = "inline", _("Within a story")
    TOP = "top", _("On top of a page")
    END = "end", _("After a story")
    ROW = "row", _("In a list of stories")


# A page has several of these, numbered from 1; of the others it has one.
NUMBERED = {Kind.INLINE: 9, Kind.ROW: 9}
# What a place is called in counts and addresses: "top", "inline2".
PLACES = tuple(
    f"{kind}{number}" if number else str(kind)
    for kind in Kind
    for number in (range(1, NUMBERED[kind] + 1) if kind in NUMBERED else [0])
)
# What is counted where nobody says which place it was.
ELSEWHERE = "elsewhere"

# Widths and heights in CSS pixels that a place takes (IAB's, Fixed Size Ad Specifications), smallest first.
SIZES = {
    Kind.INLINE: ((320, 50), (320, 100), (300, 250), (468, 60), (728, 90), (970, 250)),
    Kind.END: ((320, 50), (320, 100), (300, 250), (468, 60), (728, 90), (970, 250)),
    Kind.TOP: ((320, 50), (320, 100), (728, 90), (970, 90), (970, 250)),
    Kind.ROW: ((320, 50), (320, 100), (300, 250)),
}
# What stories reserve for an advertisement, and above it for its label (static/css/ad.css): whatever comes, nothing
# moves.
SLOT_HEIGHT, LABEL_HEIGHT = 250, 24
RESERVED = {Kind.INLINE, Kind.END}
# A telephone's screen, and what of its width is left between a page's margins.
SCREEN, COLUMN = 390, 350
_NAME = re.compile(r"(inline|row)([1-9])|top|end", re.ASCII)


def name(slot):
    """What a slot, (kind, number), is called: "top", "inline2"."""
    kind, number = slot
    return f"{kind}{number}" if kind in NUMBERED else str(kind)


def is_place(word):
    """Whether a word is the name of a place."""
    return _NAME.fullmatch(word) is not None and word in PLACES


def height_on_a_telephone(width, height):
    """The height in pixels of something that shrinks with its width, on the screen of a telephone."""
    return round(height * min(1, COLUMN / width))


def sizes(kinds):
    """The sizes that fit one of these kinds of places at least, smallest first."""
    return sorted({size for kind in kinds for size in SIZES[kind]})
