"""Inserts stand where the plan says, it says why nowhere else, and taking them out gives back the story."""

import sys

import pytest

from articles.body import Block
from articles.reading import place
from articles.reading.placing.rules import Refusal

LETTERS = {"p": "paragraph", "h": "heading", "-": "ad_break", "w": "wall", "q": "quote", "u": "pullquote", "l": "list",
           "t": "table", "f": "figure", "e": "embed", "r": "rule"}  # fmt: skip
# Twelve lines on a telephone (299.6 px), seven on a wide screen (180.6 px).
LONG = "x" * 468


def blocks(letters, words=LONG):
    """A block for each letter; paragraphs have these words, what else there is has few."""
    return [
        Block(LETTERS[letter], f"<p>{words if letter == 'p' else number}</p>") for number, letter in enumerate(letters)
    ]


def drawn(plan):
    """The pieces as letters: A an ad, P a prompt, E the end."""
    kinds = {kind: letter for letter, kind in LETTERS.items()} | {"ad": "A", "prompt": "P", "end": "E"}
    return "".join(kinds[piece.kind] for piece in plan.pieces)


def said(letters, seam, words=LONG, **asked):
    return str(place.lay(blocks(letters, words), **asked).refused[seam])


@pytest.mark.parametrize(
    ("story", "laid"),
    [
        ("", ""),
        ("p", "PpE"),
        ("hhhhhhhh", "PhhhhhhhhE"),
        ("ppppp", "PpppppE"),
        ("pppppp", "PpppApppE"),
        ("ppphpppp", "PppphpApppE"),
        ("pppqpppp", "PpppqpApppE"),
        ("pppwpppp", "PpppAppppE"),
        ("p" * 12, "PpppApppppAppppE"),
        ("p" * 40, f"PpppApppppApppppApppppA{'p' * 22}E"),
    ],
)
def test_by_rule_ads_stand_after_three_blocks_then_far_apart_and_at_most_four(story, laid):
    assert drawn(place.lay(blocks(story))) == laid


@pytest.mark.parametrize(
    ("story", "laid"),
    [
        ("pp-pp", "PppAppE"),
        ("p-ppp", "PpApppE"),
        ("pp--pp", "PppAppE"),
        ("pp-wpp", "PppAppE"),
        ("pph-ppp", "PpphApppE"),
        ("pppp-qppp", "PppppAqpppE"),
        ("-pppppp", "PppppppE"),
        ("pppppp-", "PppppppE"),
        ("-p-ppp-", "PpApppE"),
        ("ppp-p-p-ppppppp", "PpppApApApppppppE"),
        ("p-p-p-p-p-ppppppppppppp", "PpApApApAppppppppppppppE"),
        ("p-p-p", "PpppE"),
        ("p-p-pp", "PpApppE"),
    ],
)
def test_where_the_editor_set_breaks_ads_stand_there_and_nowhere_else(story, laid):
    assert drawn(place.lay(blocks(story))) == laid


def test_among_breaks_that_are_too_many_the_earliest_stay():
    plan = place.lay(blocks("p-p-p-pp"))
    assert plan.ads == (1,)
    assert plan.heights["mobile"] == 1498
    assert plan.density["mobile"] == pytest.approx(18.29, abs=0.01)


def test_a_story_without_ads_has_none_even_at_breaks_and_keeps_its_other_places():
    plan = place.lay(blocks("pp-pppp-pp"), ads=False)
    assert drawn(plan) == "PppppppppE"
    assert {str(refusal) for refusal in plan.refused.values()} == {"this story has no ads"}
    assert list(plan.refused) == list(range(9))
    assert plan.density == {"mobile": 0, "desktop": 0}


@pytest.mark.parametrize(
    ("story", "prompts", "laid"),
    [
        ("pppp", {}, "pppp"),
        ("pppp", {place.END}, "pppp"),
        ("hppp", {place.TOP}, "Phppp"),
        ("pppp", {place.TOP, 3}, "PpppPp"),
        ("pppp", {4}, "pppp"),
        ("pppp", {9}, "pppp"),
        ("pphpp", {3}, "pphpPp"),
        ("pphpp", {2}, "pphpPp"),
        ("ppflp", {2}, "ppflPp"),
        ("ppphp", {3}, "ppphp"),
        ("pphpp", {3, 4}, "pphpPPp"),
    ],
)
def test_prompts_stand_above_paragraphs_and_part_no_heading_from_its_text(story, prompts, laid):
    assert drawn(place.lay(blocks(story), prompts=prompts, end=False)) == laid


def test_prompts_say_which_place_they_were_asked_for():
    plan = place.lay(blocks("pphpp"), prompts={3, 4, place.TOP})
    assert [piece.number for piece in plan.pieces if piece.kind == "prompt"] == [0, 3, 4]


def test_a_prompt_comes_before_the_ad_of_the_same_seam():
    assert drawn(place.lay(blocks("ppp-ppp"), prompts={3})) == "pppPApppE"


def test_a_place_at_the_end_is_laid_when_wanted_never_before_the_wall():
    story = blocks("pp")
    assert place.lay(story, end=True).pieces[-1] == place.Insert("end")
    assert [drawn(place.lay(story, end=end, wall=wall)) for end, wall in ((False, False), (True, True))] == ["Ppp"] * 2


def test_what_a_picture_says_counts_for_its_height():
    figure = Block("figure", '<figure data-image="7"></figure>')
    assert place.lay([figure]).heights == {"mobile": 220, "desktop": 392}
    assert place.lay([figure], captions={7: "x" * 40}).heights == {"mobile": 267.6, "desktop": 415.8}


def of_lines(count):
    """Words that take so many lines on a telephone."""
    return "x" * 39 * count


@pytest.mark.parametrize(
    ("why", "words"),
    [
        (said("", 0), "an ad never stands before the first block"),
        (said("pppppp", 0), "an ad never stands before the first block"),
        (said("pppppp", 6), "an ad never stands after the last block"),
        (said("pppppp", 6, wall=True), "an ad never stands directly before the wall"),
        (said("ppppp", 3), "the story has too few blocks for ads: 5, 6 wanted"),
        (said("ppphpppp", 3), "ads stand above paragraphs only"),
        (said("pppppp", 2), "too few blocks above: 2, 3 wanted"),
        (said("ppphpppp", 4), "directly after a heading"),
        (said("pppepppp", 4), "directly after an embed"),
        (said("ppptpppp", 4), "directly after a table"),
        (said("pppqpppp", 4), "directly after a quote"),
        (said("pppupppp", 4), "directly after a pull quote"),
        (said("ppplpppp", 4), "directly after a list"),
        (said("pppppp", 3, of_lines(1)), "only 113 px below the start of the story on a telephone, 200 wanted"),
        (said("pppppp", 3, of_lines(4)), "only 256 px below the start of the story on a wide screen, 300 wanted"),
        (said("pppphpppp", 6, of_lines(2)), "only 61 px below the heading on a telephone, 100 wanted"),
        (said("pppphpppp", 6, of_lines(4)), "only 85 px below the heading on a wide screen, 150 wanted"),
        (said("ppppfpppp", 5, of_lines(4)), "only 0 px below the picture on a telephone, 35 wanted"),
        (said("ppppfpp", 3, of_lines(6)), "only 156 px to the picture that follows on a telephone, 200 wanted"),
        (said("pppppeppp", 7, of_lines(4)), "only 109 px below the embed on a telephone, 200 wanted"),
        (said("pppppeppp", 4, of_lines(4)), "only 109 px to the embed that follows on a telephone, 200 wanted"),
        (said("p" * 8, 4, prompts={3}, words=of_lines(7)), "only 180 px to the prompt on a telephone, 200 wanted"),
        (said("p" * 8, 3, prompts={4}, words=of_lines(7)), "only 180 px to the prompt on a telephone, 200 wanted"),
        (said("fffrpppp", 4), "no whole paragraph between here and the prompt"),
        (said("ppppfpp", 3), "only 180 px to the picture that follows on a wide screen, 200 wanted"),
        (said("pppppeppp", 8, of_lines(4)), "only 170 px below the embed on a wide screen, 200 wanted"),
        (said("ppppepp", 3), "only 180 px to the embed that follows on a wide screen, 200 wanted"),
        (said("p" * 10, 5, prompts={3}, words=of_lines(4)), "only 170 px to the prompt on a wide screen, 200 wanted"),
        (said("p" * 8, 3, prompts={4}), "only 180 px to the prompt on a wide screen, 200 wanted"),
        (said("p" * 9, 7, of_lines(3), wall=True), "only 170 px to the wall on a telephone, 200 wanted"),
        (said("p" * 9, 7, of_lines(3)), "only 170 px to the place at the end on a telephone, 200 wanted"),
        (said("p" * 9, 7, of_lines(3), end=False), "only 170 px to the end of the story on a telephone, 200 wanted"),
        (said("p" * 9, 6, of_lines(3), wall=True), "only 184 px to the wall on a wide screen, 200 wanted"),
        (said("p" * 9, 6, of_lines(3)), "only 184 px to the place at the end on a wide screen, 200 wanted"),
        (said("p" * 9, 6, of_lines(3), end=False), "only 184 px to the end of the story on a wide screen, 300 wanted"),
        (said("p" * 12, 5), "only 599 px to the ad above on a telephone, 750 wanted"),
        (said("p" * 40, 23), "the story has its 4 ads, the most there may be"),
        (said("p" * 10, 6, of_lines(4), prompts={3}), "one more ad would make ads 26 % of the story on a telephone, at most 25 % may be"),
        (said("p-p-p", 1), "one more ad would make ads 31 % of the story on a telephone, at most 30 % may be"),
        (said("pp-ppppp", 3), "ads stand only at the editor’s own breaks in this story"),
        (said("pp-ppppp", 3, ads=False), "this story has no ads"),
    ],
)  # fmt: skip
def test_why_there_is_no_ad_is_said_in_words_with_numbers(why, words):
    assert why == words


def test_a_refusal_is_said_in_any_language_with_what_fills_it():
    russian = {"%(where)s: %(px)d": "%(px)d — %(where)s", "to the wall": "до стены"}
    refusal = Refusal("wall", "%(where)s: %(px)d", {"where": "to the wall", "px": 7})
    assert refusal.said(lambda message: russian[message]) == "7 — до стены"
    assert str(refusal) == "to the wall: 7"


def test_what_is_a_pixel_short_is_too_near():
    """Three lines on a wide screen, or two: 11 paragraphs of 25 lines in all are 749 px."""
    story = [*blocks("ppp"), *blocks("ppp", "x" * 180), *blocks("p" * 8, "x" * 140), *blocks("p" * 6)]
    plan = place.lay(story)
    assert plan.ads == (3, 15)
    assert str(plan.refused[14]) == "only 749 px to the ad above on a wide screen, 750 wanted"


def test_what_is_just_far_enough_is_so():
    """750 px on a wide screen, 446.6 px from the start, which floats would make a trifle less: paragraphs of ten lines
    in all, a heading, and two blocks of 200 px."""
    above = [*blocks("pp", "x" * 432), *blocks("p", "x" * 360)]
    poll = Block("poll", "")
    between = [*blocks("p", "x" * 280), *blocks("p", "x" * 200), *blocks("h"), poll, poll, *blocks("p", "x" * 200)]
    assert place.lay([*above, *between, *blocks("p" * 6)]).ads == (3, 9)


def test_what_is_just_not_too_dense_is_so():
    """1096 px on a telephone: 13 paragraphs of thirty lines in all, and a block of 200 px."""
    plan = place.lay([*blocks("pppp", of_lines(3)), *blocks("p" * 9, of_lines(2)), Block("poll", "")])
    assert plan.ads == (5,)
    assert plan.density["mobile"] == 25


@pytest.mark.parametrize("kind", ["ad", "start", "end", "prompt", "slot", ""])
def test_a_block_that_nobody_knows_is_a_block_whatever_its_kind_is_called(kind):
    plan, poll = (place.lay([Block(called, ""), *blocks("p" * 8), Block(called, "")]) for called in (kind, "poll"))
    assert plan.ads == poll.ads == (3, 8)
    assert plan.refused == poll.refused


@pytest.mark.parametrize("letters", ["p" * 5000, "h" * 5000, "pphplf" * 800, "p-" * 2500])
def test_a_story_of_any_length_is_laid(letters):
    plan = place.lay(blocks(letters))
    assert len(plan.ads) + len(plan.refused) == len(letters.replace("-", "")) + 1


def steps(letters):
    """How many lines of Python run to lay such a story."""
    story, before, count = blocks(letters), sys.gettrace(), 0

    def step(_frame, event, _arg):
        nonlocal count
        count += event == "line"
        return step

    sys.settrace(step)
    try:
        place.lay(story, prompts=set(range(0, len(letters), 9)))
    finally:
        sys.settrace(before)
    return count


@pytest.mark.parametrize("letters", ["p", "h", "pphplf", "p-"])
def test_ten_times_the_story_is_ten_times_the_work(letters):
    assert steps(letters * 300) < 12 * steps(letters * 30)


@pytest.mark.parametrize(
    ("paragraphs", "closing"),
    [(0, False), (5, False), (6, True), (8, False), (9, True), (12, True), (15, False), (40, False)],
)
def test_an_ad_closes_a_story_that_is_long_enough_far_from_the_last_and_never_as_the_fifth(paragraphs, closing):
    """Of about 250 pixels each on a wide screen: ads above the fourth, the seventh and so on."""
    told = place.lay([Block("paragraph", "<p>" + "words " * 112 + "</p>")] * paragraphs, prompts=frozenset())
    assert told.closing is closing, (told.ads, told.heights)
    assert not place.lay([Block("paragraph", "<p>x</p>")] * paragraphs, ads=False).closing
    assert not place.lay([Block("paragraph", "<p>x</p>")] * paragraphs, wall=True).closing
