"""Substack's export of the subscribers' page: Email, Name, Type, Stripe plan, Start date, and of the other columns that
can be chosen there the dates. What it tells of opening and reading is left where it is.

Who pays by Stripe pays into the newsroom's own account there: `adopt_subscriptions` takes that over. A gift, a
complimentary subscription and one that was bought in Substack's own app become a grant until it ends.
"""

from django.utils.translation import gettext as _

from members.accounts.moving import cells
from members.accounts.moving.person import Given, Person

TITLE = "Substack"
SIGNATURE = frozenset({"email", "type", "start date"})
USED = SIGNATURE | {"name", "stripe plan", "paid upgrade date", "first paid date", "expiration date"}
FREE = {"", "free"}
BY_STRIPE = {"paid", "founding"}
# Kind of subscription -> why there is a grant.
GRANTED = {
    "comp": "Substack: complimentary",
    "gift": "Substack: a gift",
    "lifetime": "Substack: for life",
    "free trial": "Substack: a free trial",
    "iap": "Substack: paid in its app",
}


def read(cell, told):
    kind = cell("type").replace("_", " ").lower()
    if kind not in {*FREE, *BY_STRIPE, *GRANTED}:
        raise cells.Wrong(_("“%(cell)s” is no type of Substack's that we know") % {"cell": cells.short(kind)})
    joined = cells.moment(cell("start date"))
    began = cells.moment(cell("paid upgrade date") or cell("first paid date")) or joined
    ends = cells.moment(cell("expiration date"))
    return Person(
        email=cells.email(cell("email")),
        name=cells.words(cell("name"), 100),
        joined=joined,
        given=Given(GRANTED[kind], starts=began, ends=ends) if kind in GRANTED else None,
        remark=pays() if kind in BY_STRIPE else "",
    )


def pays():
    return _("pays by Stripe: adopt_subscriptions takes the subscription over")
