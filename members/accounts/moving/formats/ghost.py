"""Ghost's export of members: id, email, name, note, subscribed_to_emails, complimentary_plan, stripe_customer_id,
created_at, deleted_at, labels, and tiers (older ones: products).

Who is on a complimentary plan gets a grant. Who pays is known by the customer at Stripe: `adopt_subscriptions` takes
the subscriptions over, and nothing is guessed of them here.
"""

from django.utils.translation import gettext as _

from members.accounts.moving import cells
from members.accounts.moving.person import Given, Person

TITLE = "Ghost"
SIGNATURE = frozenset({"email", "complimentary plan", "stripe customer id", "created at"})
USED = SIGNATURE | {"name", "note", "deleted at", "tiers", "products"}
# Ghost's word for a customer that it is to look for itself.
AUTO = "auto"


def read(cell, told):
    joined = cells.moment(cell("created at"))
    customer = cell("stripe customer id")
    return Person(
        email=cells.email(cell("email")),
        name=cells.words(cell("name"), 100),
        joined=joined,
        note=cell("note"),
        given=_given(cell, joined) if cells.yes(cell("complimentary plan")) else None,
        customer="" if customer == AUTO else cells.customer(customer),
        left_out=_("deleted there") if cell("deleted at") else "",
    )


def _given(cell, joined):
    # Of several tiers the first of ours that is found counts.
    return Given("Ghost: complimentary", tier=cell("tiers") or cell("products"), starts=joined)
