"""Where inserts stand among the blocks of a story. Pure; the rules are the numbers below.

An ad stands where the editor or the source set a break; a story without breaks gets one by rule. No ad stands before
the first block or behind the last one that the reader gets.
"""

from dataclasses import dataclass

AD_AFTER_BLOCKS = 3
NEVER_BELOW = {"heading"}


@dataclass(frozen=True, slots=True)
class Insert:
    """A place for something that is not the story: its kind (ad, prompt) and its number among those of its kind."""

    kind: str
    number: int = 0


def lay(blocks, *, prompt=True):
    """The blocks with inserts between them: a list of Block and Insert; a prompt, if wanted, stands on top.

    Ad breaks are marks, not text: none is left in the list. Taking the inserts out gives the other blocks unchanged.
    """
    story = [block for block in blocks if block.kind != "ad_break"]
    places = _own_breaks(blocks) or _by_rule(story)
    laid = [Insert("prompt")] if prompt and story else []
    for index, block in enumerate(story):
        if index in places:
            laid.append(Insert("ad", places.index(index)))
        laid.append(block)
    return laid


def _own_breaks(blocks):
    """Indexes into the story's blocks above which a break was set; None of them first or last, each once."""
    places, before = [], 0
    total = sum(block.kind != "ad_break" for block in blocks)
    for block in blocks:
        if block.kind != "ad_break":
            before += 1
        elif 0 < before < total and before not in places:
            places.append(before)
    return places


def _by_rule(story):
    place = AD_AFTER_BLOCKS
    while place < len(story) and story[place - 1].kind in NEVER_BELOW:
        place += 1
    return [place] if place < len(story) else []
