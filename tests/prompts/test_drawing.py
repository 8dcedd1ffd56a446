"""A prompt as readers get it: its words, in whose words it asks, and that its answers weigh the same."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from django.template.loader import render_to_string
from django.utils.translation import override

from members.models import Price
from members.prompts import drawing
from members.prompts.choose import CARD, choose
from members.prompts.models import Variant
from members.prompts.running import card
from members.prompts.words import Parted
from members.visit import State
from tests.prompts.campaigns import NOW, PAGE, WATER, campaign, running, visitor

BACK = "next=%2Farticles%2Fmill%2F%3Fa%3Db"
EUROS = Price(amount=500, currency="EUR")
PICTURE = SimpleNamespace(url="/media/p.webp", srcset="/media/p.webp 480w", width=480, height=320)


def drawn(variant=None, state=State.ANONYMOUS, who=None, page=PAGE, price=EUROS, picture=None, spoken="en", **fields):
    """The HTML of a prompt for somebody. fields: of the campaign."""
    variant = variant or Variant(heading="Join us")
    variant.pk = 10
    one = campaign(1, **fields)
    who = who or visitor(state)
    with override(spoken):
        said = drawing.said(variant, one, state, price, picture)
        html = render_to_string(drawing.TEMPLATE, {"prompt": said})
    chosen = choose(page, who, running(one, price=price), NOW)
    parted = Parted.of(html)
    return parted.filled(drawing.values(parted.names, chosen, page, who, NOW, BACK)).decode()


def answers(html):
    """The words of the three answers, in order."""
    return [" ".join(words.split()) for words in re.findall(r'<(?:a|button) class="button[^>]*>([^<]*)<', html)]


def test_it_says_its_words_as_text():
    html = drawn(
        Variant(
            heading="Mills & <b>us</b>", text="One.\n\n  \nTwo.", pitch="Now?", second_button="See", second_url="/join/"
        )
    )
    assert "<h2>Mills &amp; &lt;b&gt;us&lt;/b&gt;</h2>" in html
    assert "<p>One.</p>\n<p>Two.</p>" in html
    assert '<p class="pitch">Now?</p>' in html
    way = "/prompts/1/second/?v=10&amp;at=top&amp;story=7&amp;next=%2Farticles%2Fmill%2F%3Fa%3Db"
    assert f'<a class="plain" rel="nofollow" href="{way}">See</a>' in html
    assert "<img" not in html
    assert 'class="pitch"' not in drawn()
    assert 'class="plain"' not in drawn()


def test_it_says_what_it_is_and_where_it_stands():
    html = drawn(place="after", after=4)
    assert html.startswith(
        '<aside class="prompt" data-insert="prompt" data-seen="prompt:1.10.after.7" data-place="after"'
    )
    assert 'data-place="end"' in drawn(place="after", who=visitor(remembers=False))


def test_three_answers_of_one_weight():
    html = drawn()
    assert answers(html) == ["Join", "Not now", "I already support you"]
    assert re.findall(r'<(?:a|button) class="(button[^"]*)"', html) == ["button second"] * 3


@pytest.mark.parametrize(
    ("state", "states", "button", "asked"),
    [
        (State.ANONYMOUS, [], "", "Join"),
        (State.REGISTERED, [], "", "Join"),
        (State.LAPSED, [], "", "Come back"),
        (State.PAST_DUE, ["past_due", "lapsed"], "", "Update your card"),
        (State.ANONYMOUS, [], "Stand with us", "Stand with us"),
        (State.REGISTERED, [], "Stand with us", "Stand with us"),
        (State.LAPSED, [], "Stand with us", "Come back"),
        (State.LAPSED, ["lapsed"], "We miss you", "We miss you"),
        (State.PAST_DUE, ["past_due", "lapsed"], "Stand with us", "Update your card"),
        (State.PAST_DUE, ["past_due"], "Pay", "Pay"),
    ],
)
def test_the_first_answer_follows_what_the_reader_is(state, states, button, asked):
    assert answers(drawn(Variant(heading="Us", button=button), state, states=states))[0] == asked


def test_its_link_and_its_form_lead_back_to_the_page():
    html = drawn(place="top")
    assert 'href="/prompts/1/join/?v=10&amp;at=top&amp;story=7&amp;next=%2Farticles%2Fmill%2F%3Fa%3Db"' in html
    assert 'rel="nofollow"' in html
    assert 'method="post" action="/prompts/1/answer/"' in html
    fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', html.partition("<button")[0]))
    assert fields == {"v": "10", "at": "top", "story": "7", "next": "/articles/mill/?a=b"}
    russian = {"spoken": "ru", "page": replace(PAGE, language="ru"), "language": "ru"}
    assert 'action="/ru/prompts/1/answer/"' in drawn(**russian)


def test_placeholders_are_filled_for_the_reader_and_the_page():
    words = Variant(
        heading="{day}: {tag}",
        text="You read {articles_read}.",
        pitch="For {plan_price} a month.",
        button="Pay {plan_price}",
    )
    aims = {"include": {"tag": [WATER]}, "tag_names": {str(WATER): "Water & <mud>"}}
    html = drawn(words, who=visitor(reads=4), **aims)
    assert "<h2>Wednesday: Water &amp; &lt;mud&gt;</h2>" in html
    assert "<p>You read 4.</p>" in html
    assert "For €5 a month." in html
    assert answers(html)[0] == "Pay €5"


def test_without_a_known_tag_a_plain_word_stands():
    assert "<h2>More on this subject</h2>" in drawn(Variant(heading="More on {tag}"))


def test_the_day_is_that_of_the_newsroom_in_the_storys_language():
    late = datetime(2026, 11, 25, 21, tzinfo=UTC)  # Thursday, one o'clock, in Tbilisi
    chosen = choose(PAGE, visitor(), running(campaign()), NOW)
    assert drawing.values(["day"], chosen, PAGE, visitor(), late, BACK)["day"] == "Thursday"
    assert drawing.values(["day"], chosen, replace(PAGE, language="ru"), visitor(), late, BACK)["day"] == "Четверг"


def test_a_picture_stands_with_its_words_and_its_size():
    html = drawn(Variant(heading="Us", image=3, image_alt="A mill"), picture=PICTURE)
    assert re.search(r'<img src="/media/p.webp" [^>]*width="480" height="320" alt="A mill"', html)


def test_the_papers_own_word_asks_for_the_card():
    with override("en"):
        said = drawing.said(None, card(), State.PAST_DUE, None)
        html = render_to_string(drawing.TEMPLATE, {"prompt": said})
    chosen = choose(PAGE, visitor(State.PAST_DUE), running(), NOW)
    parted = Parted.of(html)
    html = parted.filled(drawing.values(parted.names, chosen, PAGE, visitor(State.PAST_DUE), NOW, BACK)).decode()
    assert "<h2>Your last payment did not go through</h2>" in html
    assert "your membership goes on as before" in html
    assert answers(html)[0] == "Update your card"
    assert f'action="/prompts/{CARD}/answer/"' in html
