"""Once a day all that is known here is held against Stripe, and put right: whatever was never delivered, or was changed
by hand on either side, is found within a day.

First the events that never came run through the inbox, and the ways to Stripe's page that are still open are asked
after. Then whoever differs is fetched afresh, by the same `refresh` as ever. Last come the mails that time alone calls
for.
"""

import logging
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from members.billing import checkout, client, differences, drift, inbox, letters, refresh, state
from members.billing.models import Comparison, Customer, Event, Intent
from members.models import Membership
from newsroom.ground import batches

# How long Stripe keeps events, less a day.
STRIPE_KEEPS = timedelta(days=29)
# Events come to Stripe's list a little later than they are made.
OVERLAP = timedelta(hours=1)
# The worker compares when it was last done so long ago, and nobody has begun just now; one that failed, or was killed,
# is begun anew sooner than a day later.
A_DAY, JUST_NOW = timedelta(hours=20), timedelta(hours=4)
# A way to Stripe's page for which no page was ever made is given up after this.
PAGELESS = timedelta(days=2)
# So many customers in a row that cannot be asked for: it is Stripe that is away.
IN_A_ROW = 5
# Customers between two lines of the log that tell how far it is.
PROGRESS = 500

log = logging.getLogger("newsroom")


@dataclass
class Report:
    """tell: called with each line. Counts of customers, and of intents; late: of events that never came; away: of
    customers in a row for whom Stripe could not be asked."""

    tell: Callable
    dry_run: bool = False
    looked_at: int = 0
    differed: int = 0
    failed: int = 0
    late: int = 0
    away: int = 0


class BrokenOff(Exception):
    """Stripe cannot be asked: what is left is left to the next time."""


def daily(now):
    """The worker's chore: a comparison a day, by whichever worker comes first. The log is told what differed."""
    recent = Q(started_at__gt=now - JUST_NOW) | Q(finished_at__gt=now - A_DAY)
    if client.is_set() and not Comparison.objects.filter(recent).exists():
        run(Report(log.warning))


def run(report):
    """Compare everything, and put it right unless the report is of a dry run, which asks after no open way to pay
    either. Returns the report."""
    now = timezone.now()
    done = Comparison.objects.exclude(finished_at=None).values_list("started_at", flat=True).first()
    since = max(done or now - STRIPE_KEEPS, now - STRIPE_KEEPS)
    row = None if report.dry_run else Comparison.objects.create(started_at=now)
    try:
        _catch_up(since - OVERLAP, report)
        if not report.dry_run:
            _settle_intents(now, report)
        _compare(report, everybody=done != since)
    except (client.Unavailable, client.Refused, drift.Stranger, BrokenOff) as error:
        report.failed += 1
        report.tell(f"The comparison with Stripe was broken off: {error}")
    if row is not None:
        _write_letters(report)
        row.looked_at, row.differed, row.failed = report.looked_at, report.differed, report.failed
        row.finished_at = None if report.failed else timezone.now()
        row.save()
    return report


def _catch_up(since, report):
    """Keep the events since a moment that never came, and run all that are due, those too that were given up: whatever
    they failed for may be over, and of money that was given back no list of Stripe's tells."""
    listed = client.each("events", types=sorted(inbox.WHOSE), created={"gte": int(since.timestamp())})
    for chunk in drift.chunks(listed):
        ids = [told["id"] for told in chunk]
        known = set(Event.objects.filter(stripe_id__in=ids).values_list("stripe_id", flat=True))
        for told in chunk:
            if told["id"] not in known:
                _keep(told, report)
    if not report.dry_run:
        inbox.again(Event.objects.filter(status=Event.State.FAILED))
    while not report.dry_run and inbox.run_due(timezone.now()):
        pass


def _keep(told, report):
    now = timezone.now()
    event = inbox.event_of(told, now)
    if event is None:
        return
    report.late += 1
    if not report.dry_run:
        inbox.keep(event, now)


def _settle_intents(now, report):
    """Ask after the ways to Stripe's page that are open here still."""
    for intent in batches.each(Intent.objects.filter(state=Intent.State.OPEN).select_related("user")):
        who = intent.user.key if intent.user else "a stranger"
        with _going_on(report, who):
            became = _became(intent, now)
            if became != Intent.State.OPEN:
                report.differed += 1
                report.tell(f"{who}: intent {intent.pk}: open → {became}")


def _became(intent, now):
    """The state of an open intent by what Stripe says, written down."""
    is_over = intent.session is None and intent.made_at < now - PAGELESS
    if intent.session:
        try:
            checkout.settle(intent.session)
        except client.Missing:
            is_over = True
    if is_over:
        Intent.objects.filter(pk=intent.pk, state=Intent.State.OPEN).update(state=Intent.State.EXPIRED)
    return Intent.objects.values_list("state", flat=True).get(pk=intent.pk)


def _compare(report, everybody):
    for pk in _paid_in_test():
        _one(report, pk, _end_of_test)
    doubtful, foreign = drift.unconfirmed()
    if foreign:
        report.tell(f"{foreign} live subscriptions belong to nobody here: adopt_subscriptions takes them over.")
    for pk in drift.everybody() if everybody else sorted(doubtful):
        _one(report, pk, _refreshed)


def _one(report, pk, look):
    """Look at one customer, and tell what differs."""
    report.looked_at += 1
    if report.looked_at % PROGRESS == 0:
        log.info("%s customers are compared with Stripe.", report.looked_at)
    who = Customer.objects.values_list("user__key", flat=True).get(pk=pk)
    with _going_on(report, who):
        lines = look(pk, report.dry_run)
        report.differed += bool(lines)
        for line in lines:
            report.tell(f"{who}: {line}")


@contextmanager
def _going_on(report, who):
    """What fails of one stops nobody else, unless Stripe cannot be asked at all."""
    try:
        yield
        report.away = 0
    except Exception as error:
        report.failed += 1
        report.away = report.away + 1 if isinstance(error, client.Unavailable) else 0
        report.tell(f"{who}: could not be compared ({type(error).__name__}).")
        if report.away >= IN_A_ROW:
            raise BrokenOff("Stripe cannot be reached. Run sync_memberships later.") from error


def _refreshed(pk, dry_run):
    """What of a customer differed; put right unless it is a dry run, which writes the same and takes it back."""
    try:
        fetched = refresh.fetch(pk)
    except client.Missing:
        return _never_was(pk, dry_run)
    return _written(pk, dry_run, lambda now: refresh.write(fetched, now)) if fetched else []


def _never_was(pk, dry_run):
    """Let go of a customer that Stripe does not know, though it knows others of ours, and that was never fetched: an id
    that came with a file from elsewhere. Raises Missing for any other."""
    rows = Customer.objects.filter(pk=pk, fetched_at=None)
    if not rows.exists():
        raise client.Missing("Stripe does not know the customer any more, and has not told that it was deleted.")
    if not dry_run:
        rows.update(deleted_at=timezone.now())
    return ["Stripe never had the customer that is named here: let go of"]


def _end_of_test(pk, dry_run):
    def end(now):
        user = refresh.locked(pk).user_id
        refresh.write_membership(user, Membership.objects.get(user=user), None, now)

    return _written(pk, dry_run, end)


def _written(pk, dry_run, write):
    with transaction.atomic():
        before = differences.known(pk)
        write(timezone.now())
        lines = differences.between(before, differences.known(pk))
        transaction.set_rollback(dry_run)
    return lines


def _paid_in_test():
    """The rows of customers whose membership was paid with test money, now that real money is taken."""
    if not settings.STRIPE_LIVE:
        return []
    held = Membership.objects.exclude(stripe_subscription=None).exclude(status__in=state.ENDED)
    return list(Customer.objects.filter(live=False, user__membership__in=held).values_list("pk", flat=True))


def _write_letters(report):
    """Write the mails that nothing but the time calls for."""
    held = Membership.objects.exclude(stripe_subscription=None).filter(user__erased_at=None)
    rows = held.exclude(user__customer=None).select_related("plan", "user__customer")
    for membership in batches.each(rows):
        if letters.due(membership, membership.user.customer, timezone.now(), settings.GRACE):
            with _going_on(report, membership.user.key), transaction.atomic():
                customer = refresh.locked(membership.user.customer.pk)
                fresh = Membership.objects.select_related("plan").get(pk=membership.pk)
                refresh.write_letters(fresh, customer, timezone.now())
