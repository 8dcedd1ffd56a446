"""Inserts stand where the rules say, and taking them out gives back the story."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from articles.body import Block
from articles.reading import place

LETTERS = {"p": "paragraph", "h": "heading", "-": "ad_break", "q": "quote", "l": "list", "f": "figure"}


def blocks(letters):
    return [Block(LETTERS[letter], f"<i>{number}</i>") for number, letter in enumerate(letters)]


def drawn(laid):
    """The list as letters: A an ad, P the prompt."""
    kinds = {kind: letter for letter, kind in LETTERS.items()} | {"ad": "A", "prompt": "P"}
    return "".join(kinds[piece.kind] for piece in laid)


@pytest.mark.parametrize(
    ("story", "laid"),
    [
        ("pppp", "PpppAp"),
        ("ppp", "Pppp"),
        ("pp", "Ppp"),
        ("", ""),
        ("pphp", "Ppphp"),
        ("pphpp", "PpphpAp"),
        ("pphhhp", "Ppphhhp"),
        ("p-ppp", "PpAppp"),
        ("-pppp", "PpppAp"),
        ("pp-", "Ppp"),
        ("ppp-", "Pppp"),
        ("pppp-", "PpppAp"),
        ("p--pp", "PpApp"),
        ("pp-pp-pp", "PppAppApp"),
        ("ph-p", "PphAp"),
    ],
)
def test_ads_stand_at_the_breaks_else_after_the_third_block(story, laid):
    assert drawn(place.lay(blocks(story))) == laid


@given(st.text(alphabet=list(LETTERS), max_size=30))
def test_inserts_never_change_the_story(letters):
    story = blocks(letters)
    laid = place.lay(story)
    assert [piece for piece in laid if isinstance(piece, Block)] == [b for b in story if b.kind != "ad_break"]
    assert laid == place.lay(story)


@given(st.text(alphabet=list(LETTERS), max_size=30))
def test_no_ad_is_first_or_last_and_each_has_its_own_number(letters):
    laid = place.lay(blocks(letters), prompt=False)
    ads = [index for index, piece in enumerate(laid) if not isinstance(piece, Block)]
    assert 0 not in ads
    assert len(laid) - 1 not in ads
    assert [laid[index].number for index in ads] == list(range(len(ads)))
