"""What stands in a cell -> a value. Pure. Each raises Wrong, which says what is wrong and what to do."""

import re
from datetime import datetime

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils import timezone
from django.utils.translation import gettext as _

from newsroom.ground import money
from newsroom.ground.spreadsheet import FORMULA

LETTERS_MAX = 2_000
# Moments outside these years are typing errors.
YEARS = range(1970, 2200)
SLASHED = re.compile(r"\d{4}/\d{1,2}/\d{1,2}(?!\d)")
CURRENCY = re.compile(r"[A-Z]{3}")
CUSTOMER = re.compile(r"cus_\w{3,250}", re.ASCII)
YES, NO = {"true", "yes", "1", "y"}, {"false", "no", "0", "n", ""}
# What nobody sees and copying brings along.
UNSEEN = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\u200e\u200f\u00ad"))
CONTROLS = re.compile(r"[\x00-\x1f\x7f]+")
SHORT = 40


class Wrong(Exception):
    """A cell says nothing that can be taken over. Says which, and the remedy."""


def text(cell):
    """A cell as it was before a spreadsheet was guarded from it: without blanks around, and without the apostrophe that
    our export, and others', put before what a spreadsheet would run."""
    if len(cell) > LETTERS_MAX:
        raise Wrong(_("a cell has more than %(most)d letters; shorten it") % {"most": LETTERS_MAX})
    found = cell.strip()
    return found[1:] if found[:1] == "'" and found[1:].startswith(FORMULA) else found


def email(cell):
    found = cell.translate(UNSEEN).strip().lower()
    if not found:
        raise Wrong(_("it has no address"))
    try:
        validate_email(found)
    except ValidationError as error:
        raise Wrong(_("“%(cell)s” is no address") % {"cell": short(found)}) from error
    if len(found) > 254:
        raise Wrong(_("“%(cell)s” is longer than an address can be") % {"cell": short(found)})
    return found


def words(cell, most):
    """A name or another line of text."""
    found = " ".join(CONTROLS.sub(" ", cell).split())
    if len(found) > most:
        raise Wrong(_("“%(cell)s” has more than %(most)d letters; shorten it") % {"cell": short(found), "most": most})
    return found


def moment(cell, zone=None):
    """An aware moment; None of an empty cell. zone: where a moment without one is meant; None: the newsroom's."""
    if not cell:
        return None
    said = cell.replace("/", "-") if SLASHED.match(cell) else cell
    try:
        found = datetime.fromisoformat(said)
    except ValueError as error:
        told = _("“%(cell)s” is no date that can be read in one way; write it such as 2026-03-31 or 2026-03-31T18:30")
        raise Wrong(told % {"cell": short(cell)}) from error
    if found.year not in YEARS:
        raise Wrong(_("“%(cell)s” lies in a year that cannot be meant") % {"cell": short(cell)})
    return found if timezone.is_aware(found) else timezone.make_aware(found, zone)


def yes(cell):
    said = cell.lower()
    if said not in YES | NO:
        raise Wrong(_("“%(cell)s” is neither true nor false") % {"cell": short(cell)})
    return said in YES


def currency(cell):
    said = cell.upper()
    if not CURRENCY.fullmatch(said):
        raise Wrong(_("“%(cell)s” is no currency; write three letters, such as EUR") % {"cell": short(cell)})
    return said


def amount(cell, said):
    """In the smallest unit of a currency: "5", "4.50", "€5". Of one without parts, ".00" is none."""
    bare = cell.removesuffix(".00") if money.DECIMALS.get(said) == 0 else cell
    try:
        return money.parsed(bare, said)
    except ValidationError as error:
        raise Wrong(f"“{short(cell)}”: {' '.join(error.messages)}") from error


def customer(cell):
    """An id of Stripe's customers."""
    if cell and not CUSTOMER.fullmatch(cell):
        raise Wrong(_("“%(cell)s” is no customer's id of Stripe's; it starts with cus_") % {"cell": short(cell)})
    return cell


def short(cell):
    return cell if len(cell) <= SHORT else f"{cell[:SHORT]}…"
