"""The formats that members arrive in. Each is a module with TITLE; SIGNATURE, the headings (`table.plain`) that a file
of it has all of; USED, those that are read; and `read(cell, told)`: a `Person` of one row. cell(heading) is the text of
a cell, "" where there is none; told: `Told`. It raises `cells.Wrong`."""

from typing import NamedTuple

from django.utils.translation import gettext as _

from members.accounts.moving.formats import ghost, ours, patreon, substack, substack_list
from members.accounts.moving.table import Unreadable


class Told(NamedTuple):
    """What a row does not say. languages: the codes that the site has; now: aware."""

    languages: frozenset
    now: object


# The names of `--format`, beside "auto". Ours is last: it takes any table with addresses.
FORMATS = {
    "ghost": ghost,
    "substack": substack,
    "substack_list": substack_list,
    "patreon": patreon,
    "ours": ours,
}
EMAIL = "email"


def of(table, name="auto"):
    """(name, module) of a Table's format. Raises Unreadable where it is not of that format, or of none."""
    found = next((one for one, module in FORMATS.items() if table.headings.keys() >= module.SIGNATURE), None)
    named = found if name == "auto" else name
    if found is None or not table.headings.keys() >= FORMATS[named].SIGNATURE:
        wanted = {EMAIL} if name == "auto" else FORMATS[name].SIGNATURE
        lacks = ", ".join(sorted(wanted - table.headings.keys()))
        has = ", ".join(list(table.headings.values())[:20])
        raise Unreadable(_("A column is missing: %(lacks)s. The first line has: %(has)s.")
                         % {"lacks": lacks, "has": has})  # fmt: skip
    module = FORMATS[named]
    if twice := module.USED & table.twice:
        raise Unreadable(_("Two columns are called %(name)s: nobody knows which is meant. Delete one.")
                         % {"name": ", ".join(table.headings[key] for key in sorted(twice))})  # fmt: skip
    return named, module
