"""What is kept of readers and of the site's life, why, for how long, and what deletes it: one table, which the worker
enforces and the README repeats (a test holds them together)."""

from dataclasses import dataclass

from django.conf import settings

from articles.reading import history
from articles.reading.history import forget_old_visits
from articles.reading.shared import forget_old_pages
from members import gifts
from members.accounts import unconfirmed
from members.accounts.unconfirmed import forget_unconfirmed
from members.billing import arrival, inbox
from members.billing.arrival import forget_trails
from members.billing.inbox import forget_old_events
from members.billing.models import comparison, intent
from members.billing.models.comparison import forget_old_comparisons
from members.billing.models.intent import forget_expired_intents
from members.gifts import forget_past_gifts
from members.meter import forget_past_months
from members.models import invitation
from members.models.invitation import forget_old_invitations
from members.prompts.reminders import forget_reminders
from members.sessions import forget_expired_sessions
from newsroom.ground import audit, stamps, tasks
from newsroom.ground.audit import forget_old_deeds
from newsroom.ground.cache import forget_expired
from newsroom.ground.limits import forget_counts
from newsroom.ground.rollup import BY_THE_HOUR, roll_up_counts
from newsroom.ground.stamps import forget_old_stamps
from newsroom.ground.tasks import forget_failed

# Rounds of the worker (a minute each) between two times.
HOURLY, DAILY = 60, 24 * 60
SESSION_DAYS = settings.SESSION_COOKIE_AGE // (24 * 3600)


@dataclass(frozen=True)
class Kept:
    """by: the worker's chore that deletes it (a function of now), or in words what else does."""

    what: str
    why: str
    how_long: str
    by: object
    rounds: int = HOURLY

    @property
    def deleted_by(self):
        return f"`manage.py worker` ({self.by.__name__})" if callable(self.by) else self.by


TABLE = (
    Kept(
        "Client addresses: none in tables or logs; of a network's prefix a salted digest",
        "limits on sign-in and the like",
        "10 minutes; 40 where a challenge was answered (7 days would be the most)",
        forget_counts,
    ),
    Kept("Hard limits: mail to one address, guesses at a second factor; digests", "floods", "an hour", forget_expired),
    Kept(
        "Sessions, sealed",
        "to stay signed in",
        f"{SESSION_DAYS} days, or until signed out; a stranger's, on the way in, an hour",
        forget_expired_sessions,
    ),
    Kept(
        "Accounts whose address was never confirmed",
        "time to find the code",
        f"{unconfirmed.KEPT.days} days",
        forget_unconfirmed,
    ),
    Kept("What an account opened on the meter; keyed digests", "to count", "the calendar month", forget_past_months),
    Kept("How much a network opened on the meter; keyed digests", "its daily budget", "the day", forget_past_months),
    Kept(
        "Links that give a story away: digests, not which story",
        "to open it, and to count them by the month",
        f"the calendar month, at least {gifts.LIVES.days} days",
        forget_past_gifts,
    ),
    Kept(
        "Reading history, of those alone who switched it on: which story, when last",
        "the reader's own list",
        f"{history.KEPT.days} days and the newest {history.VISITS_MAX:,}; at a click, or switched off, at once",
        forget_old_visits,
    ),
    Kept(
        "Invitations, as digests",
        "who let whom in",
        f"{invitation.KEPT.days} days after they end",
        forget_old_invitations,
    ),
    Kept(
        "What Stripe told: ids, kinds and times of events, not what they say",
        "each once, and to see what came of it",
        f"{inbox.KEPT.days} days",
        forget_old_events,
    ),
    Kept(
        "What somebody set out to buy and did not pay, and by what kind of thing they came (no story)",
        "so that two tabs are one way",
        f"{intent.KEPT.days} days",
        forget_expired_intents,
    ),
    Kept(
        "By which prompt somebody came to a payment that is waited for; sealed",
        "to count it for that prompt, under a keyed digest",
        f"until it is paid, {arrival.KEPT.days} days at most",
        forget_trails,
    ),
    Kept(
        "Who wants a mail before a drive ends: the address, sealed; nothing before the mailbox has confirmed it",
        "to write that one mail",
        "until it is written; until the drive ends at the most",
        forget_reminders,
    ),
    Kept(
        "When payments were compared with Stripe, and how many differed",
        "to see that they are",
        f"{comparison.KEPT.days} days",
        forget_old_comparisons,
    ),
    Kept(
        "Payments, what was bought, what it brings a month; who is which customer at Stripe",
        "bookkeeping",
        "without end; by an account's number once it is deleted",
        "nothing; deleting the account takes card, links and open ways to pay",
    ),
    Kept(
        "Which mails about a membership were sent; why somebody cancelled, if they said so",
        "each mail once; to become better",
        "until the account is deleted; the bare reason without end",
        "deleting the account, at once",
    ),
    Kept(
        "Notes by the desk on an account, and why something was done for it",
        "so that the next who helps knows",
        "until the account is deleted",
        "deleting the account, at once",
    ),
    Kept(
        "Mail and other tasks that failed for good; the mail is sealed, its error may name an address",
        "to see why",
        f"{tasks.FAILED_KEPT.days} days; those done go at once",
        forget_failed,
    ),
    Kept(
        "Counts of reads, ads, prompts: numbers without readers",
        "reports",
        f"by the hour {BY_THE_HOUR.days} days, then by the day without end",
        roll_up_counts,
        DAILY,
    ),
    Kept(
        "Advertisers: a name, an address to write to; the link to their numbers as a digest; no reader of theirs",
        "to book campaigns and to report on them",
        "until the newsroom deletes them; a link until it is withdrawn",
        "the desk",
    ),
    Kept(
        "Audit log and the desk's history, by account numbers and keys",
        "who gave rights, opened everything, and signed in to work here",
        f"{audit.KEPT.days // 365} years",
        forget_old_deeds,
    ),
    Kept("Stamps of changes", "so that pages follow", f"{stamps.KEPT.days} days", forget_old_stamps),
    Kept("Compiled pages, which hold no reader", "speed", f"{stamps.KEPT.days} days", forget_old_pages),
    Kept(
        "Accounts that were deleted: a number without name or address, and its memberships and grants",
        "bookkeeping",
        "without end",
        "deleting the account, at once: address, names, why grants were given, sessions, second factors",
    ),
    Kept(
        "Drafts and revisions of staff who left",
        "they are the newsroom's work",
        "until the newsroom deletes them",
        "the desk; the author behind them is a number once the account is deleted",
    ),
    Kept(
        "Log lines: what broke (of a task: the kind of error, its number), no address of mail or network, no requests",
        "repairs",
        "as the machine's log keeps them: set 7 days",
        "the machine (`journalctl --vacuum-time=7d`, logrotate)",
    ),
    Kept("The demo's sent mail, in files", "to be read at `/outbox/`", "until they are deleted", "`rm -r var/outbox`"),
)

CHORES = {kept.by: kept.rounds for kept in TABLE if callable(kept.by)}


def as_markdown():
    """The table as the README has it."""
    rows = [("what", "why", "how long", "what deletes it"), ("---",) * 4]
    rows += [(kept.what, kept.why, kept.how_long, kept.deleted_by) for kept in TABLE]
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)
