"""What memberships bring: now, and how that came about, by the month. Beside it what was paid another way.

Nothing is reckoned here that `ledger` has not ruled: a movement is written when a membership changes, and the sum of
all movements in a currency is what its memberships bring now. Amounts are in the currency's smallest unit, and of two
currencies nothing is ever added up. Months are those of the site's time zone.
"""

from collections import defaultdict
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from django.db.models import Count, Sum
from django.db.models.functions import TruncMonth
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from members.billing import ledger
from members.billing.models import Movement
from members.models import Grant, Membership, Plan
from newsroom.ground import money

Kind = Movement.Kind
# How each figure is made, in a sentence.
HOW = {
    "mrr": _(
        "Monthly recurring revenue: what all memberships bring in a month that are paid now, or owed while Stripe "
        "still tries, with the discounts that go on. A year counts as a twelfth, rounded for each membership. A "
        "trial brings nothing yet; one that was cancelled counts until it ends. Before fees and taxes."
    ),
    Kind.NEW: _(
        "Memberships of people who never paid for one before: from the first payment on, not from the start of a trial."
    ),
    Kind.EXPANSION: _(
        "What members pay more than before: a dearer plan, a higher price of their own choice, a discount that "
        "has ended. It counts for the plan that they have now, with the difference."
    ),
    Kind.CONTRACTION: _(
        "What members pay less than before: a cheaper plan, a discount. It counts for the plan that they have "
        "now, with the difference."
    ),
    Kind.CHURNED: _(
        "What memberships brought that have ended, rest, are disputed, or unpaid after Stripe's last attempt; in "
        "the month in which that happened, not in which it was asked for."
    ),
    Kind.RECOVERED: _(
        "What memberships bring again of people who paid for one before: who came back, paid what was owed, ended "
        "a pause, or whose dispute was decided for us. A change of currency is a loss in one and this in the "
        "other."
    ),
    "elsewhere": _(
        "Memberships that were paid another way than by Stripe, as they were recorded: the whole amount, in the "
        "month in which the time begins that it pays for. It is no part of the figures above."
    ),
}


class Line(NamedTuple):
    """What a plan brings in a currency. plan: its name; monthly: in a month."""

    plan: str
    members: int
    monthly: int


class Moved(NamedTuple):
    """By how much, and how often."""

    amount: int = 0
    count: int = 0


class Month(NamedTuple):
    """month: its first day. before, after: what memberships brought at its beginning and end. moved: {kind: Moved} of
    all kinds."""

    month: date
    before: int
    moved: dict
    after: int


def now():
    """{currency: [Line]} of this moment, by the currencies' names, and the plans as they are listed."""
    told = ("plan", "currency", "interval", "interval_count", "amount")
    rows = Membership.objects.filter(status__in=ledger.COUNTED, amount__gt=0).order_by()
    return lines(rows.values_list(*told).annotate(members=Count("pk")), dict(Plan.objects.values_list("pk", "name")))


def lines(rows, plans):
    """The same of rows (plan, currency, interval, so many of it, amount, how many members). plans: {id: name}."""
    found = defaultdict(lambda: defaultdict(Moved))
    for plan, currency, interval, interval_count, amount, members in rows:
        so_far = found[currency][plan]
        monthly = ledger.monthly(amount, interval, interval_count)
        found[currency][plan] = Moved(so_far.amount + members * monthly, so_far.count + members)
    return {
        currency: [Line(name, held[plan].count, held[plan].amount) for plan, name in plans.items() if plan in held]
        for currency, held in sorted(found.items())
    }


def total(lines):
    """The Line of all plans together."""
    return Line("", sum(line.members for line in lines), sum(line.monthly for line in lines))


def by_month(plan=None):
    """{currency: [Month]}: every month from the first that has a movement to this one. plan: the movements of one Plan
    alone, of which `before` and `after` are nothing that anybody pays, since who changes plans counts with the
    difference."""
    rows = _movements(**({"plan": plan} if plan else {}))
    return months(rows.values_list("month", "currency", "kind", "amount_sum", "count"), _this_month())


def months(rows, last):
    """The same of rows (month, currency, kind, amount, count). last: the first day of the last month."""
    found = defaultdict(lambda: defaultdict(lambda: defaultdict(Moved)))
    for month, currency, kind, amount, count in rows:
        held = found[currency][_first_day(month)]
        held[kind] = Moved(held[kind].amount + amount, held[kind].count + count)
    return {currency: _told(held, last) for currency, held in sorted(found.items())}


def _told(held, last):
    told, brought, month = [], 0, min(held)
    while month <= max(last, *held):
        moved = {kind: held.get(month, {}).get(kind, Moved()) for kind in Kind}
        after = brought + sum(one.amount for one in moved.values())
        told.append(Month(month, brought, moved, after))
        brought, month = after, _next(month)
    return told


def elsewhere():
    """[(first day of the month, way in words, currency, amount, count)] of what was paid another way, newest first."""
    paid = Grant.objects.exclude(paid_through="").order_by().annotate(month=TruncMonth("starts_at"))
    rows = paid.values("month", "paid_through", "currency").annotate(amount_sum=Sum("amount"), count=Count("pk"))
    ways = dict(Grant._meta.get_field("paid_through").choices)
    told = rows.values_list("month", "paid_through", "currency", "amount_sum", "count")
    return [
        (_first_day(month), ways[way], currency, amount, count)
        for month, way, currency, amount, count in told.order_by("-month", "paid_through", "currency")
    ]


def table():
    """Rows (dicts) of all movements by month, currency, plan and kind, for a spreadsheet; amounts in whole units."""
    plans = dict(Plan.objects.values_list("pk", "slug"))
    rows = _movements().values_list("month", "currency", "plan", "kind", "amount_sum", "count")
    return [
        {
            "month": f"{month:%Y-%m}",
            "currency": currency,
            "plan": plans[plan],
            "kind": kind,
            "amount": in_units(amount, currency),
            "count": count,
        }
        for month, currency, plan, kind, amount, count in rows.order_by("month", "currency", "plan", "kind")
    ]


def in_units(amount, currency):
    """A Decimal of whole units: spreadsheets add it up."""
    decimals = money.DECIMALS.get(currency, 2)
    return Decimal(amount).scaleb(-decimals)


def _movements(**which):
    rows = Movement.objects.filter(**which).order_by().annotate(month=TruncMonth("at"))
    by = ("month", "currency", "kind", "plan")
    return rows.values(*by).annotate(amount_sum=Sum("amount"), count=Count("pk"))


def _this_month():
    return timezone.localdate().replace(day=1)


def _first_day(moment):
    return date(moment.year, moment.month, 1)


def _next(month):
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)
