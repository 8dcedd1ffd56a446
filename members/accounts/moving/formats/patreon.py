"""Patreon's export of members (Relationship manager, CSV): Name, Email, Patron Status, Tier, Pledge Amount, Currency,
Charge Frequency, Last Charge Date, Last Charge Status, Next Charge Date, Access Expiration, Patronage Since Date …

The last charge that was paid becomes a paid grant, for the time until the next. Every month's file records that month's
payment; the same file twice records it once. Its moments have no zone: they are UTC.
"""

import calendar
from datetime import UTC

from django.utils.translation import gettext as _

from members.accounts.moving import cells
from members.accounts.moving.person import Given, Person
from members.models import PaidThrough

TITLE = "Patreon"
SIGNATURE = frozenset({"email", "patron status", "pledge amount", "last charge date", "last charge status"})
USED = SIGNATURE | {
    "name", "tier", "currency", "charge frequency", "patronage since date", "next charge date", "access expiration",
}  # fmt: skip
PAID = "paid"
FORMER = "former patron"
# Months that a charge pays for.
MONTHS = {"": 1, "monthly": 1, "annual": 12, "annually": 12, "yearly": 12}


def read(cell, told):
    return Person(
        email=cells.email(cell("email")),
        name=cells.words(cell("name"), 100),
        joined=cells.moment(cell("patronage since date"), UTC),
        given=_given(cell),
    )


def _given(cell):
    """The grant that the last charge paid for; None where nothing was paid, or it was for a time that is given up."""
    starts = cells.moment(cell("last charge date"), UTC)
    access = cells.moment(cell("access expiration"), UTC)
    left = cell("patron status").lower() == FORMER and access is None
    if starts is None or cell("last charge status").lower() != PAID or left:
        return None
    ends = access or cells.moment(cell("next charge date"), UTC)
    if ends is None or ends <= starts:
        ends = _later(starts, _months(cell))
    if not cell("currency"):
        raise cells.Wrong(_("it does not say in which currency it was paid; add a column Currency"))
    currency = cells.currency(cell("currency"))
    amount = cells.amount(cell("pledge amount"), currency)
    if not amount:
        return None
    tier = cell("tier")
    reason = cells.words(f"Patreon: {tier}" if tier else "Patreon", 200)
    return Given(reason, "", tier, starts, ends, PaidThrough.PATREON.value, amount, currency)


def _months(cell):
    frequency = cell("charge frequency").lower()
    if frequency not in MONTHS:
        raise cells.Wrong(_("“%(cell)s” is no frequency of charges that we know") % {"cell": cells.short(frequency)})
    return MONTHS[frequency]


def _later(moment, months):
    """So many months later, on the same day, or the last one of a shorter month."""
    years, month = divmod(moment.month - 1 + months, 12)
    year, month = moment.year + years, month + 1
    return moment.replace(year=year, month=month, day=min(moment.day, calendar.monthrange(year, month)[1]))
