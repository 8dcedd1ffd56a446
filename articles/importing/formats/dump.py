"""The page dump: the text of an aggregator's story page, one line for each piece of the page.

    headline                                   Hashtags
    [audio sentence]                           [#words]
    [prompt … up to "Become a member"]         Try Our AI Features, and its blurb
    [tags, separated by commas]                Comments, and comments
    paragraphs and lines "Advertisement"       Related Articles, and for each one:
                                               source, age, "- source", headline, the whole story on one line

Pure: text in, stories out. Where a page differs from this, it is read as far as it makes sense.
"""

import re
from typing import NamedTuple

from articles.importing.ages import moment
from articles.importing.boilerplate import (
    ADVERTISEMENT,
    AUDIO,
    BLANK,
    BUTTON,
    Line,
    in_lines,
    in_one_line,
    other_prompts,
    prompt_of,
)
from articles.importing.reflow import ends_sentence
from articles.importing.story import Failure, Form, Note, Parsed, Story

# The page's own words: as whole lines they part it.
HASHTAGS = "Hashtags"
FEATURES = "Try Our AI Features"
COMMENTS = "Comments"
NO_COMMENTS = {"No comments yet...", "No comments yet…", "No comments yet"}
RELATED = "Related Articles"

# Up to this size all before a button is the main story's prompt. A longer one must be followed by the line of tags, or
# be met again in a related story: else the button stands in the story itself.
PROMPT_LINES = 12
PROMPT_LETTERS = 1600
PROMPT_LINES_MAX = 30
# A longer line in a prompt may be a paragraph of the story.
PROMPT_LINE_LETTERS = 600
AUDIO_LINES = 6
TAG_LENGTH = 60
SOURCE_LENGTH = 100
HEADLINE_LENGTH = 300

TAG_SEPARATOR = re.compile(r"[,،]")
HASHTAG = re.compile(r"#([^\s#,;]+)")
DASHED = re.compile(r"[-–—]\s*(\S.*)")
MARKUP = re.compile(r"</?[a-z][^<>]{0,200}>|<!--|<script\b", re.IGNORECASE)


class Head(NamedTuple):
    """What stands above a related story's headline: so many lines from `start` on."""

    start: int
    length: int
    source: str
    age: str


class Top(NamedTuple):
    """What stands above the main story's text, and the lines of the text."""

    audio: bool
    prompt: object
    tags: tuple[str, ...]
    text: list[Line]
    notes: tuple[Note, ...]


class Parts(NamedTuple):
    """The page cut at its own words. hashtags: None where the word itself is missing."""

    main: list[Line]
    hashtags: list[Line] | None
    comments: list[Line]
    related: list[Line]


def parse(text, as_of, file=""):
    """`Parsed` from the text of a page. as_of: the aware moment of the page, in the newsroom's time zone."""
    lines = [Line(number, trimmed) for number, line in enumerate(text.split("\n"), 1) if (trimmed := line.strip(BLANK))]
    parts = _parts(lines)
    if not parts.main:
        reason = "the file has no headline" if lines else "the file is empty"
        return Parsed(failures=[Failure(file, 1, reason)])
    parsed = Parsed()
    parsed.warnings += [Note(line.number, f"a comment is not imported: {_short(line)}") for line in parts.comments]
    top = _top(parts.main[1:], parts.related)
    parsed.warnings += top.notes
    _add_main(parsed, parts, top, as_of, file)
    _add_related(parsed, parts.related, top.prompt, as_of, file)
    return parsed


def _parts(lines):
    texts = [line.text for line in lines]
    features = _index(texts, FEATURES)
    below = _index(texts, RELATED, features if features < len(texts) else 0)
    foot = min(features, below)
    # Of several lines that are the word, the last one is the page's.
    mark = max((i for i in range(foot) if texts[i] == HASHTAGS), default=None)
    comments = _index(texts[:below], COMMENTS, foot if mark is None and features < below else mark or 0)
    end = min(foot, comments)
    said = [line for line in lines[comments + 1 : below] if line.text not in NO_COMMENTS]
    if mark is None:
        return Parts(lines[:end], None, said, lines[below + 1 :])
    return Parts(lines[:mark], lines[mark + 1 : end], said, lines[below + 1 :])


def _index(texts, text, start=0):
    """Where a text stands first from `start` on; the length of the list where it does not."""
    return next((i for i in range(start, len(texts)) if texts[i] == text), len(texts))


def _add_main(parsed, parts, top, as_of, file):
    """Add the main story, or why it cannot be."""
    headline = parts.main[0]
    text = in_lines(top.text, top.prompt)
    if parts.hashtags is None:
        reason = f"the line {HASHTAGS!r} is missing, so where the main story ends is not known"
        parsed.failures.append(Failure(file, headline.number, reason))
        return
    if not text.last:
        parsed.failures.append(Failure(file, headline.number, "the main story has no text"))
        return
    strays = [line for line in parts.hashtags if "#" not in line.text]
    parsed.warnings += [Note(line.number, f"a line among the hashtags is left out: {_short(line)}") for line in strays]
    hashtags = _once(word.rstrip(".!?:") for line in parts.hashtags for word in HASHTAG.findall(line.text))
    story = Story(
        headline=_headline(headline), html=text.html, line=headline.number, tags=top.tags, hashtags=hashtags,
        audio=_gate(top.audio or text.audio), prompt=top.prompt, published=as_of, worked_out=frozenset({"published"}),
        warnings=_notes(headline, text, top.text),
    )  # fmt: skip
    parsed.stories.append(story)


def _top(lines, related):
    """The `Top` of what follows the main headline. An advertisement up there is one above the text."""
    ads, lines = _ads(lines)
    audio, lines = _audio(lines)
    prompt, notes, lines = _prompt(lines, related)
    late_audio, lines = _audio(lines)
    more, lines = _ads(lines)
    tags = _tags(lines[0].text) if lines else ()
    return Top(audio or late_audio, prompt, tags, [*ads, *more, *lines[bool(tags) :]], notes)


def _ads(lines):
    count = next((i for i, line in enumerate(lines) if line.text != ADVERTISEMENT), len(lines))
    return lines[:count], lines[count:]


def _audio(lines):
    """The page may break the sentence at its links."""
    for count in range(1, AUDIO_LINES + 1):
        if AUDIO.fullmatch(" ".join(line.text for line in lines[:count])):
            return True, lines[count:]
    return False, lines


def _prompt(lines, related):
    """(prompt or None, notes, the lines after it). related: the lines of the related stories."""
    end = _index([line.text for line in lines[: PROMPT_LINES_MAX + 1]], BUTTON)
    said = [line for line in lines[:end] if line.text != ADVERTISEMENT]
    if end >= min(len(lines), PROMPT_LINES_MAX + 1) or not _is_prompt(lines, end, said, related):
        return None, (), lines
    reason = f"a line of over {PROMPT_LINE_LETTERS} letters is taken as part of the membership prompt"
    notes = tuple(Note(line.number, reason) for line in said if len(line.text) > PROMPT_LINE_LETTERS)
    return prompt_of([line.text for line in said]), notes, lines[end + 1 :]


def _is_prompt(lines, end, said, related):
    """Whether the lines above the button at `end` are a prompt and not the beginning of the story."""
    if said and any(f"{said[-1].text} {BUTTON}" in line.text for line in related):
        return True
    after = _audio(_ads(lines[end + 1 :])[1])[1]
    before_tags = bool(after) and bool(_tags(after[0].text))
    small = end == len(said) <= PROMPT_LINES and sum(len(line.text) for line in said) <= PROMPT_LETTERS
    starts_with_tags = bool(said) and len(_tags(said[0].text)) > 1
    return (small and (before_tags or not starts_with_tags)) or (before_tags and not starts_with_tags)


def _tags(text):
    """The tags of a line, or () if it is a paragraph."""
    parts = [" ".join(part.split()) for part in TAG_SEPARATOR.split(text)]
    if ends_sentence(text) or text[-1] in ":;" or any(len(part) > TAG_LENGTH for part in parts):
        return ()
    return _once(parts)


def _add_related(parsed, lines, prompt, as_of, file):
    heads = _heads(lines, as_of)
    ends = [*(head.start for head in heads), len(lines)]
    parsed.warnings += [
        Note(line.number, f"a line of the related stories is left out: {_short(line)}") for line in lines[: ends[0]]
    ]
    cards = [lines[head.start + head.length : end] for head, end in zip(heads, ends[1:], strict=True)]
    others = other_prompts([card[1:] for card in cards], prompt) if prompt else frozenset()
    for place, (head, card) in enumerate(zip(heads, cards, strict=True), 1):
        story = _related(head, card, place, prompt, others, as_of)
        if story:
            parsed.stories.append(story)
        else:
            line = card[0] if card else lines[head.start]
            parsed.failures.append(Failure(file, line.number, f"the related story {_short(line)} has no text"))


def _related(head, card, place, prompt, others, as_of):
    """The `Story` under a head, or None if it has no text."""
    headline, lines = (card[0], card[1:]) if card else (None, [])
    text = in_one_line(lines, prompt, others)
    if not text.last:
        return None
    told = moment(head.age, as_of)
    worked_out = {"published"} if not told or told.worked_out else ()
    notes = _notes(headline, text, lines)
    if not told:
        why = f"the age {head.age!r} is not understood" if head.age else "the related story has no age"
        notes += (Note(headline.number, f"{why}; the page's date is taken"),)
    return Story(
        headline=_headline(headline), html=text.html, line=headline.number, place=place, source=head.source,
        form=Form.LINE if len(lines) == 1 else Form.PARAGRAPHS, audio=_gate(text.audio), prompt=text.prompt,
        published=min(told.at, as_of) if told else as_of, worked_out=frozenset(worked_out), warnings=notes,
    )  # fmt: skip


def _heads(lines, as_of):
    """Where related stories begin: a list of `Head`."""
    heads, i = [], 0
    while i < len(lines):
        head = _head_at(lines, i, as_of)
        if head:
            heads.append(head)
        i += head.length if head else 1
    return heads


def _head_at(lines, i, as_of):
    """The `Head` that starts here, or None. Of source, age and "- source" one or two may be missing or odd."""
    first, second, third, fourth = ((lines[n].text if n < len(lines) else "") for n in range(i, i + 4))
    named = _dashed(third)
    if moment(second, as_of) and (first == named or _may_be_source(lines, i)):
        # Between the dash and the headline some pages repeat the source, after a rubric.
        return Head(i, 2 + bool(named) + bool(named and fourth == first), first, second)
    if named and named == first and len(second) <= SOURCE_LENGTH:
        return Head(i, 3, first, second)
    named = _dashed(second)
    if named and named == first:
        return Head(i, 2, first, "")
    if named and moment(first, as_of):
        return Head(i, 2, named, first)
    return None


def _dashed(text):
    found = DASHED.fullmatch(text) if len(text) <= SOURCE_LENGTH else None
    return found[1] if found else ""


def _may_be_source(lines, i):
    """A short line after a gap that does not end as sentences do."""
    text = lines[i].text
    gap = i == 0 or lines[i].number - lines[i - 1].number > 1
    return gap and len(text) <= SOURCE_LENGTH and not ends_sentence(text) and not _dashed(text)


def _headline(line):
    return " ".join(line.text.split())[:HEADLINE_LENGTH]


def _gate(audio):
    """The page's sentence says that signing in is enough."""
    return "registered" if audio else ""


def _notes(headline, text, lines):
    notes = list(text.notes)
    if len(headline.text) > HEADLINE_LENGTH:
        notes.append(Note(headline.number, f"the headline is cut to {HEADLINE_LENGTH} letters"))
    for line in (headline, *lines):
        if found := MARKUP.search(line.text):
            notes.append(Note(line.number, f"markup is kept as plain text: {found[0][:60]}"))
    if not ends_sentence(text.last):
        last = [line for line in lines if line.text != ADVERTISEMENT][-1]
        notes.append(Note(last.number, "the text ends in mid-sentence"))
    return tuple(notes)


def _once(names):
    """The names without blanks and repetitions, however they are capitalised."""
    return tuple({name.casefold(): name for name in reversed([*names]) if name}.values())[::-1]


def _short(line):
    text = " ".join(line.text.split())
    return f"“{text if len(text) <= 60 else text[:59] + '…'}”"
