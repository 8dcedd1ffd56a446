"""What came to the newsroom in a span of time: who joined, and what they and those who gave once paid.

Counted from the books, so that what is given back is no longer in it, and whatever led somebody here: while a drive
runs, who joins at a wall joins too.
"""

from typing import NamedTuple

from django.db.models import Count, F, Q, Sum

from members.billing.models import Intent, Payment


class Brought(NamedTuple):
    """members: how many accounts became members. amounts: {currency: in its smallest unit}, without what was given
    back and what older memberships renew."""

    members: int
    amounts: dict


def between(since, until):
    """The Brought of those who set out from `since` to `until` (aware). Two queries."""
    joined = Intent.objects.filter(
        kind=Intent.Kind.MEMBERSHIP, state=Intent.State.PAID, made_at__gte=since, made_at__lt=until
    )
    new = Q(subscription__in=joined.exclude(subscription=None).values("subscription"))
    paid = Payment.objects.filter(Q(kind=Intent.Kind.CONTRIBUTION) | new, at__gte=since, at__lt=until)
    sums = paid.filter(state=Payment.State.PAID).order_by("currency").values_list("currency")
    amounts = dict(sums.annotate(total=Sum(F("amount") - F("refunded"))))
    members = joined.aggregate(members=Count("user", distinct=True))["members"]
    return Brought(members, {currency: amount for currency, amount in amounts.items() if amount})
