"""The placement plan: where ads, prompts and the slot at the end stand among the blocks of a story. Pure.

One plan for all readers and all widths of a screen; who gets what in a place is decided for each request. The rules for
ads are in `placing.rules`, the estimated heights that they go by in `placing.heights`.
"""

from bisect import bisect_left
from dataclasses import dataclass

from articles.body import Block
from articles.reading.placing.heights import WIDTHS, tops
from articles.reading.placing.rules import BY_RULE, OFF, OWN, Ground, closes, place_ads, share

# Where prompts may stand: on top, at the end, or n > 0, after n blocks.
TOP, END = 0, -1

MARKS = {"ad_break", "wall"}


@dataclass(frozen=True, slots=True)
class Insert:
    """A place for something that is not the story. kind: "ad", "prompt" or "end"; number: of ads from 0, of a prompt
    the place that it was asked for (after so many blocks), of the end 0."""

    kind: str
    number: int = 0


@dataclass(frozen=True, slots=True)
class Plan:
    """What stands where in a story.

    pieces: Block and Insert in the page's order; without the inserts they are the story, which marks are no part of.
    ads: indexes into the story's blocks above which an ad stands, ascending. refused: {index: Refusal} for each other
    seam, the number of blocks being that after the last. heights: {width: pixels} of the story without inserts.
    density: {width: percent} of ads in it, labels included; what may stand in the slot at the end is not counted.
    closing: whether an ad may stand in that slot, where no prompt does.
    """

    pieces: tuple[Block | Insert, ...]
    ads: tuple
    refused: dict
    heights: dict
    density: dict
    closing: bool


def lay(blocks, *, prompts=frozenset({TOP}), wall=False, ads=True, end=True, captions=None):
    """The Plan of a story's blocks with their ad breaks; wall marks among them are passed over.

    prompts: the places where some prompt may stand. One that would not stand above a paragraph, or would part a heading
    from its text, moves to the next seam that does better, and is left out where there is none. wall: one follows the
    last block. ads: whether the story has any. end: whether a slot follows the last block; none does before a wall, nor
    in a story of nothing. captions: {id of an Image: words} of figures that have none of their own.
    """
    story = [block for block in blocks if block.kind not in MARKS]
    kinds = [block.kind for block in story]
    end = end and bool(story) and not wall
    seats = _seats(prompts, kinds)
    at = tops(story, {str(image): words for image, words in (captions or {}).items()})
    ground = Ground(kinds, at, sorted(seats), "wall" if wall else "slot" if end else "end", _own_breaks(blocks))
    refused = place_ads(ground, _rules(ads, ground.own))
    heights = {width: at[width][-1] for width in WIDTHS}
    return Plan(
        pieces=tuple(_pieces(story, seats, ground.ads, end)),
        ads=tuple(ground.ads),
        refused=refused,
        heights=heights,
        density={width: share(len(ground.ads), height) for width, height in heights.items()},
        closing=end and ads and closes(ground),
    )


def _rules(ads, own):
    if not ads:
        return OFF
    return BY_RULE if own is None else OWN


def _own_breaks(blocks):
    """The seams where a break was set; None without any: then the rules choose."""
    seams, above = set(), 0
    for block in blocks:
        if block.kind == "ad_break":
            seams.add(above)
        above += block.kind not in MARKS
    return seams or None


def _seats(prompts, kinds):
    """{seam: [places asked for, ascending]} of the prompts."""
    good = [i for i in range(1, len(kinds)) if kinds[i] == "paragraph" and kinds[i - 1] != "heading"]
    seats = {TOP: [TOP]} if TOP in prompts else {}
    for wanted in sorted(place for place in prompts if place > 0):
        found = bisect_left(good, wanted)
        if found < len(good):
            seats.setdefault(good[found], []).append(wanted)
    return seats


def _pieces(story, seats, ads, end):
    numbers = {seam: number for number, seam in enumerate(ads)}
    for index, block in enumerate(story):
        yield from (Insert("prompt", number) for number in seats.get(index, ()))
        if index in numbers:
            yield Insert("ad", numbers[index])
        yield block
    if end:
        yield Insert("end")
