"""What happened with a member, the newest first: payments, mails, grants, what Stripe told and what the desk did.

Never what was read. The meter, gifts and the reading history are not asked here, and no table that is asked names a
story.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from members.billing.letters import ended_at
from members.billing.models import Event
from members.models import User
from newsroom.ground.models import Deed
from newsroom.ground.money import each, money

PAGE = 50
# Stripe's own pages, which open at a click alone.
DASHBOARD = "https://dashboard.stripe.com"


@dataclass(frozen=True, slots=True)
class Entry:
    """kind: what sort of thing, in a word; by: who did it, if somebody who works here did; url: where it can be looked
    at, "" nowhere."""

    at: datetime
    kind: str
    words: str
    detail: str = ""
    by: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """entries: the newest first; older: the moment with which the next page begins, None on the last."""

    entries: list
    older: datetime | None


def of(user, until=None, most=PAGE):
    """The Page of an account's story. until: the aware moment that it begins with, None for the newest. As many queries
    for each page."""
    entries = [entry for source in SOURCES for entry in source(user, until, most + 1)]
    entries.sort(key=lambda entry: entry.at, reverse=True)
    if len(entries) <= most:
        return Page(entries, None)
    # What happened at one moment stands on one page, unless it fills more than one.
    next_one = entries[most].at
    shown = [entry for entry in entries if entry.at > next_one]
    return Page(shown, next_one) if shown else Page(entries[:most], next_one - timedelta(microseconds=1))


def at_stripe(customer, kind, name):
    """The address of a thing on Stripe's own pages. kind: as they call it, such as "payments"; name: its id."""
    return f"{DASHBOARD}{'' if customer and customer.live else '/test'}/{kind}/{name}" if name else ""


def _newest(rows, field, until, most):
    """At most so many rows of a QuerySet, by a field of moments, the newest first."""
    rows = rows.filter(**{f"{field}__isnull": False})
    if until:
        rows = rows.filter(**{f"{field}__lte": until})
    return rows.order_by(f"-{field}", "-pk")[:most]


def _is_by(moment, until):
    return moment is not None and moment <= timezone.now() and (until is None or moment <= until)


def _account(user, until, most):
    told = [(user.date_joined, _("Opened the account")), (user.banned_at, _("Was banned")),
            (user.erased_at, _("Had the account erased"))]  # fmt: skip
    return [Entry(at, _("account"), words) for at, words in told if _is_by(at, until)]


def _membership(user, until, most):
    held = getattr(user, "membership", None)
    if held is None:
        return []
    told = [(held.started_at, _("Became a member: %(plan)s")), (held.failed_at, _("A payment failed: %(plan)s")),
            (ended_at(held, timezone.now(), settings.GRACE), _("Ended: %(plan)s"))]  # fmt: skip
    return [Entry(at, _("membership"), words % {"plan": held.plan}) for at, words in told if _is_by(at, until)]


def _intents(user, until, most):
    rows = _newest(user.intents.select_related("plan", "offer"), "made_at", until, most)
    return [Entry(row.made_at, _("intent"), _set_out(row), _came_by(row)) for row in rows]


def _set_out(intent):
    price = each(intent.amount, intent.currency, intent.interval) if intent.interval else _paid(intent)
    what = f"{intent.plan}, {price}" if intent.plan else f"{intent.get_kind_display()}, {price}"
    return _("Set out to pay: %(what)s. %(state)s") % {"what": what, "state": intent.get_state_display()}


def _came_by(intent):
    told = [intent.source, intent.offer.code if intent.offer else ""]
    return " · ".join(filter(None, told))


def _payments(user, until, most):
    customer = getattr(user, "customer", None)
    return [
        Entry(row.at, _("payment"), f"{_paid(row)}: {row.get_state_display().lower()}", _of_payment(row),
              url=at_stripe(customer, "payments", row.stripe_id))
        for row in _newest(user.payments, "at", until, most)
    ]  # fmt: skip


def _of_payment(payment):
    back = (
        _("%(amount)s given back") % {"amount": money(payment.refunded, payment.currency)} if payment.refunded else ""
    )
    return " · ".join(filter(None, [payment.get_kind_display(), back, payment.stripe_id]))


def _paid(row):
    return money(row.amount, row.currency)


def _movements(user, until, most):
    rows = _newest(user.movements.select_related("plan"), "at", until, most)
    return [Entry(row.at, _("revenue"), _moved(row), str(row.plan)) for row in rows]


def _moved(movement):
    change = money(abs(movement.amount), movement.currency)
    told = {"kind": movement.get_kind_display(), "sign": "−" if movement.amount < 0 else "+", "change": change}
    return _("%(kind)s: %(sign)s%(change)s a month") % told


def _mails(user, until, most):
    rows = _newest(user.notices, "at", until, most)
    return [Entry(row.at, _("mail"), capfirst(row.kind.replace("_", " "))) for row in rows]


def _grants(user, until, most):
    rows = user.grants.select_related("plan", "granted_by")
    given = [
        Entry(row.created_at, _("grant"), _given(row), row.reason, _name(row.granted_by))
        for row in _newest(rows, "created_at", until, most)
    ]
    ended = [
        Entry(row.revoked_at, _("grant"), _("Ended a grant: %(plan)s") % {"plan": row.plan or _("all members")})
        for row in _newest(rows, "revoked_at", until, most)
    ]
    return given + ended


def _given(grant):
    told = {"plan": grant.plan or _("all members"), "from": _day(grant.starts_at), "until": _day(grant.ends_at)}
    words = (
        _("Grant of %(plan)s, from %(from)s")
        if grant.ends_at is None
        else _("Grant of %(plan)s, %(from)s to %(until)s")
    )
    paid = f" · {_paid(grant)}, {grant.get_paid_through_display()}" if grant.paid_through else ""
    return f"{words % told}{paid}"


def _events(user, until, most):
    customer = getattr(user, "customer", None)
    if not (customer and customer.stripe_id):
        return []
    # Of most of what Stripe tells nothing comes here; that stands in the list of events alone.
    told = Event.objects.filter(customer=customer.stripe_id).exclude(status=Event.State.IGNORED)
    rows = _newest(told, "received_at", until, most)
    return [
        Entry(row.received_at, _("Stripe"), row.type, _of_event(row), url=at_stripe(customer, "events", row.stripe_id))
        for row in rows
    ]


def _of_event(event):
    if event.status == Event.State.DONE:
        return ""
    return " · ".join(filter(None, [event.get_status_display(), event.error]))


def _cancellations(user, until, most):
    rows = _newest(user.cancellations, "at", until, most)
    return [Entry(row.at, _("answer"), _("Cancelled: %(why)s") % {"why": row}, row.text) for row in rows]


def _notes(user, until, most):
    rows = _newest(user.notes.select_related("author"), "at", until, most)
    return [Entry(row.at, _("note"), row.text, by=_name(row.author)) for row in rows]


def _deeds(user, until, most):
    rows = list(_newest(Deed.objects.filter(kind="account", key=user.key), "at", until, most))
    names = {one.key: str(one) for one in User.objects.filter(key__in={row.actor for row in rows if row.actor})}
    return [Entry(row.at, _("desk"), capfirst(row.deed), row.note, names.get(row.actor, row.actor)) for row in rows]


def _name(user):
    return str(user) if user else ""


def _day(moment):
    return date_format(timezone.localtime(moment)) if moment else ""


SOURCES = (
    _account, _membership, _intents, _payments, _movements, _mails, _grants, _events, _cancellations, _notes, _deeds,
)  # fmt: skip
