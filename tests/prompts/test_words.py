"""Placeholders: which there are, what fills them, and that what fills them is text."""

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from members.prompts import words
from members.prompts.models import Variant, is_own_path
from members.prompts.words import Parted


def filled(text, **values):
    return Parted.of(words.marked(text)).filled(values).decode()


def test_placeholders_are_filled():
    values = {"tag": "Water", "articles_read": 4, "day": "Friday", "plan_price": "€5"}
    assert (
        filled("On {day} you read {articles_read} on {tag}: {plan_price}.", **values)
        == "On Friday you read 4 on Water: €5."
    )


def test_a_value_that_is_known_is_drawn_at_once():
    assert words.marked("For {plan_price} on {tag}.", plan_price="€5").startswith("For €5 on ")


def test_what_fills_a_placeholder_is_no_markup():
    assert filled("{tag}", tag='<b title="x">&') == "&lt;b title=&quot;x&quot;&gt;&amp;"


def test_a_value_cannot_bring_a_placeholder_in():
    assert filled("{tag}", tag="{day}" + words.mark("day"), day="Friday") == "{day}" + words.mark("day")


@given(st.text(alphabet="ab {}tagdy_-", max_size=30))
def test_all_other_words_stay_as_they_are(text):
    told = filled(text, tag="", day="", articles_read="", plan_price="")
    for name in words.PLACEHOLDERS:
        text = text.replace(f"{{{name}}}", "")
    assert told == text or "{" in text


@pytest.mark.parametrize(
    ("text", "unknown"),
    [
        ("{tag} {articles_read} {day} {plan_price}", []),
        ("{Tag} and {price}, {price}", ["Tag", "price"]),
        ("a { b } and {}", [" b ", ""]),
        ("a { b", []),
    ],
)
def test_what_nobody_fills_is_found(text, unknown):
    assert words.unknown(text) == unknown


@pytest.mark.parametrize("field", ["heading", "text", "pitch", "button", "second_button"])
def test_an_unknown_placeholder_is_refused_by_its_name_with_those_there_are(field):
    said = {"heading": "Join", "second_button": "See", "second_url": "/join/"} | {field: "Hello {reader}"}
    with pytest.raises(ValidationError) as refused:
        Variant(**said).clean()
    told = refused.value.message_dict[field]
    assert told == ["{reader} is no placeholder. These are: {tag}, {articles_read}, {day}, {plan_price}."]


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({}, None),
        ({"second_button": "See", "second_url": "/join/"}, None),
        ({"second_button": "See"}, "second_url"),
        ({"second_url": "/join/"}, "second_url"),
        ({"second_button": "See", "second_url": "https://evil.example/"}, "second_url"),
        ({"image": 3, "image_alt": "A mill"}, None),
        ({"image": 3}, "image_alt"),
    ],
)
def test_a_second_button_leads_to_a_page_of_ours_and_a_picture_has_words(fields, wrong):
    variant = Variant(heading="Join", **fields)
    if wrong is None:
        variant.clean()
    else:
        with pytest.raises(ValidationError) as refused:
            variant.clean()
        assert list(refused.value.message_dict) == [wrong]


@pytest.mark.parametrize(
    ("path", "own"),
    [
        ("/join/", True), ("/articles/მთა/?a=b#c", True), ("", False), ("join/", False), ("//evil.example/", False),
        ("/\\evil.example/", False), ("https://evil.example/", False), ("/a b", False), ("/a\nb", False),
        ("/a\u202eb", False),
    ],
)  # fmt: skip
def test_a_path_of_ours_is_known(path, own):
    assert is_own_path(path) is own


@pytest.mark.parametrize(
    ("name", "text", "named"),
    [
        ("Azerbaijan", "Journalists from Azerbaijan — some of them", True),
        ("azerbaijan", "AZERBAIJAN'S voices", True),
        ("Iran", "The Iranian readout", False),
        ("Azerbaijan-Iran relations", "Of Azerbaijan – Iran relations", True),
        ("Azerbaijan-Iran relations", "Azerbaijan, relations with Iran", False),
        ("Straße", "Auf der STRASSE", True),
        ("Ереван", "Из Еревана", False),
        ("მთა", "ძველი მთა.", True),
        ("e", "the end", False),
        ("Café", "at the Cafe\u0301", True),
        ("!?", "What!?", False),
    ],
)
def test_a_tag_is_named_by_whole_words(name, text, named):
    assert words.named_in({4: name}, "Heading", text) == ({4: name} if named else {})
