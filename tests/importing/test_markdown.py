from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from articles.body import AD_BREAK, WALL_MARK
from articles.importing.formats.markdown import parse
from articles.importing.story import Correction, Picture

NOON = datetime(2026, 3, 31, 12, tzinfo=UTC)
TEXT = "The ferry left.\n\nIt came back.\n\nNobody was on it."


def story(front="headline: Ferry leaves", text=TEXT):
    parsed = parse(f"---\n{front}\n---\n\n{text}\n", NOON, "ferry.md")
    assert not parsed.failures, parsed.failures
    return parsed.stories[0]


def failure(front, text=TEXT):
    parsed = parse(f"---\n{front}\n---\n\n{text}\n", NOON, "ferry.md")
    assert not parsed.stories
    return parsed.failures[0]


def html(text):
    return story(text=text).html.replace("> <", "><").split("\n")


def test_every_key_has_its_field():
    told = story(
        """id: vc-001
headline: Ferry leaves
standfirst: "It is late: as ever."
section: Roads
tags: [Ferries, Upper Dzor, Ferries]
hashtags: "#Ferries, UpperDzor"
authors: Dato Kerim, Elza Marand
published: 2026-03-30
updated: 2 hours ago
source: The Valley Courier
url: https://example.com/ferry
language: no
image: ../images/ferry.jpg
image_alt: A ferry
image_credit: Somebody
access: members
early_access_until: in 3 days
metered: yes
audio: registered
related: [vc-002, vc-003]
corrections:
  - date: 2026-03-31
    text: It left at eight.
  - 2 hours ago: It was not late.
translation_of: vc-000"""
    )

    assert (told.external_id, told.section, told.standfirst) == ("vc-001", "Roads", "It is late: as ever.")
    assert (told.tags, told.hashtags) == (("Ferries", "Upper Dzor"), ("Ferries", "UpperDzor"))
    assert told.authors == ("Dato Kerim", "Elza Marand")
    assert told.published == NOON - timedelta(days=1)
    assert (told.updated, told.early_access_until) == (NOON - timedelta(hours=2), NOON + timedelta(days=3))
    assert told.worked_out == {"updated", "early_access_until"}
    assert (told.source, told.source_url, told.language) == ("The Valley Courier", "https://example.com/ferry", "no")
    assert told.image == Picture("../images/ferry.jpg", "A ferry", credit="Somebody")
    assert (told.audience, told.metered, told.audio) == ("members", True, "registered")
    assert (told.related, told.translation_of) == (("vc-002", "vc-003"), "vc-000")
    assert told.corrections == (
        Correction(NOON, "It left at eight."), Correction(NOON - timedelta(hours=2), "It was not late.", worked_out=True),
    )  # fmt: skip
    assert not told.warnings


def test_a_story_without_date_has_that_of_its_file():
    assert (story().published, story().worked_out) == (NOON, {"published"})


def test_blank_values_say_nothing():
    told = story("headline: Ferry\naccess:\naudio: ~\nmetered: null\npreview:\ntags: []")
    assert (told.audience, told.audio, told.metered, told.tags) == ("", "", None, ())


def test_without_front_matter_the_first_heading_is_the_headline():
    parsed = parse("# Ferry leaves\n\nIt left.\n\n# Later\n\nIt came.", NOON, "ferry.md")
    assert parsed.stories[0].headline == "Ferry leaves"
    assert parsed.stories[0].html == "<p>It left.</p>\n<h2>Later</h2>\n<p>It came.</p>"


@pytest.mark.parametrize(
    ("front", "line", "words"),
    [
        ("headline: Ferry\naccess: free", 3, ["access", "'free'", "everyone, registered, members"]),
        ("headline: Ferry\n\naudio: yes", 4, ["audio", "'yes'", "off, everyone, registered, members"]),
        ("headline: Ferry\nmetered: perhaps", 3, ["metered", "true, false"]),
        ("headline: Ferry\npreview: -1", 3, ["preview", "number of paragraphs"]),
        ("headline: Ferry\npublished: soonish", 3, ["published", "'soonish'", "2026-03-31"]),
        ("headline: Ferry\nurl: javascript:alert(1)", 3, ["url", "https://"]),
        ("headline: Ferry\ntags: {a: b}", 3, ["tags", "list"]),
        ("headline: [a, b]", 2, ["headline", "one value"]),
        ("headline: Ferry\ncorrections: [soon]", 3, ["corrections", "date and text"]),
        ("headline: " + "x" * 301, 2, ["headline", "301", "300"]),
        ("headline: A: B", 2, ["YAML"]),
        ("- headline", 2, ["keys and values"]),
        ("section: Roads", 1, ["no headline"]),
    ],
)
def test_a_wrong_value_is_named_with_its_line_and_what_is_allowed(front, line, words):
    wrong = failure(front)
    assert (wrong.file, wrong.line) == ("ferry.md", line)
    assert all(word in wrong.reason for word in words), wrong.reason


def test_a_front_matter_that_is_not_closed_is_a_failure():
    assert "not closed" in parse("---\nheadline: Ferry\n\nIt left.", NOON, "ferry.md").failures[0].reason


def test_a_story_without_text_is_a_failure():
    assert "no text" in failure("headline: Ferry", "<!-- ad -->\n\n<script>x</script>").reason


def test_unknown_and_repeated_keys_are_warned_of():
    told = story("headline: Ferry\nauthor: Dato\nheadline: Boat")
    assert told.headline == "Boat"
    assert [(note.line, note.text.split(" ")[2]) for note in told.warnings] == [(3, "'author'"), (4, "'headline'")]


def test_the_text_becomes_blocks():
    text = "## Later\n\nIt *left* at **9**.\n\n- tea\n- bread\n\n> So it is.\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n##### Deep\n\n~~no~~"
    assert html(text) == [
        "<h2>Later</h2>", "<p>It <em>left</em> at <strong>9</strong>.</p>", "<ul><li>tea</li><li>bread</li></ul>",
        "<blockquote><p>So it is.</p></blockquote>",
        "<table><thead><tr><th>a</th><th>b</th></tr></thead><tbody><tr><td>1</td><td>2</td></tr></tbody></table>",
        "<h4>Deep</h4>", "<p><s>no</s></p>",
    ]  # fmt: skip


def test_an_image_alone_is_a_figure_with_caption_and_credit():
    told = story(text='It left.\n\n![A <boat>](../a.jpg "The boat | at dawn | Somebody")\n\n![](b.png)')
    assert told.pictures == (Picture("../a.jpg", "A <boat>", "The boat | at dawn", "Somebody"), Picture("b.png"))
    assert told.html.split("\n")[1] == (
        '<figure data-image="1" data-alt="A &lt;boat&gt;"><figcaption>The boat | at dawn <small>Somebody</small></figcaption></figure>'
    )
    assert '<figure data-image="2"></figure>' in told.html


def test_an_image_within_a_paragraph_is_left_out_with_a_warning():
    told = story(text="It left ![A boat](a.jpg) today.\n\n- ![x](b.jpg) y")
    assert told.pictures == ()
    assert [note.line for note in told.warnings] == [5, 7]


def test_a_file_cannot_name_the_images_of_the_site_by_number():
    assert "data-image" not in story(text='It left.\n\n<figure data-image="7"><figcaption>x</figcaption></figure>').html


def test_a_pull_quote_has_words_and_perhaps_a_source():
    assert html("> [!pull]\n> So it is.\n> Yes.\n>\n> — Nunu, mechanic\n\nEnd.")[0] == (
        '<blockquote data-kind="pull"><p>So it is. Yes.</p><cite>Nunu, mechanic</cite></blockquote>'
    )
    assert (
        html("> [!pull]\n>\n> So *it* is.\n\nEnd.")[0]
        == '<blockquote data-kind="pull"><p>So <em>it</em> is.</p></blockquote>'
    )


def test_an_address_of_a_provider_alone_is_an_embed():
    assert (
        html("https://youtu.be/x?a=1&b=2\n\nEnd.")[0] == '<figure data-embed="https://youtu.be/x?a=1&amp;b=2"></figure>'
    )
    assert html("<https://vimeo.com/1>\n\nEnd.")[0] == '<figure data-embed="https://vimeo.com/1"></figure>'
    assert html("https://example.com/x\n\nSee https://youtu.be/x too.")[0] == "<p>https://example.com/x</p>"


def test_marks_stand_alone_on_a_line():
    assert html("One.\n\n<!-- ad -->\nTwo.\n\n<!-- wall -->\n\nThree.") == [
        "<p>One.</p>", AD_BREAK, "<p>Two.</p>", WALL_MARK, "<p>Three.</p>",
    ]  # fmt: skip


def test_preview_counts_paragraphs_unless_a_wall_is_written():
    assert story("headline: F\npreview: 2").html.split("\n")[2] == WALL_MARK
    assert story("headline: F\npreview: 0").html.split("\n")[0] == WALL_MARK
    assert story("headline: F\npreview: 9").html.split("\n")[-1] == WALL_MARK
    assert story("headline: F\npreview: 2", "One.\n\n<!-- wall -->\n\nTwo.\n\nThree.").html.count(WALL_MARK) == 1


def test_raw_html_goes_through_the_sanitiser_with_a_warning_of_what_is_lost():
    told = story(
        text='It <u onclick="x()">left</u>.\n\n<script>alert(1)</script>\n\n<p lang="ka">წყალი</p>\n\nIt came <sub>2</sub>.'
    )
    assert told.html == '<p>It <u>left</u>.</p>\n<p lang="ka">წყალი</p>\n<p>It came <sub>2</sub>.</p>'
    assert [(note.line, note.text.split(": ")[1]) for note in told.warnings] == [(5, "onclick"), (7, "<script>")]


def test_a_text_that_breaks_off_is_warned_of():
    assert [(note.line, note.text) for note in story(text="It left.\n\nAnd then the").warnings] == [
        (7, "the text ends in mid-sentence")
    ]
    assert not story(text="It left.\n\n- tea\n- bread").warnings


def test_a_story_of_one_writing_has_one_digest_whatever_the_day():
    front = "headline: Ferry\npublished: 2 hours ago\nrelated: [a]\ntags: [x]"
    later = parse(f"---\n{front.replace('[a]', '[b]')}\n---\n\n{TEXT}\n", NOON + timedelta(days=2), "other.md").stories[
        0
    ]
    assert story(front).digest() == later.digest()
    assert story(front.replace("[x]", "[y]")).digest() != later.digest()
    assert story(front.replace("2 hours ago", "2026-01-01")).digest() != later.digest()
    assert story(front).digest(["a picture"]) != later.digest()
    assert story(front, TEXT + " End.").digest() != later.digest()
    assert story(f"{front}\npreview: 1").digest() != later.digest()
    # How we write its HTML may change; the story does not.
    assert replace(later, html="<p>Otherwise.</p>").digest() == later.digest()


PIECES = st.lists(st.one_of(st.text(max_size=30), st.sampled_from(
    ["---", "headline: x", "tags: [a", "&a [*a]", "> [!pull]", "> — x", "![a](b.jpg \"c | d\")", "<!-- ad -->", "<!-- wall -->", "<script>",
     "</p>", "# H", "- x", "| a |\n|-|", "https://youtu.be/x", "<figure data-image=1>", "```", "    code", "published: \"\\0 \\ud800\""]
)), max_size=20)  # fmt: skip


@given(PIECES)
def test_no_file_makes_the_parser_fall_over(pieces):
    parsed = parse("\n".join(pieces), NOON, "x.md")
    assert parsed.stories or parsed.failures
    for told in parsed.stories:
        (told.headline + told.html + "".join(told.tags)).encode()
