"""What is to come, done in its order when the clock gets there."""

from members.billing.sandbox.core import clock
from members.billing.sandbox.objects.checkout import sessions, taking
from members.billing.sandbox.objects.paying import disputes, payments
from members.billing.sandbox.objects.subscribing import collecting, invoices, renewal


def settle_payment(books, key):
    """A debit that takes days has come to its end."""
    intent = books.find(key, "payment_intent")
    if intent["status"] != "processing":
        return
    worked = books.hidden(key).get("outcome") == "succeeds"
    intent = payments.succeed(books, intent) if worked else payments.fail(books, intent, "generic_decline")
    if invoice := invoices.of_intent(books, intent):
        collecting.settle(books, invoice, intent)
    taking.settled(books, intent)


TASKS = {
    "announce_renewal": renewal.announce_renewal,
    "announce_trial_end": renewal.announce_trial_end,
    "dispute_charge": disputes.dispute_charge,
    "end_at_last": renewal.end_at_last,
    "expire_incomplete": renewal.expire_incomplete,
    "expire_session": sessions.expire_session,
    "finalize_invoice": collecting.finalize_invoice,
    "renew": renewal.renew,
    "resume_collection": renewal.resume_collection,
    "retry_invoice": collecting.retry_invoice,
    "settle_payment": settle_payment,
}


def do_next(books, until):
    """Do the first thing that is due at a moment, at the time that it was due. False: nothing was."""
    row = books.database.execute(
        "SELECT seq, at, task, subject FROM agenda WHERE at <= ? ORDER BY at, seq LIMIT 1", [until]
    ).fetchone()
    if row is None:
        return False
    place, at, task, subject = row
    books.database.execute("DELETE FROM agenda WHERE seq = ?", [place])
    books.now = at
    if books.find(subject) is not None:
        TASKS[task](books, subject)
    return True


def advance(world, to, frozen=None):
    """Move the clock forward, doing on the way what falls due, each at its own moment."""
    while True:
        with world.turn() as books:
            if not do_next(books, to):
                clock.move(books, to, frozen)
                return
