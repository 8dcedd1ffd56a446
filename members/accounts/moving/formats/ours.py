"""Our own table, as `export_members` writes it; and any table of people that somebody made, of which an address is
enough. Columns: email, name, language, joined, key; of a membership that did not come by Stripe: grant (complimentary,
or how it was paid: bank, paypal, cash, patreon, other), plan, from, until, amount, currency, reason; stripe_customer.
"""

from django.utils.translation import gettext as _

from members.accounts.moving import cells
from members.accounts.moving.person import Given, Person
from members.models import PaidThrough

TITLE = "Newsroom"
SIGNATURE = frozenset({"email"})
USED = SIGNATURE | {
    "name", "language", "joined", "key", "grant", "plan", "from", "until", "amount", "currency", "reason",
    "stripe customer",
}  # fmt: skip
COMPLIMENTARY = "complimentary"
# What tells of a grant, if anything does.
OF_GRANTS = ("plan", "from", "until", "amount", "currency", "reason")
# Why, where the table does not say.
REASON = "Imported"


def read(cell, told):
    language = cell("language").lower()
    if language and language not in told.languages:
        raise cells.Wrong(_("“%(cell)s” is no language of this site") % {"cell": cells.short(language)})
    return Person(
        email=cells.email(cell("email")),
        key=cell("key"),
        name=cells.words(cell("name"), 100),
        language=language,
        joined=cells.moment(cell("joined")),
        given=_given(cell),
        customer=cells.customer(cell("stripe customer")),
    )


def _given(cell):
    kind = cell("grant").lower()
    if not kind:
        if named := [name for name in OF_GRANTS if cell(name)]:
            said = _("it has %(named)s, but no “grant”; write complimentary there, or how it was paid: %(ways)s")
            raise cells.Wrong(said % {"named": ", ".join(named), "ways": ", ".join(PaidThrough.values)})
        return None
    told = {
        "reason": cells.words(cell("reason"), 200) or REASON,
        "plan": cell("plan"),
        "starts": cells.moment(cell("from")),
        "ends": cells.moment(cell("until")),
    }
    if kind == COMPLIMENTARY:
        if cell("amount"):
            raise cells.Wrong(_("it is complimentary and has an amount; say in “grant” how it was paid"))
        return Given(**told)
    if kind not in PaidThrough.values:
        said = _("“%(cell)s” is no grant; write complimentary, or how it was paid: %(ways)s")
        raise cells.Wrong(said % {"cell": cells.short(kind), "ways": ", ".join(PaidThrough.values)})
    currency = cells.currency(cell("currency"))
    amount = cells.amount(cell("amount"), currency)
    if told["starts"] is None or told["ends"] is None:
        raise cells.Wrong(_("what was paid has “from” and “until”, the time that it was paid for"))
    return Given(**told, through=kind, amount=amount, currency=currency)
