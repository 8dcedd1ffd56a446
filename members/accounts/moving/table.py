"""Bytes of a file -> rows with the line that each began on. Pure.

What cannot be told apart with certainty is refused as a whole, with the line and the remedy: a guess at the encoding
spoils names, and after an unclosed quotation mark nobody knows where the next person begins.
"""

import codecs
import csv
import io
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

BYTES_MAX = 50 * 1024 * 1024
ROWS_MAX = 200_000
COLUMNS_MAX = 200
# The four-byte marks first: they begin like those of two.
MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# How spreadsheets and archives begin.
NO_TEXT = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"\x1f\x8b", b"%PDF")
DELIMITERS = ",;\t|"
# Excel's own first line, which names the delimiter.
SEP = "sep="


class Unreadable(Exception):
    """The file is no table. Says why, with the line where there is one, and what to do."""


@dataclass(frozen=True, slots=True)
class Row:
    """cells: {heading as `plain` has it: text}; excess: whether it has more cells than there are headings."""

    line: int
    cells: dict
    excess: bool


@dataclass(frozen=True, slots=True)
class Table:
    """headings: {plain heading: as it is written}, the first of each; twice: the plain ones that stand there again.
    rows: an iterator, which may raise Unreadable on its way."""

    headings: dict
    twice: frozenset
    rows: object = field(repr=False)


def read(told):
    """The Table of a file's bytes. Raises Unreadable."""
    text, first = _without_sep(decoded(told))
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    named = [heading.strip() for heading in _next(lines, first) or []]
    if len(named) > COLUMNS_MAX:
        raise Unreadable(_("The first line has more than %(most)d columns: this is no table of people.")
                         % {"most": COLUMNS_MAX})  # fmt: skip
    plains = [plain(heading) for heading in named]
    headings = dict(zip(reversed(plains), reversed(named), strict=True))
    headings = {key: headings[key] for key in dict.fromkeys(plains) if key}
    if not headings:
        raise Unreadable(_("The file is empty. Its first line must name the columns."))
    twice = frozenset(key for key in headings if plains.count(key) > 1)
    return Table(headings, twice, _rows(lines, plains, first))


def decoded(told):
    """The text of a file's bytes."""
    if len(told) > BYTES_MAX:
        raise Unreadable(_("The file has more than %(most)d megabytes. Split it.") % {"most": BYTES_MAX // 1024**2})
    if told.startswith(NO_TEXT):
        raise Unreadable(_("This is no CSV file but a spreadsheet or an archive. Export it as CSV, or unpack it."))
    encoding = next((name for mark, name in MARKS if told.startswith(mark)), "utf-8")
    try:
        text = told.decode(encoding)
    except UnicodeDecodeError as error:
        line = told[: error.start].count(b"\n") + 1
        said = _("Line %(line)d is not in %(encoding)s. Save the file as “CSV UTF-8”.")
        raise Unreadable(said % {"line": line, "encoding": encoding.upper().removesuffix("-SIG")}) from error
    if "\0" in text:
        raise Unreadable(_("The file holds zero bytes, so it is no text. Save it as “CSV UTF-8”."))
    return text


def plain(heading):
    """A heading as it is looked for: "Created_At " and "created at" are one."""
    return " ".join(heading.replace("_", " ").casefold().split())


def _without_sep(text):
    """(text without Excel's own first line, how many lines stand before it)."""
    line, end, rest = text.partition("\n")
    return (rest, 1) if end and line[:4].lower() == SEP and len(line.strip()) == 5 else (text, 0)


def _delimiter(text):
    """The one that the first line has most of, outside quotation marks."""
    line = next(iter(io.StringIO(text)), "")
    bare = "".join(line.split('"')[::2])
    return max(DELIMITERS, key=bare.count)


def _rows(lines, plains, before):
    # The last cell of a heading that stands twice is not read.
    places = {key: plains.index(key) for key in dict.fromkeys(plains) if key}
    count = 0
    while True:
        began = lines.line_num + before + 1
        cells = _next(lines, before)
        if cells is None:
            return
        if not any(cell.strip() for cell in cells):
            continue
        count += 1
        if count > ROWS_MAX:
            raise Unreadable(_("The file has more than %(most)d rows. Split it.") % {"most": ROWS_MAX})
        found = {key: cells[place] for key, place in places.items() if place < len(cells)}
        yield Row(began, found, any(cell.strip() for cell in cells[len(plains) :]))


def _next(lines, before):
    """The cells of the next line; None after the last."""
    try:
        return next(lines, None)
    except csv.Error as error:
        said = _("Line %(line)d cannot be read (%(error)s): from there on nobody knows where a row begins. Mend it, or"
                 " export the file again.")  # fmt: skip
        raise Unreadable(said % {"line": lines.line_num + before, "error": error}) from error
