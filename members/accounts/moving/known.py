"""What the database knows of the people of a batch, and of all plans: a handful of queries."""

from collections import defaultdict
from dataclasses import dataclass

from members.billing.models import Customer
from members.models import Grant, Note, Plan, User


@dataclass(frozen=True, slots=True)
class Known:
    """by_email, by_key: accounts; grants, notes: lists, and customers, by the account's id; owners: {id at Stripe: the
    account's id}; plans: {name or short name in lower case: Plan}; fallback: the Plan of grants that name none."""

    by_email: dict
    by_key: dict
    grants: dict
    notes: dict
    customers: dict
    owners: dict
    plans: dict
    fallback: object = None

    @classmethod
    def of(cls, people, fallback=None):
        by_email = {one.email: one for one in User.objects.filter(email__in=[person.email for person in people])}
        by_key = {one.key: one for one in User.objects.filter(key__in=[person.key for person in people if person.key])}
        accounts = {one.pk for one in (*by_email.values(), *by_key.values())}
        asked = [person.customer for person in people if person.customer]
        plans = Plan.objects.all()
        return cls(
            by_email,
            by_key,
            _lists(Grant.objects.filter(user__in=accounts).order_by("pk")),
            _lists(Note.objects.filter(user__in=accounts)),
            {one.user_id: one for one in Customer.objects.filter(user__in=accounts)},
            dict(Customer.objects.filter(stripe_id__in=asked).values_list("stripe_id", "user")),
            {plan.slug.casefold(): plan for plan in plans} | {plan.name.casefold(): plan for plan in plans},
            fallback,
        )


def _lists(rows):
    found = defaultdict(list)
    for row in rows:
        found[row.user_id].append(row)
    return found
