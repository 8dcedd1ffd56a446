"""What a reader's membership is, in plain values for the pages of an account."""

from django.db.models import F

from members.access import Audience
from members.models import Grant, Plan
from newsroom.ground.money import money


def membership(reader):
    """{plan: its name or "", until: moment or None for no end, grace_until: moment or None, owes} of a member, and of
    who would be one once a payment went through; None for anybody else. The plan is the highest that is held."""
    if reader.level < Audience.MEMBERS and not reader.owes:
        return None
    return {
        "plan": _highest(reader.plans),
        "until": None if reader.owes else _until(reader),
        "grace_until": reader.grace_until,
        "owes": reader.owes,
    }


def higher_plans(reader):
    """The plans on offer that a reader does not hold and that no plan held includes, in their order: {name, price}."""
    held = max((rank.level for rank in reader.plans), default=-1)
    others = [plan for plan in Plan.objects.offered() if plan.rank not in reader.plans and plan.level >= held]
    priced = [(plan, plan.monthly_price()) for plan in others]
    return [{"name": plan.name, "price": money(price.amount, price.currency)} for plan, price in priced if price]


def _highest(ranks):
    if not ranks:
        return ""
    return Plan.objects.get(pk=max(ranks, key=lambda rank: rank.level).plan).name


def _until(reader):
    """When the last thing that makes a member ends; None: nothing is known to end."""
    running = Grant.objects.running(reader.now).filter(user=reader.user)
    granted = running.order_by(F("ends_at").desc(nulls_first=True)).first()
    paid = getattr(reader.user, "membership", None)
    ends = [granted.ends_at] if granted else []
    ends += [paid.ends_at] if paid and paid.standing_at(reader.now).member else []
    return None if None in ends else max(ends, default=None)
