"""The lines of /ads.txt, as IAB Tech Lab's ads.txt 1.1 has them: what is wrong with each, and what to do. Pure.

A record is `domain, account, DIRECT or RESELLER[, authority]`, a variable `NAME=value`; what follows a # is a comment.
"""

import re
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

LINE_MAX, LINES_MAX = 500, 5_000
DOMAIN = re.compile(r"(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]", re.ASCII)
ACCOUNT = re.compile(r"[!-+\--:<-~]{1,100}", re.ASCII)
AUTHORITY = re.compile(r"[A-Za-z0-9]{1,64}", re.ASCII)
COUNTRY = re.compile(r"[A-Za-z]{2}", re.ASCII)
RELATIONS = {"DIRECT", "RESELLER"}
# Variables, and whether there is at most one of them.
VARIABLES = {
    "CONTACT": False, "SUBDOMAIN": False, "INVENTORYPARTNERDOMAIN": False, "OWNERDOMAIN": True, "MANAGERDOMAIN": False,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Problem:
    """line: its number, from 1. words: what is wrong and what to do, lazily."""

    line: int
    words: str


def problems(text):
    """The Problems of a file, in the order of its lines."""
    found, seen = [], set()
    lines = text.splitlines()
    if len(lines) > LINES_MAX:
        return [Problem(LINES_MAX + 1, _("There are too many lines. Leave out sellers that you do not use."))]
    for number, line in enumerate(lines, 1):
        words = _odd(line) or _wrong(line.partition("#")[0].strip(), seen)
        if words:
            found.append(Problem(number, words))
    return found


def _odd(line):
    if len(line) > LINE_MAX:
        return _("The line is too long. One seller stands in each line.")
    if not line.replace("\t", " ").isprintable():
        return _("It holds signs that cannot be seen. Type the line anew instead of copying it.")
    return None


def _wrong(line, seen):
    """What is wrong with a line without its comment, None for nothing. seen: the lines and single variables before."""
    if not line:
        return None
    if (same := line.casefold()) in seen:
        return _("This line stands above already. Leave one of them out.")
    seen.add(same)
    name = line.partition("=")[0].strip().upper()
    if re.fullmatch(r"[A-Z]+\s*=.*", line, re.IGNORECASE) and "," not in line.partition("=")[0]:
        return _wrong_variable(name, line.partition("=")[2].strip(), seen)
    return _wrong_record([field.strip() for field in line.partition(";")[0].split(",")])


def _wrong_variable(name, value, seen):
    if name not in VARIABLES:
        return _(
            "There is no such variable. Take CONTACT, SUBDOMAIN, INVENTORYPARTNERDOMAIN, OWNERDOMAIN or MANAGERDOMAIN."
        )
    if not value:
        return _("There is nothing after the equals sign. Say what it is, or leave the line out.")
    if VARIABLES[name] and name in seen:
        return _("OWNERDOMAIN stands in one line only. Leave the other one out.")
    seen.add(name)
    if name == "CONTACT":
        return None
    domain, comma, country = (part.strip() for part in value.partition(","))
    if comma and (name != "MANAGERDOMAIN" or not COUNTRY.fullmatch(country)):
        return _("Only MANAGERDOMAIN takes a comma, and two letters of a country after it.")
    return None if DOMAIN.fullmatch(domain.lower()) else NO_DOMAIN


NO_DOMAIN = _("This is no domain. Write it as example.com, without https:// and without a slash.")


def _wrong_record(fields):
    """The rules of a record, in the order in which they are looked at."""
    if not DOMAIN.fullmatch(fields[0].lower()):
        return NO_DOMAIN
    if len(fields) < 3:
        return _("A record needs three fields with commas between them: domain, account, DIRECT or RESELLER.")
    if len(fields) > 4:
        return _("A record has four fields at most. Begin a new line for the next seller.")
    if not ACCOUNT.fullmatch(fields[1]):
        return _("The account is missing or holds spaces. Take the number or name that the seller gave you.")
    if fields[2].upper() not in RELATIONS:
        return _("The third field is DIRECT or RESELLER: whether you hold this account yourself.")
    if len(fields) == 4 and not AUTHORITY.fullmatch(fields[3]):
        return _("The fourth field is the seller’s number at its authority, letters and digits. Or leave it out.")
    return None


def written(text):
    """The file as it is served: with one end of line, and one at its end."""
    return "".join(f"{line.rstrip()}\n" for line in text.strip().splitlines())
