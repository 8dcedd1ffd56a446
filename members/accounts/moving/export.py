"""The accounts as a table that `formats.ours` reads again, one line a person: what a newsroom takes along, and
never what was read. Safe to open in a spreadsheet. Who asked to be erased is not in it."""

import csv
import io

from django.conf import settings
from django.db.models import Exists, F, OuterRef, Prefetch, Q
from django.utils import timezone

from members.accounts.moving.formats.ours import COMPLIMENTARY
from members.models import Grant, Membership, User
from members.standing import OWING, PAID
from newsroom.ground import money, spreadsheet

# Accounts that are read at once.
CHUNK = 1_000
# Heading -> what stands below it, of an `Exported`. Those of the last group are told by Stripe, and not read again.
ACCOUNT = ("email", "key", "name", "language", "joined")
GRANT = ("grant", "plan", "from", "until", "amount", "currency", "reason")
STRIPE = ("stripe_customer", "stripe_subscription", "status", "since", "paid_plan", "price", "price_currency",
          "interval", "paid_until", "ends")  # fmt: skip
COLUMNS = (*ACCOUNT, *GRANT, *STRIPE)


def accounts(members_only=False, now=None):
    """The accounts that a table has, in the order in which they joined. members_only: those alone who are members at
    `now`, or owe."""
    now = now or timezone.now()
    lasting = Grant.objects.filter(Q(ends_at=None) | Q(ends_at__gt=now), revoked_at=None).select_related("plan")
    found = User.objects.filter(erased_at=None).order_by("date_joined", "pk")
    if members_only:
        own = {"user": OuterRef("pk")}
        paid = Membership.objects.filter(Q(ends_at=None) | Q(ends_at__gt=now), status__in=PAID | OWING, **own)
        found = found.filter(Exists(Grant.objects.running(now).filter(**own)) | Exists(paid))
    longest = F("ends_at").asc(nulls_last=True)
    return found.select_related("membership__plan", "customer").prefetch_related(
        Prefetch("grants", lasting.order_by(longest, "pk"), to_attr="lasting")
    )


def lines(members_only=False):
    """The table, line by line, as text; the first has the headings."""
    yield _line(COLUMNS)
    for user in accounts(members_only).iterator(chunk_size=CHUNK):
        yield _line(row(user))


def row(user):
    """The cells of an account of `accounts`."""
    name, joined = user.display_name, user.date_joined.isoformat()
    account = [user.email, user.key, name, user.language, joined]
    # Of several grants the one that lasts longest.
    given = _grant(user.lasting[-1]) if user.lasting else [""] * len(GRANT)
    return [*account, *given, *_stripe(user)]


def _grant(grant):
    amount = "" if grant.amount is None else money.written(grant.amount, grant.currency)
    return [
        grant.paid_through or COMPLIMENTARY, grant.plan.slug if grant.plan else "", grant.starts_at.isoformat(),
        _moment(grant.ends_at), amount, grant.currency, grant.reason,
    ]  # fmt: skip


def _stripe(user):
    customer, held = getattr(user, "customer", None), getattr(user, "membership", None)
    told = [(customer.stripe_id if customer else "") or ""]
    if held is None:
        return [*told, *[""] * (len(STRIPE) - 1)]
    price = "" if held.amount is None else money.written(held.amount, held.currency)
    interval = f"{held.interval_count} {held.interval}" if held.interval else ""
    return [
        *told, held.stripe_subscription or "", held.status, held.started_at.isoformat(), held.plan.slug, price,
        held.currency, interval, _moment(held.renews_at), _moment(held.ends_at),
    ]  # fmt: skip


def _moment(moment):
    return moment.isoformat() if moment else ""


def _line(cells):
    text = io.StringIO()
    csv.writer(text).writerow([spreadsheet.cell(cell) for cell in cells])
    return text.getvalue()


def file_name(now):
    """Of a table that is written at `now`: it says whose it is, since there may be several."""
    site = settings.SITE_HOSTS[0].partition(":")[0]
    return f"members-{site}-{now:%Y-%m-%d}.csv"
