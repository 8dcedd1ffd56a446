"""Paragraphs for a text that came on one line. Pure. Joined by single spaces they are the text again, letter by letter.

A border falls after the end of a sentence, at one plain space, never within quotes or brackets, nor after an
abbreviation or an initial.
"""

import re
import unicodedata

# A paragraph is full when it has so many sentences and so many letters, or the most that it may have.
SENTENCES_MIN, SENTENCES_MAX = 2, 4
LENGTH_FULL = 280

# A quote that is open for so many letters counts as closed: somebody forgot to close it.
QUOTE_LENGTH = 600

ENDS = ".!?…։؟۔।。"
CLOSERS = "'\"’”»“›)]"
QUOTES = "'\"‘’“”„«»‹›"
OPENERS = "'\"‘“„«‹([¿¡"
# After these a straight quote mark closes.
BEFORE_NO_OPENING = ENDS + "”’»“›)],;:"
# what opens -> what closes it; a closing “ follows the German and Georgian opening „
PAIRS = {"'": "'’", '"': '"”', "‘": "’'", "“": '”"', "„": '“”"', "«": "»", "‹": "›", "(": ")", "[": "]"}
APOSTROPHES = "'’"

# Before a full stop these never end a sentence (lower case, inner stops kept).
ABBREVIATIONS = {
    "mr", "mrs", "ms", "mx", "messrs", "dr", "prof", "st", "sr", "jr", "gen", "col", "lt", "sgt", "capt",
    "maj", "cmdr", "cpl", "adm", "brig", "gov", "sen", "rep", "rev", "hon", "pres", "supt", "insp", "vs",
    "etc", "inc", "ltd", "co", "corp", "llc", "bros", "dept", "univ", "est", "approx", "al", "eds", "cf",
    "ave", "blvd", "ph.d", "m.sc", "b.sc", "llm", "viz", "nr", "bzw", "г", "гг", "им", "ул", "др", "пр",
    "млн", "млрд", "тыс", "руб", "проф", "акад", "см", "ст", "обл",
}  # fmt: skip
# These only before a number.
ABBREVIATIONS_OF_NUMBERS = {
    "no", "nos", "fig", "figs", "vol", "ch", "sec", "art", "par", "pp", "ca", "c", "jan", "feb", "mar", "apr",
    "jun", "jul", "aug", "sep", "sept", "oct", "nov", "dec", "№", "рис",
}  # fmt: skip
_INITIALS = re.compile(r"(?:[^\W\d_]\.-?)*[^\W\d_]")


def _begins(character):
    """Whether a sentence may begin with this letter: a capital, or a letter of a script without capitals.

    Georgian has capitals in Unicode that nobody writes sentences with, so that its letters count as small ones there.
    """
    return character.isupper() or unicodedata.category(character) in ("Lt", "Lo") or "ა" <= character <= "ჿ"


# The letters that a sentence may begin with, as a regular expression's set: everything below the symbols.
CAPITALS = "".join(c for c in map(chr, range(0x41, 0x2000)) if c.isalpha() and _begins(c))
BEGINS = rf"[{re.escape(OPENERS)}]*[{CAPITALS}\d]"

_BORDER = re.compile(rf"[{re.escape(ENDS)}][{re.escape(CLOSERS)}]*(?P<gap> )(?={BEGINS})")
_MARK = re.compile(rf"[{re.escape(''.join(sorted(set(''.join(PAIRS) + ''.join(PAIRS.values())))))}]")
_NO_QUOTE = re.compile(r"['’‘](?:\d0s|em|til|tis|twas|cause|n)\b", re.IGNORECASE)
_LAST_WORD = re.compile(rf"([^\s{re.escape(OPENERS)}]*)\.[{re.escape(CLOSERS)}]*$")
_ENDED = re.compile(rf"[{re.escape(ENDS)}][{re.escape(CLOSERS)}]*$")


def ends_sentence(text):
    """Whether the text ends as sentences do: with a stop, perhaps within quotes or brackets."""
    return _ENDED.search(text) is not None


def paragraphs(text):
    """The paragraphs of a text, about two to four sentences each: a list of strings; [] for a blank text."""
    found, held = [], []
    for sentence in sentences(text):
        held.append(sentence)
        count = sum(map(_inner_sentences, held))
        long = sum(map(len, held)) >= LENGTH_FULL
        if count >= SENTENCES_MAX or (count >= SENTENCES_MIN and long):
            found.append(held)
            held = []
    if held:
        _end(found, held)
    return [" ".join(part) for part in found]


def _end(found, held):
    """Put the last sentences: one alone joins the paragraph before, or takes a sentence from a full one."""
    if len(held) > 1 or not found:
        found.append(held)
    elif len(found[-1]) < SENTENCES_MAX:
        found[-1] += held
    else:
        found.append([found[-1].pop(), *held])


def _inner_sentences(sentence):
    """A quote that may not be broken can hold several sentences."""
    return 1 + sum(not _abbreviated(sentence, border.start("gap")) for border in _BORDER.finditer(sentence))


def sentences(text):
    """The sentences of a text: a list of strings that, joined by single spaces, are the text again."""
    if not text.strip():
        return []
    quotes = _Quotes(text)
    found, start = [], 0
    for border in _BORDER.finditer(text):
        gap = border.start("gap")
        if not quotes.open_at(gap) and not _abbreviated(text, gap):
            found.append(text[start:gap])
            start = gap + 1
    return [*found, text[start:]]


def _abbreviated(text, gap):
    found = _LAST_WORD.search(text, max(0, gap - 24), gap)
    if not found:
        return False
    word = found[1]
    if _INITIALS.fullmatch(word) or word.lower() in ABBREVIATIONS:
        return True
    return word.lower() in ABBREVIATIONS_OF_NUMBERS and text[gap + 1].isdigit()


class _Quotes:
    """Walks along a text and knows which quotes and brackets are open."""

    def __init__(self, text):
        self.text = text
        self.marks = [found.start() for found in _MARK.finditer(text) if not _is_apostrophe(text, found.start())]
        self.next = 0
        self.open = []  # (closing marks, where it was opened)

    def open_at(self, position):
        """Whether a quote is open at a position; positions must not go back."""
        while self.next < len(self.marks) and self.marks[self.next] < position:
            self._take(self.next)
            self.next += 1
        self.open = [(closers, at) for closers, at in self.open if position - at < QUOTE_LENGTH]
        return bool(self.open)

    def _take(self, number):
        at = self.marks[number]
        mark = self.text[at]
        fits = [i for i, (closers, _at) in enumerate(self.open) if mark in closers]
        if fits and _may_close(self.text, at) and not self._is_possessive(number):
            del self.open[fits[-1] :]
        elif mark in PAIRS and _may_open(self.text, at):
            # A quote that runs over paragraphs is opened again in each, and closed once.
            self.open = [(closers, was) for closers, was in self.open if closers != PAIRS[mark]]
            self.open.append((PAIRS[mark], at))

    def _is_possessive(self, number):
        """The workers' council: such a mark closes nothing if the quote is closed later, before another one opens."""
        at = self.marks[number]
        if self.text[at] not in APOSTROPHES or self.text[at - 1] not in "sS":
            return False
        later = (i for i in self.marks[number + 1 : number + 9] if self.text[i] in APOSTROPHES)
        closing = next(later, None)
        return closing is not None and closing - at < QUOTE_LENGTH and _may_close(self.text, closing)


def _is_apostrophe(text, at):
    if text[at] not in "'’‘":
        return False
    inside = 0 < at < len(text) - 1 and text[at - 1].isalnum() and text[at + 1].isalnum()
    return inside or _NO_QUOTE.match(text, at) is not None


def _may_open(text, at):
    """After a gap, a dash or another opening mark, and before a word. Marks that can only open always may."""
    if text[at] not in "'\"":
        return True
    before, after = text[at - 1] if at else " ", text[at + 1 : at + 2]
    return not before.isalnum() and before not in BEFORE_NO_OPENING and bool(after.strip())


def _may_close(text, at):
    """After a word, and not before one. Marks that can only close always may."""
    if text[at] not in "'\"’“":
        return True
    before, after = text[at - 1] if at else " ", text[at + 1 : at + 2]
    return not before.isspace() and not after.isalnum()
