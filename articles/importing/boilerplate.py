"""What an aggregator's page lays into a story's text, and how it is cut out again. Pure.

The page's words stand on lines of their own or are run into a text of one line: the audio sentence, the membership
prompt with its button, "Advertisement". The same words in a sentence are the story's.
"""

import itertools
import re
from dataclasses import dataclass, replace
from typing import NamedTuple

from articles.body import AD_BREAK, paragraph
from articles.importing.reflow import BEGINS, CAPITALS, CLOSERS, ENDS, QUOTES, paragraphs
from articles.importing.reflow import sentences as sentences_of
from articles.importing.story import Note, Prompt

ADVERTISEMENT = "Advertisement"
BUTTON = "Become a member"
# A prompt that only a one-line text tells ends within so many letters.
PROMPT_LENGTH = 800
# A title of so many words is known again without the rest of its prompt.
TITLE_WORDS = 3
# So many words in a row are the prompt's even without its button.
UNMISTAKABLE = 8

AUDIO = re.compile(
    r"\bsign\s+in\s+or(?:\s+or)?\s+become\s+a\s+member\s+to\s+unlock\s+the\s+audio\s+version\s+of\s+this\s+article\b\.?",
    re.IGNORECASE,
)
BUTTON_BEFORE_TEXT = re.compile(rf"\b{BUTTON}\s+(?={BEGINS})")
BUTTON_LEFT = re.compile(rf"\b{BUTTON}(?=\s+{BEGINS}|\s*$)")
BUTTON_LINE = re.compile(rf"^{BUTTON}$", re.MULTILINE)
# After the end of a sentence, and before a capital, a digit or a quote, whatever the quote starts with.
INLINE_AD = re.compile(
    rf"(?P<end>^|[{re.escape(ENDS)}][{re.escape(CLOSERS)}]*\s)\s*"
    rf"(?P<ads>(?:{ADVERTISEMENT}(?:\s+|$))+)(?=[{re.escape(QUOTES)}{CAPITALS}\d]|$)"
)
# What is trimmed from lines: more than str.strip takes.
BLANK = " \t\r\n\f\v\xa0\u200b\ufeff"


class Line(NamedTuple):
    """A line that is not blank: its 1-based number and its text, trimmed."""

    number: int
    text: str


@dataclass(frozen=True, slots=True)
class Text:
    """A story's text without boilerplate: its HTML, its last paragraph (or ""), and what was cut out of it."""

    html: str
    last: str
    audio: bool
    prompt: Prompt | None
    notes: tuple[Note, ...]


def in_lines(lines, prompt):
    """The `Text` of lines of which each is a paragraph. prompt: the page's own, or None."""
    text, audio, shown = _cut_known(lines, prompt)
    text, left = _cut(BUTTON_LINE, text)
    return _text(lines, _pieces_of_lines(text), audio, shown, left)


def in_one_line(lines, prompt, others=frozenset()):
    """The `Text` of a story that came on one line, re-flowed; of one that came on several, a paragraph each.

    prompt: the page's own. Where it has one, what merely looks like another is cut only if it is among the `others`.
    """
    text, audio, shown = _cut_known(lines, prompt)
    doubt = False
    if not shown and (found := _opening(text)):
        words = _words_before(found)
        doubt = prompt is not None and words not in others and not _has_title(words, prompt)
        if not doubt:
            text, shown = text[found.end() :], prompt_of(sentences_of(words))
    text, left = _cut(BUTTON_LEFT, text)
    pieces = _pieces_of_lines(text) if len(lines) > 1 else _reflowed(text.strip(BLANK))
    told = _text(lines, pieces, audio, shown, left)
    if doubt:
        note = Note(lines[0].number, f"words like a membership prompt were left in the text before {BUTTON!r}")
        told = replace(told, notes=(*told.notes, note))
    return told


def other_prompts(texts, prompt):
    """The words before the button that open several different texts (each a list of `Line`): prompts of the page beside
    its own."""
    followed = {}
    for lines in texts:
        text, _audio, shown = _cut_known(lines, prompt)
        if not shown and (found := _opening(text)):
            followed.setdefault(_words_before(found), set()).add(text[found.end() :])
    return {words for words, rests in followed.items() if len(rests) > 1}


def prompt_of(parts):
    """The `Prompt` of these lines or sentences: first the title, last the pitch, the rest text. None of none."""
    if not parts:
        return None
    title, *rest = parts
    return Prompt(title, "\n\n".join(rest[:-1]), rest[-1] if rest else "", BUTTON)


def _text(lines, pieces, audio, prompt, left):
    html = "\n".join(AD_BREAK if piece == AD_BREAK else paragraph(piece) for piece in pieces)
    last = next((piece for piece in reversed(pieces) if piece != AD_BREAK), "")
    notes = (Note(lines[0].number, f"the words {BUTTON!r} stood alone in the text and are cut"),) if left else ()
    return Text(html, last, bool(audio), prompt, notes)


def _cut_known(lines, prompt):
    """(text, audio sentences cut, the prompt or None if it does not stand there)."""
    text, audio = _cut(AUDIO, "\n".join(line.text for line in lines))
    if not prompt:
        return text, audio, None
    text, count = _cut(_pattern(prompt), text)
    return text, audio, prompt if count else None


def _pattern(prompt):
    """Finds the words of a prompt, however they are spaced; those of a short one only with the button."""
    words = f"{prompt.title} {prompt.text} {prompt.pitch}".split()
    button = rf"\s+{BUTTON}"
    tail = rf"(?:{button})?" if len(words) >= UNMISTAKABLE else button
    return re.compile(r"(?<!\w)" + r"\s+".join(map(re.escape, words)) + tail + r"(?!\w)")


def _opening(text):
    """The button that may end a prompt at the beginning of a text, as a match: a story can follow it."""
    # Three characters more: the gap after the button, and what begins the story.
    return BUTTON_BEFORE_TEXT.search(text, 0, PROMPT_LENGTH + len(BUTTON) + 3)


def _words_before(found):
    return " ".join(found.string[: found.start()].split())


def _has_title(words, prompt):
    """Whether the words open with a prompt's title: the same campaign in another wording."""
    title = prompt.title.split()
    return len(title) >= TITLE_WORDS and words.split()[: len(title)] == title


def _cut(pattern, text):
    """(text without what is found, how often it was found); what is left is joined by a space or a line break."""
    found = pattern.split(text)
    if len(found) == 1:
        return text, 0
    parts = [part for part in found if part.strip()] or [""]
    joined = [parts[0].strip()]
    for before, after in itertools.pairwise(parts):
        gap = before[len(before.rstrip()) :] + after[: len(after) - len(after.lstrip())]
        joined += ["\n" if "\n" in gap else " ", after.strip()]
    return "".join(joined), len(found) - 1


def _pieces_of_lines(text):
    lines = (line.strip(BLANK) for line in text.split("\n"))
    return [AD_BREAK if line == ADVERTISEMENT else line for line in lines if line]


def _reflowed(line):
    """The paragraphs and AD_BREAKs of a text on one line; a break is always a border of paragraphs."""
    pieces, start = [], 0
    for found in INLINE_AD.finditer(line):
        pieces += paragraphs(line[start : found.end("end")].strip())
        pieces += [AD_BREAK] * found["ads"].count(ADVERTISEMENT)
        start = found.end()
    return pieces + paragraphs(line[start:].strip())
