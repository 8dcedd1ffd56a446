"""The rules for ads, each told once more in the plainest way and held against plans of random stories."""

from math import ceil

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from articles.body import Block
from articles.reading import place

always = settings(derandomize=True, deadline=None, max_examples=300)

MOBILE, DESKTOP = 0, 1
NAMES = ("mobile", "desktop")


def lines(length, *, least=1):
    """How many lines so many characters take, on mobile and on desktop."""
    return [max(least, ceil(length / 39)), max(least, ceil(length / 72))]


def set_in(rows):
    """Tenths of a pixel of a block of text with these numbers of lines."""
    return tuple(238 * sum(row[width] for row in rows) + 140 for width in (MOBILE, DESKTOP))


def text(kind, tag, length):
    return Block(kind, f"<{tag}>{'x' * length}</{tag}>"), set_in([lines(length)])


def heading(length):
    tenths = (300 * max(1, ceil(length / 30)) + 400, 300 * max(1, ceil(length / 48)) + 400)
    return Block("heading", f"<h2>{'x' * length}</h2>"), tenths


def items(lengths):
    drawn = "".join(f"<li>{'x' * length}</li>" for length in lengths)
    return Block("list", f"<ul>{drawn}</ul>"), set_in([lines(length) for length in lengths])


def rows(cells):
    drawn = "".join("<tr>" + "".join(f"<td>{'x' * n}</td>" for n in row) + "</tr>" for row in cells)
    return Block("table", f"<table>{drawn}</table>"), set_in([lines(max(row)) for row in cells])


def picture(length):
    caption = lines(length, least=0)
    html = f'<figure data-image="1"><figcaption>{"x" * length}</figcaption></figure>'
    return Block("figure", html), (2200 + 238 * caption[MOBILE], 3920 + 238 * caption[DESKTOP])


EMBEDS = {
    "https://youtu.be/x": (1950, 3500),
    "https://x.com/a/status/1": (1900, 3200),
    "https://datawrapper.de/x": (4490, 5370),
    "https://soundcloud.com/x": (1660, 1660),
}


def embedded(url):
    return Block("embed", f'<figure data-embed="{url}"></figure>'), EMBEDS[url]


# A story is a list of (block, (tenths of a pixel on mobile, on desktop)); an ad break has no height.
BREAK = (Block("ad_break", '<hr data-mark="ad">'), (0, 0))
RULE = (Block("rule", "<hr>"), (730, 730))
POLL = (Block("poll", "<p>Yes?</p>"), (2000, 2000))
paragraphs = st.builds(text, st.just("paragraph"), st.just("p"), st.integers(1, 700))
lengths = st.integers(1, 160)
others = st.one_of(
    st.builds(heading, st.integers(1, 100)),
    st.builds(text, st.just("quote"), st.just("blockquote"), lengths),
    st.builds(text, st.just("pullquote"), st.just("blockquote"), lengths),
    st.builds(items, st.lists(lengths, min_size=1, max_size=4)),
    st.builds(rows, st.lists(st.lists(lengths, min_size=1, max_size=3), min_size=1, max_size=4)),
    st.builds(picture, st.integers(0, 120)),
    st.sampled_from(sorted(EMBEDS)).map(embedded),
    st.sampled_from([RULE, POLL]),
)
stories = st.one_of(
    st.lists(paragraphs, max_size=40),
    st.lists(st.one_of(paragraphs, paragraphs, paragraphs, others), max_size=40),
    st.lists(st.one_of(paragraphs, others), max_size=20),
)
broken = st.lists(st.one_of(paragraphs, paragraphs, others, st.just(BREAK)), max_size=30).filter(
    lambda story: BREAK in story
)
places = st.frozensets(st.integers(-1, 25), max_size=4)


class Seen:
    """A plan and the story it was made of, with what the rules below ask of them."""

    def __init__(self, story, plan):
        self.plan = plan
        self.story = [part for part in story if part is not BREAK]
        self.kinds = [block.kind for block, _tenths in self.story]
        self.last = len(self.story)
        self.prompts = [seam for seam, insert in seams(plan.pieces) if insert.kind == "prompt"]

    def tenths(self, first, second, width):
        return sum(height[width] for _block, height in self.story[first:second])

    def near(self, first, second, mobile, desktop):
        """Whether two seams are nearer to each other than this, in pixels, at either width."""
        first, second = sorted((first, second))
        return self.tenths(first, second, MOBILE) < 10 * mobile or self.tenths(first, second, DESKTOP) < 10 * desktop

    def too_dense(self, ads, percent):
        return ads * 2740 * 100 > percent * self.tenths(0, self.last, MOBILE)

    def each(self, kind):
        return [index for index, found in enumerate(self.kinds) if found == kind]


def seams(pieces):
    """(seam, Insert) of each insert among the pieces."""
    blocks = 0
    for piece in pieces:
        if isinstance(piece, Block):
            blocks += 1
        else:
            yield blocks, piece


def keeps_off(kind, below, above):
    """A rule: pixels (mobile, desktop) that an ad stands below blocks of a kind, and above them."""
    return lambda seen, at, ads: any(
        seen.near(index + 1, at, *below) if index < at else seen.near(at, index, *above) for index in seen.each(kind)
    )


def no_prompt_near(seen, at, ads):
    return any(
        seen.near(seam, at, 200, 200) or "paragraph" not in seen.kinds[min(seam, at) : max(seam, at)]
        for seam in seen.prompts
    )


NEVER_AFTER = {"heading", "embed", "table", "quote", "pullquote", "list"}

# name -> (seen, seam, ads above) -> whether the rule is broken; in the order in which a refusal is told.
RULES = {
    "first": lambda seen, at, ads: at == 0,
    "last": lambda seen, at, ads: at == seen.last,
    "short": lambda seen, at, ads: seen.last < 6,
    "paragraph": lambda seen, at, ads: seen.kinds[at] != "paragraph",
    "blocks": lambda seen, at, ads: at < 3,
    "touching": lambda seen, at, ads: seen.kinds[at - 1] in NEVER_AFTER,
    "start": lambda seen, at, ads: seen.near(0, at, 200, 300),
    "heading": keeps_off("heading", below=(100, 150), above=(0, 0)),
    "figure": keeps_off("figure", below=(35, 35), above=(200, 200)),
    "embed": keeps_off("embed", below=(200, 200), above=(200, 200)),
    "prompt": no_prompt_near,
    "wall": lambda seen, at, ads: seen.wall and seen.near(at, seen.last, 200, 200),
    "slot": lambda seen, at, ads: seen.slot and seen.near(at, seen.last, 200, 200),
    "end": lambda seen, at, ads: seen.near(at, seen.last, 200, 300),
    "ad": lambda seen, at, ads: bool(ads) and seen.near(ads[-1], at, 750, 750),
    "most": lambda seen, at, ads: len(ads) >= 4,
    "density": lambda seen, at, ads: seen.too_dense(len(ads) + 1, 25),
}
OWN_RULES = {
    "first": RULES["first"],
    "last": RULES["last"],
    "own": lambda seen, at, ads: at not in seen.own,
    "most": RULES["most"],
    "density": lambda seen, at, ads: seen.too_dense(len(ads) + 1, 30),
}


def laid(story, prompts, wall, end):
    seen = Seen(story, place.lay([block for block, _ in story], prompts=prompts, wall=wall, end=end))
    seen.wall, seen.slot = wall, end and not wall
    return seen


def own_breaks(story):
    return {sum(part is not BREAK for part in story[:index]) for index, part in enumerate(story) if part is BREAK}


def judged(seen, rules):
    """What the rules make of all seams, from above: (ads, {seam: name of the first rule broken})."""
    ads, refused = [], {}
    for at in range(seen.last + 1):
        broken_rule = next((name for name, breaks in rules.items() if breaks(seen, at, ads)), None)
        if broken_rule:
            refused[at] = broken_rule
        else:
            ads.append(at)
    return tuple(ads), refused


@pytest.mark.parametrize("rule", RULES)
@settings(derandomize=True, deadline=None, max_examples=60)
@given(story=stories, prompts=places, wall=st.booleans(), end=st.booleans())
def test_no_ad_breaks_a_rule(rule, story, prompts, wall, end):
    seen = laid(story, prompts, wall, end)
    for number, at in enumerate(seen.plan.ads):
        assert not RULES[rule](seen, at, seen.plan.ads[:number])


@always
@given(story=stories, prompts=places, wall=st.booleans(), end=st.booleans())
def test_an_ad_stands_wherever_all_rules_let_it_and_else_the_first_that_does_not_is_told(story, prompts, wall, end):
    seen = laid(story, prompts, wall, end)
    told = {seam: refusal.rule for seam, refusal in seen.plan.refused.items()}
    assert (seen.plan.ads, told) == judged(seen, RULES)


@always
@given(story=broken, prompts=places, wall=st.booleans(), end=st.booleans())
def test_own_breaks_give_way_to_edges_most_and_density_alone_the_earliest_stay(story, prompts, wall, end):
    seen = laid(story, prompts, wall, end)
    seen.own = own_breaks(story)
    told = {seam: refusal.rule for seam, refusal in seen.plan.refused.items()}
    assert (seen.plan.ads, told) == judged(seen, OWN_RULES)


@always
@given(story=st.one_of(stories, broken), prompts=places)
def test_a_plan_says_how_high_the_story_is_and_how_dense_its_ads_are(story, prompts):
    seen = laid(story, prompts, wall=False, end=True)
    limit = 30 if BREAK in story else 25
    for width, name in enumerate(NAMES):
        tenths = seen.tenths(0, seen.last, width)
        assert round(seen.plan.heights[name] * 10) == tenths
        percent = 100 * 2740 * len(seen.plan.ads) / tenths if tenths else 0
        assert seen.plan.density[name] == pytest.approx(percent)
    assert seen.plan.density["mobile"] <= limit


@always
@given(story=st.one_of(stories, broken), prompts=places, wall=st.booleans(), end=st.booleans(), ads=st.booleans())
def test_taking_the_inserts_out_gives_back_the_story_and_every_seam_is_told_of(story, prompts, wall, end, ads):
    blocks = [block for block, _ in story]
    plan = place.lay(blocks, prompts=prompts, wall=wall, end=end, ads=ads)
    left = [piece for piece in plan.pieces if isinstance(piece, Block)]
    assert left == [block for block in blocks if block.kind != "ad_break"]
    inserts = list(seams(plan.pieces))
    stand = [(seam, insert.number) for seam, insert in inserts if insert.kind == "ad"]
    assert stand == [(seam, number) for number, seam in enumerate(plan.ads)]
    assert sorted({*plan.refused, *plan.ads}) == list(range(len(left) + 1))
    assert not {*plan.refused} & {*plan.ads}
    assert [seam for seam, insert in inserts if insert.kind == "end"] == [len(left)] * bool(end and not wall and left)
    assert plan == place.lay(list(blocks), prompts=set(prompts), wall=wall, end=end, ads=ads)


@always
@given(story=st.one_of(stories, broken), prompts=places)
def test_prompts_stand_where_asked_or_at_the_next_seam_that_parts_nothing(story, prompts):
    seen = laid(story, prompts, wall=False, end=True)
    kinds = seen.kinds
    for wanted in prompts:
        stands = [seam for seam, i in seams(seen.plan.pieces) if i == place.Insert("prompt", wanted)]
        fits = [
            seam
            for seam in range(max(0, wanted), seen.last)
            if seam == 0 or (kinds[seam] == "paragraph" and kinds[seam - 1] != "heading")
        ]
        assert stands == (fits[:1] if wanted >= 0 else [])
