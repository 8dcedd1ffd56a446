"""Plans as tests need them."""

from members.models import Plan


def sold(name, amount=500, currency="EUR", **fields):
    """A plan that is on offer for so much a month, in the currency's smallest unit."""
    plan = Plan.objects.create(**{"name": name, "slug": name.lower(), **fields})
    plan.prices.create(currency=currency, amount=amount)
    return plan
