"""What there is to take over, whose it is, and what is left where it is and why. Nothing is written."""

from collections import Counter
from dataclasses import dataclass, field
from typing import NamedTuple

from django.conf import settings
from django.db.models import Q

from members.billing import client, customers, ledger, picture, state
from members.billing.adopting import mapping, rules
from members.billing.models import Customer
from members.models import Membership, Price, User

# What makes a member, or could again. What was never begun, or is over, stays where it is.
LIVE = {"trialing", "active", "past_due", "unpaid", "paused"}
EXPANDED = ["data.customer", "data.discounts.source.coupon"]
ROWS_A_QUERY = 500
OVER = "was given back in full or lost to a dispute, which ends a membership here. End it at Stripe."


class Refused(NamedTuple):
    """One that is not taken over: its id and its customer's, and why, with what to do."""

    subscription: str
    customer: str
    why: str


@dataclass(frozen=True)
class Candidate:
    """One that is taken over. told: as Stripe has it; user: whose it is, None for an account to be made; state: the
    `state.State` that it comes to."""

    told: dict
    user: User | None
    state: state.State

    @property
    def customer(self):
        return self.told["customer"]["id"]

    @property
    def worth(self):
        return ledger.worth(self.state)


@dataclass
class Survey:
    """prices: {id: (price as Stripe has it, Plan)} of all by which they are paid; left: how many were to be left."""

    prices: dict
    candidates: list = field(default_factory=list)
    refused: list = field(default_factory=list)
    left: int = 0

    @property
    def monthly(self):
        return total(candidate.worth for candidate in self.candidates)

    @property
    def by_price(self):
        """{id of a price: how many are taken over by it}."""
        return Counter(rules.price_of(candidate.told)["id"] for candidate in self.candidates)

    def refuse(self, told, why):
        customer = told["customer"]
        self.refused.append(Refused(told["id"], customer["id"] if isinstance(customer, dict) else str(customer), why))


def total(worths):
    """{currency: what they bring in a month, in the smallest unit} of `ledger.Worth`s, each perhaps None."""
    sums = Counter()
    for worth in filter(None, worths):
        sums[worth.currency] += worth.monthly
    return dict(sorted(sums.items()))


def survey(named, left=frozenset()):
    """The Survey of the Stripe account. named: {id of a price or product there: Plan}; left: ids of those whose
    subscriptions stay as they are. Raises `mapping.Unmapped`, `mapping.Wrong` and the errors of `client`."""
    # The oldest first.
    live = [one for one in client.every("subscriptions", expand=EXPANDED) if one["status"] in LIVE][::-1]
    mapping.check({*named, *left}, live)
    kept = [one for one in live if not mapping.ids_of(one) & left]
    found = Survey(mapping.mapped(kept, named), left=len(live) - len(kept))
    fit = _fit(kept, found)
    read = _reader(fit, found.prices)
    for person in _people(fit, found):
        _look_at(person, found, read)
    return found


def _fit(kept, found):
    """Those that can be memberships; the others are refused."""
    fit = []
    for told in kept:
        why = rules.why_not(told)
        found.refuse(told, why) if why else fit.append(told)
    return fit


class Person(NamedTuple):
    """told: the subscriptions of one account, or of one to be made (user None)."""

    user: User | None
    told: list


def _people(fit, found):
    """The Persons whose subscriptions these are; what could be two people's is refused."""
    owners, persons = _owners(fit), {}
    for told in fit:
        user, row = owners(told)
        if why := _whose_else(told, user, row):
            found.refuse(told, why)
            continue
        person = persons.setdefault(user.pk if user else rules.email_of(told), Person(user, []))
        person.told.append(told)
    return persons.values()


def _owners(fit):
    """A function: a subscription -> (the account that it is of, that account's Customer), each perhaps None. By the
    customer's id before the address."""
    by_customer, by_email = {}, {}
    for start in range(0, len(fit), ROWS_A_QUERY):
        some = fit[start : start + ROWS_A_QUERY]
        ids, emails = [told["customer"]["id"] for told in some], [rules.email_of(told) for told in some]
        rows = Customer.objects.filter(Q(stripe_id__in=ids) | Q(user__email__in=emails)).select_related("user")
        by_email.update({user.email: (user, None) for user in User.objects.filter(email__in=emails)})
        by_email.update({row.user.email: (row.user, row) for row in rows})
        by_customer.update({row.stripe_id: (row.user, row) for row in rows if row.stripe_id})

    def owner(told):
        return by_customer.get(told["customer"]["id"]) or by_email.get(rules.email_of(told), (None, None))

    return owner


def _whose_else(told, user, row):
    if user and user.erased_at:
        return "is of an account that was deleted here. End it at Stripe."
    if row and row.stripe_id != told["customer"]["id"] and customers.is_good(row):
        return (
            f"has the address of the account {user.key}, which is another customer, {row.stripe_id}. Change the "
            "address of one of the two, or end this one at Stripe."
        )
    return ""


def _look_at(person, found, read):
    kept = person.told if len(person.told) == 1 else _known_already(person)
    for told in person.told:
        if told not in kept:
            others = ", ".join(one["id"] for one in person.told if one is not told)
            found.refuse(told, f"is of somebody who has another as well, {others}. End one of them at Stripe.")
            continue
        reading = read(told)
        if reading.over or reading.state is None or reading.state.stripe_subscription != told["id"]:
            found.refuse(told, OVER)
        else:
            found.candidates.append(Candidate(told, person.user, reading.state))


def _known_already(person):
    """Of several that one by which the account is a member already."""
    held = Membership.objects.filter(user=person.user).first()
    return [told for told in person.told if held and told["id"] == held.stripe_subscription]


def _reader(fit, prices):
    """A function: a subscription -> the `state.Reading` of it, as `refresh` will read it. Of most customers the
    subscription tells all; where money was given or asked back, collecting it pauses, or something is taken off for the
    customer or an item, the whole picture is asked."""
    rows = dict(Price.objects.filter(stripe_id__in=list(prices)).values_list("stripe_id", "pk"))
    ranked = {key: (plan.pk, plan.level, rows.get(key)) for key, (_price, plan) in prices.items()}
    owned = state.Owned(ranked, {}, settings.STRIPE_LIVE, frozenset())
    whole = {told["customer"]["id"] for told in fit if _is_deep(told)} | _with_money_back()

    def read(told):
        customer = told["customer"]
        known = picture.Picture(customer, [told])
        return state.read(picture.taken(customer["id"]) if customer["id"] in whole else known, owned)

    return read


def _is_deep(told):
    """Whether what a subscription costs now lies deeper than the list of them tells."""
    off = told["customer"].get("discount") or any(item.get("discounts") for item in told["items"]["data"])
    return bool(told.get("pause_collection") or off)


def _with_money_back():
    """The ids of customers to whom money was given back, or who asked it back from their bank."""
    told = [*client.every("disputes", expand=["data.charge"]), *client.every("refunds", expand=["data.charge"])]
    return {one["charge"]["customer"] for one in told if isinstance(one.get("charge"), dict)}
