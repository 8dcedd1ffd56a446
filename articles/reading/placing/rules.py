"""Where an ad may stand in a story, and the words for where it may not. Pure; the numbers and the tables are the rules.

A seam is the place above a block, told by the block's index; the last seam, after all blocks, has their number. All
distances are pixels of story without inserts, and hold at both widths.

The body has no mark for a gallery or for a picture of full width yet: a gallery will be one more row of DIRECTLY_AFTER
and of DISTANCES, a wide picture one of DISTANCES with the numbers of the embed, which is as wide as the page today.
"""

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from itertools import accumulate
from math import ceil

from articles.reading.placing.heights import DESKTOP, MOBILE, WIDTHS


def _(message):
    """The message itself, marked for gettext, which whoever shows it asks for a translation."""
    return message


# Pixels of an ad, and of the line above that says what it is.
SLOT, LABEL = 250, 24
# How many percent of a story's height may be ads on a telephone: of those by rule, and with the editor's own breaks.
TARGET, LIMIT = 25, 30
MOST = 4
FEWEST_BLOCKS = 6
BLOCKS_ABOVE = 3

WIDTH_WORDS = {MOBILE: _("on a telephone"), DESKTOP: _("on a wide screen")}

DIRECTLY_AFTER = {
    "heading": _("directly after a heading"),
    "embed": _("directly after an embed"),
    "table": _("directly after a table"),
    "quote": _("directly after a quote"),
    "pullquote": _("directly after a pull quote"),
    "list": _("directly after a list"),
}


@dataclass(frozen=True, slots=True)
class Distance:
    """How far an ad keeps from something. of: a kind of block, or start, end, prompt, slot, wall, ad. below, above:
    pixels by width when the ad stands below that thing, or above it, with the words for it. paragraph: a whole one
    stands between as well; below an ad one always does, the one that it stands above."""

    of: str
    below: dict | None = None
    below_words: str = ""
    above: dict | None = None
    above_words: str = ""
    paragraph: bool = False


def _px(mobile, desktop):
    return {MOBILE: mobile, DESKTOP: desktop}


BETWEEN = _px(750, 750)
_TO_PROMPT = _("to the prompt")

DISTANCES = (
    Distance("start", below=_px(200, 300), below_words=_("below the start of the story")),
    Distance("heading", below=_px(100, 150), below_words=_("below the heading")),
    Distance(
        "figure",
        below=_px(35, 35),
        below_words=_("below the picture"),
        above=_px(200, 200),
        above_words=_("to the picture that follows"),
    ),
    Distance(
        "embed",
        below=_px(200, 200),
        below_words=_("below the embed"),
        above=_px(200, 200),
        above_words=_("to the embed that follows"),
    ),
    Distance(
        "prompt",
        below=_px(200, 200),
        below_words=_TO_PROMPT,
        above=_px(200, 200),
        above_words=_TO_PROMPT,
        paragraph=True,
    ),
    Distance("wall", above=_px(200, 200), above_words=_("to the wall")),
    Distance("slot", above=_px(200, 200), above_words=_("to the place at the end")),
    Distance("end", above=_px(200, 300), above_words=_("to the end of the story")),
    Distance("ad", below=BETWEEN, below_words=_("to the ad above")),
)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why no ad stands at a seam. rule: its name; words: a message; values: what fills it, by name, of which strings
    are messages too."""

    rule: str
    words: str
    values: dict = field(default_factory=dict)

    def said(self, translate=str):
        """The words with their numbers. translate: gettext, or any function of a message."""
        values = {name: translate(value) if isinstance(value, str) else value for name, value in self.values.items()}
        return translate(self.words) % values

    def __str__(self):
        return self.said()


class Ground:
    """A story as the rules see it, with the ads that it has so far.

    kinds: of its blocks; tops: {width: [pixels at each seam]}; prompts: ascending seams; end: what stands after the
    last block: wall, slot, or the end alone; own: the seams where the editor set a break, None if there is none.
    """

    def __init__(self, kinds, tops, prompts, end, own):
        self.kinds, self.tops, self.end, self.own = kinds, tops, end, own
        self.last = len(kinds)
        self.limit = TARGET if own is None else LIMIT
        self.ads = []
        self.paragraphs = [0, *accumulate(kind == "paragraph" for kind in kinds)]
        self.things = {}
        for index, kind in enumerate(kinds):
            begins, ends = self.things.setdefault(kind, ([], []))
            begins.append(index)
            ends.append(index + 1)
        points = {"start": [0], "end": [self.last], end: [self.last], "prompt": prompts, "ad": self.ads}
        self.things |= {thing: (seams, seams) for thing, seams in points.items()}

    def above(self, seam, thing):
        """The seam where the nearest such thing above a seam ends, or None."""
        ends = self.things.get(thing, ([], []))[1]
        at = bisect_right(ends, seam)
        return ends[at - 1] if at else None

    def below(self, seam, thing):
        """The seam where the nearest such thing below a seam begins, or None."""
        begins = self.things.get(thing, ([], []))[0]
        at = bisect_left(begins, seam)
        return begins[at] if at < len(begins) else None

    def pixels(self, first, second, width):
        return round(self.tops[width][second] - self.tops[width][first], 1)


def place_ads(ground, rules):
    """{seam: Refusal} of all seams that got no ad; the others are in ground.ads. From above: the earlier one wins."""
    refused = {}
    for seam in range(ground.last + 1):
        refusal = next(filter(None, (rule(seam, ground) for rule in rules)), None)
        if refusal:
            refused[seam] = refusal
        else:
            ground.ads.append(seam)
    return refused


def closes(ground):
    """Whether one more ad may stand below a story: no short one, not one too many, not near the last, not too dense."""
    if ground.last < FEWEST_BLOCKS or len(ground.ads) >= MOST:
        return False
    if share(len(ground.ads) + 1, ground.tops[MOBILE][-1]) > LIMIT:
        return False
    return all(
        ground.tops[width][-1] - ground.tops[width][seam] >= BETWEEN[width] for seam in ground.ads for width in WIDTHS
    )


def share(ads, height):
    """How many percent of a height so many ads are, with their labels. Of nothing, nothing."""
    return 100 * ads * (SLOT + LABEL) / height if height else 0.0


def _off(seam, ground):
    return Refusal("off", _("this story has no ads"))


def _edges(seam, ground):
    if seam == 0:
        return Refusal("first", _("an ad never stands before the first block"))
    if seam < ground.last:
        return None
    if ground.end == "wall":
        return Refusal("last", _("an ad never stands directly before the wall"))
    return Refusal("last", _("an ad never stands after the last block"))


def _own(seam, ground):
    return None if seam in ground.own else Refusal("own", _("ads stand only at the editor’s own breaks in this story"))


def _short(seam, ground):
    if ground.last < FEWEST_BLOCKS:
        values = {"blocks": ground.last, "wanted": FEWEST_BLOCKS}
        return Refusal("short", _("the story has too few blocks for ads: %(blocks)d, %(wanted)d wanted"), values)
    return None


def _candidate(seam, ground):
    return None if ground.kinds[seam] == "paragraph" else Refusal("paragraph", _("ads stand above paragraphs only"))


def _blocks_above(seam, ground):
    if seam < BLOCKS_ABOVE:
        values = {"blocks": seam, "wanted": BLOCKS_ABOVE}
        return Refusal("blocks", _("too few blocks above: %(blocks)d, %(wanted)d wanted"), values)
    return None


def _touching(seam, ground):
    words = DIRECTLY_AFTER.get(ground.kinds[seam - 1])
    return Refusal("touching", words) if words else None


def _distances(seam, ground):
    for row in DISTANCES:
        if refusal := _too_near_below(row, seam, ground) or _too_near_above(row, seam, ground):
            return refusal
    return None


def _too_near_below(row, seam, ground):
    above = ground.above(seam, row.of)
    if row.below is None or above is None:
        return None
    if refusal := _too_near(row.of, ground, above, seam, row.below, row.below_words):
        return refusal
    if row.paragraph and ground.paragraphs[above] == ground.paragraphs[seam]:
        return Refusal(row.of, _("no whole paragraph between here and the prompt"))
    return None


def _too_near_above(row, seam, ground):
    below = ground.below(seam, row.of)
    if row.above is None or below is None:
        return None
    return _too_near(row.of, ground, seam, below, row.above, row.above_words)


def _too_near(rule, ground, first, second, wanted, where):
    for width in WIDTHS:
        px = ground.pixels(first, second, width)
        if px < wanted[width]:
            values = {"px": int(px), "where": where, "width": WIDTH_WORDS[width], "wanted": wanted[width]}
            return Refusal(rule, _("only %(px)d px %(where)s %(width)s, %(wanted)d wanted"), values)
    return None


def _most(seam, ground):
    if len(ground.ads) < MOST:
        return None
    return Refusal("most", _("the story has its %(ads)d ads, the most there may be"), {"ads": MOST})


def _density(seam, ground):
    percent = share(len(ground.ads) + 1, ground.tops[MOBILE][-1])
    if percent <= ground.limit:
        return None
    words = _("one more ad would make ads %(percent)d %% of the story on a telephone, at most %(limit)d %% may be")
    return Refusal("density", words, {"percent": ceil(percent), "limit": ground.limit})


# Which rules are asked, in this order; the first that refuses is the one that is told. The editor's own breaks win over
# distances and neighbours, never over the edges of the story, the most and the density.
OFF = (_off,)
OWN = (_edges, _own, _most, _density)
BY_RULE = (_edges, _short, _candidate, _blocks_above, _touching, _distances, _most, _density)
