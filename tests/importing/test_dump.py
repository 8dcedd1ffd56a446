"""The page dump: the real one, and what holds for every page."""

import re
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
from django.conf import settings
from hypothesis import given
from hypothesis import strategies as st

from articles.body import AD_BREAK
from articles.importing import files
from articles.importing.formats import detect
from articles.importing.formats.dump import HASHTAGS, parse
from tests.importing.dumps import AUDIO, BUTTON, PROMPT, dump, related

NOON = datetime(2025, 7, 4, 12, tzinfo=UTC)
REAL = settings.BASE_DIR.parent / "shared" / "seeds"
BOILERPLATE = (
    "Advertisement",
    "Become a member",
    "Hashtags",
    "Try Our AI Features",
    "No comments yet",
    "Sign in or",
    "Related Articles",
)


def words_of(story):
    lines = [line for line in story.html.split("\n") if line != AD_BREAK]
    return " ".join(unescape(line.removeprefix("<p>").removesuffix("</p>")) for line in lines)


@pytest.fixture
def real():
    if not REAL.exists():
        pytest.skip("the real dump is not on this machine")
    text = files.read(next(files.stories(REAL))).text
    return text, parse(text, NOON)


def test_the_real_page_is_four_stories_without_a_warning(real):
    _text, parsed = real

    assert [len(parsed.stories), parsed.failures, parsed.warnings] == [4, [], []]
    assert not any(story.warnings for story in parsed.stories)


def test_the_real_main_story_is_whole(real):
    main = real[1].stories[0]

    assert (main.paragraphs, main.ad_breaks, len(main.tags), main.line, main.audio) == (11, [6], 5, 2, "")
    assert (main.published, main.source, main.section) == (NOON, "", "")


def test_the_real_related_stories_carry_source_date_and_audio_gate(real):
    related_stories = real[1].stories[1:]

    assert [story.audio for story in related_stories] == ["registered", "registered", ""]
    assert {(story.source, story.published) for story in related_stories} == {("OC Media", NOON - timedelta(days=1))}
    assert [len(story.ad_breaks) for story in related_stories] == [1, 1, 0]


def test_the_real_prompt_is_one_and_stands_in_no_text(real):
    stories = real[1].stories
    assert len({story.prompt for story in stories}) == 1
    assert all(stories[0].prompt.title not in words_of(story) for story in stories)
    assert not any(mark in words_of(story) for story in stories for mark in BOILERPLATE)


def test_the_real_one_line_texts_come_back_letter_by_letter(real):
    text, parsed = real
    prompt = parsed.stories[0].prompt
    said = " ".join(f"{prompt.title} {prompt.text} {prompt.pitch} {prompt.button}".split())
    for story in parsed.stories[1:]:
        line = text.split("\n")[story.line]
        for mark in (f"{AUDIO} ", f"{said} ", "Advertisement "):
            line = line.replace(mark, "")
        assert words_of(story) == line


def test_a_page_is_told_from_markdown_by_its_words():
    assert detect(dump(), ".md") == detect(dump(), ".txt") == "dump"
    assert detect("---\nheadline: x\n---\ntext", ".txt") == "markdown"
    assert [detect("# Any\n\ntext", ending) for ending in (".md", ".txt", "")] == ["markdown", "dump", "dump"]


SENTENCES = st.lists(
    st.sampled_from(["The river rose.", "'Why?' she asked.", "Advertisement prices fell.", "12 people came.", "Mr. Seld left.",
                     "They said 'no. Never.' twice.", "წყალი ავიდა.", "An advertisement hung there."]),
    min_size=1, max_size=30,
)  # fmt: skip


@given(SENTENCES, st.integers(0, 30), st.booleans(), st.booleans(), st.booleans())
def test_a_one_line_text_survives_with_its_break_in_place(told, place, audio, prompt, own):
    before, after = " ".join(told[:place]), " ".join(told[place:])
    line = " ".join(part for part in (before, "Advertisement" if before and after else "", after) if part)
    page = dump(
        prompt=PROMPT if own else None,
        stories=[related(text=line, audio=AUDIO if audio else None, prompt=PROMPT if prompt else None)],
    )
    [_main, story] = parse(page, NOON).stories

    assert words_of(story) == " ".join(told)
    lines = story.html.split("\n")
    if before and after:
        assert unescape(re.sub("</?p>", "", " ".join(lines[: lines.index(AD_BREAK)]))) == before
    assert (story.audio, story.prompt is not None) == ("registered" if audio else "", prompt)


LINES = st.lists(
    st.one_of(
        st.sampled_from(["", "Advertisement", HASHTAGS, "Try Our AI Features", "Comments", "No comments yet...", "Related Articles",
                         "OC Media", "a day ago", "- OC Media", BUTTON, AUDIO, "#Water", "Water, Dams", "A story.", *PROMPT,
                         f"{AUDIO} {' '.join(PROMPT)} {BUTTON} It rained. Advertisement It poured."]),
        st.text(max_size=60),
    ),
    max_size=40,
)  # fmt: skip


@given(LINES)
def test_no_page_makes_the_parser_fall_over(lines):
    parsed = parse("\n".join(lines), NOON, "page.txt")

    count = len("\n".join(lines).split("\n"))
    notes = [*parsed.warnings, *(note for story in parsed.stories for note in story.warnings)]
    assert all(1 <= note.line <= count for note in notes)
    assert all(1 <= failure.line <= count for failure in parsed.failures)
    assert all(story.headline and words_of(story).strip() for story in parsed.stories)
    assert parsed.stories or parsed.failures


@pytest.mark.parametrize(
    "line",
    [" " * 400_000 + "x", "'" * 400_000, ". " * 200_000, "Advertisement " * 30_000, f"{BUTTON} " * 20_000, "<a" * 200_000, "#" * 400_000,
     "a. A" * 100_000, "(" * 400_000, "sign in or " * 40_000],
)  # fmt: skip
def test_a_hostile_line_takes_no_longer_than_its_length(line):
    started = datetime.now(UTC)
    parse(dump(body=("It rained.", line), hashtags=(line,), stories=[related(text=line)]), NOON)

    assert datetime.now(UTC) - started < timedelta(seconds=8)
