"""Where what is known here may not be what Stripe knows: found by Stripe's own lists, a hundred a request, so that only
those are asked for one by one whom a list does not confirm.

A list of subscriptions tells nothing of refunds, disputes and failures. Of those whose payments went well events tell,
which Stripe keeps for a month: whoever compares less often looks at everybody.
"""

from dataclasses import asdict
from itertools import islice

from django.conf import settings

from members.billing import client, payments, state
from members.billing.models import Customer
from members.billing.picture import EXPANDED, Picture
from members.billing.refresh import sold
from members.models import Membership
from members.standing import PAID
from newsroom.ground import batches

CHUNK = 100
CARD = ("card_brand", "card_last4", "card_expires_on")
OWN_LIST = ("currency", "credit")


class Stranger(Exception):
    """Stripe knows none of our customers: the key is another account's."""


def everybody():
    """The ids of the rows of all customers that the key's mode knows."""
    return (row.pk for row in batches.each(_ours().only("pk")))


def unconfirmed():
    """(the ids of the rows of customers whom Stripe's lists do not confirm; how many subscriptions of ours belong to
    customers whom nobody knows here). Raises Stranger and the errors of `client`."""
    doubtful, with_card = _by_customers()
    confirmed, foreign, ours = set(), 0, sold()
    for told, held, customer in _subscriptions():
        found = state.read(Picture({}, [told]), ours).state
        if customer is None:
            foreign += found is not None and told["status"] not in state.ENDED
        elif held is None:
            doubtful |= {customer.pk} if _is_missed(customer, found) else set()
        elif _agrees(held, customer, found, told) and _pays_by(customer, told, with_card):
            confirmed.add(held.pk)
    held = Membership.objects.filter(user__customer__live=settings.STRIPE_LIVE).exclude(stripe_subscription=None)
    rows = held.values_list("pk", "user__customer").iterator()
    return doubtful | {customer for pk, customer in rows if pk not in confirmed}, foreign


def _by_customers():
    """(the ids of the rows of customers whom the list of customers does not confirm; the ids of those whose own card is
    the one that is known here)."""
    doubtful, with_card, seen = set(), set(), set()
    for chunk in chunks(client.each("customers", expand=["data.invoice_settings.default_payment_method"])):
        known = _known(told["id"] for told in chunk)
        for told in chunk:
            if (customer := known.get(told["id"])) is None:
                continue
            seen.add(customer.pk)
            alone = not hasattr(customer.user, "membership")
            found = payments.told_of_customer(Picture(told))
            if _is_so(customer, found, CARD):
                with_card.add(customer.pk)
            is_told = customer.user.erased_at is None and customer.deleted_at is None and customer.fetched_at
            if not is_told or not _is_so(customer, found, payments.TOLD if alone else OWN_LIST):
                doubtful.add(customer.pk)
    return doubtful | set(_gone(seen)), with_card


def _gone(seen):
    """The rows of customers, not known to be deleted, that are not among those seen at Stripe."""
    for pk, stripe_id in _ours().filter(deleted_at=None).values_list("pk", "stripe_id").iterator():
        if pk not in seen:
            if not seen:
                _look_for(stripe_id)
            yield pk


def _look_for(stripe_id):
    """Raise Stranger where Stripe has never known a customer: one that was deleted it knows for ever."""
    try:
        client.ask("customers.retrieve", stripe_id)
    except client.Missing as error:
        raise Stranger("Stripe knows none of our customers. Is STRIPE_SECRET_KEY of another account?") from error


def _subscriptions():
    """(a subscription at Stripe, its Membership or None, the Customer here or None), of all."""
    for chunk in chunks(client.each("subscriptions", status="all", expand=EXPANDED)):
        ids = [told["id"] for told in chunk]
        held = Membership.objects.filter(stripe_subscription__in=ids).in_bulk(field_name="stripe_subscription")
        known = _known(told["customer"] for told in chunk)
        for told in chunk:
            yield told, held.get(told["id"]), known.get(told["customer"])


def _agrees(held, customer, found, told):
    """Whether a Membership is what its subscription alone tells. One that is not paid, or was ended by our own rules,
    is always looked at."""
    is_over = told["status"] in state.ENDED
    if found is None or held.user_id != customer.user_id or not (is_over or held.status in PAID):
        return False
    # For want of which payment it ended no list tells, and nothing changes that.
    compared = {name: value for name, value in asdict(found).items() if name != "failed_at" or not is_over}
    return all(getattr(held, name) == value for name, value in compared.items())


def _pays_by(customer, told, with_card):
    """Whether card and debts of a customer are what a subscription tells, or the list of customers did."""
    found = payments.told_of_customer(Picture({}, [told]))
    is_by_own_card = not found["card_last4"] and customer.pk in with_card
    names = set(payments.TOLD) - set(OWN_LIST) - set(CARD if is_by_own_card or customer.deleted_at else ())
    return _is_so(customer, found, names)


def _is_missed(customer, found):
    """Whether a subscription of ours, by which nobody is a member, may make its customer one."""
    if found is None:
        return False
    has_one = Membership.objects.filter(user=customer.user_id).exclude(stripe_subscription=None).exists()
    return found.status not in state.ENDED or not has_one


def _is_so(customer, found, names):
    return all(getattr(customer, name) == found[name] for name in names)


def _known(ids):
    """{id at Stripe: Customer} of those that are known here."""
    return {row.stripe_id: row for row in _ours().select_related("user__membership").filter(stripe_id__in=set(ids))}


def _ours():
    """The customers that the key's mode knows; not those that Stripe never had."""
    known = Customer.objects.filter(live=settings.STRIPE_LIVE).exclude(stripe_id=None)
    return known.exclude(fetched_at=None, deleted_at__isnull=False)


def chunks(rows):
    """Lists of CHUNK each of what an iterator gives."""
    while chunk := list(islice(rows, CHUNK)):
        yield chunk
