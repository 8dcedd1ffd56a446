"""By what somebody came to a payment: the kind of place in plain words; the prompt that was clicked last, and those
that the browser was shown or held back from, sealed as a `members.trail`, and counted once it is paid.

An intent's row tells who pays, and when: so it keeps the rest in a form that nobody reads without the key, and no
longer than until it is counted.
"""

import re
from datetime import timedelta
from functools import partial
from typing import NamedTuple

from django.db import transaction
from django.db.models import Q

from members import habits, trail
from members.billing.models import Intent

# The kinds of places that may be told; a prompt may tell more, in its own words (`trail.source`).
KINDS = re.compile(r"account|ad|audio|gift|mail|meter|prompt|wall")
# How long a payment is waited for: no bank needs longer.
KEPT = timedelta(days=30)


class Arrival(NamedTuple):
    """source: the kind of place, "" where none is known; trail: sealed, as an Intent keeps it."""

    source: str = ""
    trail: str = ""

    @classmethod
    def of(cls, source, request, now):
        """source: what an address said, as `known` has let it through; now: aware."""
        came = trail.with_habits(trail.of_source(source), habits.of(request, now))
        return cls(source.partition(":")[0], trail.sealed(came))


UNKNOWN = Arrival()


def known(source):
    """A source that an address says, if it is one of ours; "" for anything else."""
    return source if KINDS.fullmatch(source) or trail.of_source(source) != trail.NOWHERE else ""


def note(intent, arrival):
    """Somebody comes again to what they set out to buy before: the prompt that was clicked last is the one that
    counts, until it is paid."""
    if trail.opened(arrival.trail).campaign:
        Intent.objects.filter(pk=intent.pk, state=Intent.State.OPEN).update(source=arrival.source, trail=arrival.trail)


def count(intent, amount):
    """Count that an Intent was paid: once, however often and by how many at once this is called, and only if what is
    written in the same transaction stands. amount: in the currency's smallest unit, 0 where a trial begins."""
    told = Intent.objects.filter(pk=intent.pk).values_list("trail", flat=True).first()
    if told and Intent.objects.filter(pk=intent.pk, trail=told).update(trail=""):
        transaction.on_commit(partial(_count, trail.opened(told), amount, intent.currency))


def _count(came, amount, currency):
    trail.count(came, trail.PAYMENT)
    if amount:
        trail.count(came, trail.MONEY, amount, currency)


def forget_trails(now):
    """Empty the trails of intents that came to nothing, or were made KEPT before `now` (aware)."""
    over = Q(state=Intent.State.EXPIRED) | Q(made_at__lt=now - KEPT)
    Intent.objects.filter(over).exclude(trail="").update(trail="")
