"""Substack's list of addresses (email_list.NAME.csv, in the archive of the whole publication): email,
active_subscription, expiry, plan, email_disabled, created_at, first_payment_at; older ones lack some of these.

What is active, and on no plan that is paid by the month or the year, was given and becomes a grant until it ends.
"""

from members.accounts.moving import cells
from members.accounts.moving.formats.substack import pays
from members.accounts.moving.person import Given, Person

TITLE = "Substack, list of addresses"
SIGNATURE = frozenset({"email", "active subscription", "expiry", "created at"})
USED = SIGNATURE | {"name", "plan", "first payment at"}
BY_STRIPE = {"monthly", "yearly", "annual", "founding"}


def read(cell, told):
    joined = cells.moment(cell("created at"))
    active, paid = cells.yes(cell("active subscription")), cell("plan").lower() in BY_STRIPE
    return Person(
        email=cells.email(cell("email")),
        name=cells.words(cell("name"), 100),
        joined=joined,
        given=_given(cell, joined) if active and not paid else None,
        remark=pays() if active and paid else "",
    )


def _given(cell, joined):
    began = cells.moment(cell("first payment at")) or joined
    return Given("Substack: complimentary", starts=began, ends=cells.moment(cell("expiry")))
