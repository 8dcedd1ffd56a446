"""The live subscriptions of a Stripe account that another system sold."""

import sys
from collections import Counter

from django.core.management.base import BaseCommand, CommandError

from members.billing import client
from members.billing.adopting import mapping, takeover
from members.billing.adopting.survey import survey
from members.models import Plan
from newsroom.ground.money import money

ERRORS = (client.Unavailable, client.Refused, client.Unset)
# A line of progress each so many.
TOLD_EACH = 100


class Command(BaseCommand):
    help = (
        "Takes over the live subscriptions of the Stripe account: makes accounts and memberships of them, and changes "
        "nothing there. Nobody enters a card again. Run it with --dry-run first; run again, it goes on."
    )

    def add_arguments(self, parser):
        parser.add_argument("--dry-run", action="store_true", help="write nothing, tell what would happen")
        parser.add_argument(
            "--map",
            nargs="+",
            action="extend",
            default=[],
            metavar="OLD=PLAN",
            help="a price or a product at Stripe, and the short name of the plan whose members its subscribers are",
        )
        parser.add_argument(
            "--leave",
            nargs="+",
            action="extend",
            default=[],
            metavar="OLD",
            help="a price or a product at Stripe whose subscriptions are none of ours",
        )

    def handle(self, *, dry_run, leave, **options):
        named = dict(map(_named, options["map"]))
        try:
            found = survey(named, frozenset(leave))
        except mapping.Unmapped as unmapped:
            told = "\n".join(unmapped.lines)
            raise CommandError(
                f"No plan is known for these prices, with how many live by them. Nothing was written.\n{told}\n"
                "Say which with --map PRICE=PLAN or --map PRODUCT=PLAN; --leave PRICE for what is none of ours."
            ) from unmapped
        except (mapping.Wrong, *ERRORS) as error:
            raise CommandError(f"{error} Nothing was written.") from error
        self._tell(found)
        differing = [] if dry_run else self._take(found)
        if found.refused or differing:
            sys.exit(1)

    def _tell(self, found):
        for key, count in found.by_price.most_common():
            price, plan = found.prices[key]
            self.stdout.write(f"{key}, {mapping.in_words(price)} → {plan}: {count}")
        for one in found.refused:
            self.stderr.write(f"{one.subscription} of {one.customer} {one.why}")
        self.stdout.write(_kinds(found))
        self.stdout.write(_sums(len(found.candidates), found.monthly))

    def _take(self, found):
        """The candidates that came to something else than was told."""
        total, done = len(found.candidates), Counter()

        def advance():
            done["people"] += 1
            if done["people"] % TOLD_EACH == 0:
                self.stdout.write(f"{done['people']} of {total}")

        try:
            takeover.take(found, advance)
        except ERRORS as error:
            raise CommandError(f"{error} {done['people']} of {total} are taken over: run it again.") from error
        differing = takeover.differing(found)
        for candidate, came_to in differing:
            self.stderr.write(f"{candidate.told['id']} of {candidate.customer} came to {came_to}. Run it again.")
        self.stdout.write(f"Taken over: {_sums(*takeover.held(found))}")
        return differing


def _named(text):
    old, _equals, slug = text.partition("=")
    plan = Plan.objects.filter(slug=slug).first()
    if not old or plan is None:
        names = ", ".join(Plan.objects.values_list("slug", flat=True))
        raise CommandError(
            f"--map {text}: write OLD=PLAN, with the short name of a plan: {names or 'there is none yet'}."
        )
    return old, plan


def _sums(count, monthly):
    sums = ", ".join(money(amount, currency) for currency, amount in monthly.items())
    return f"{count} memberships, {sums or 'nothing'} a month."


def _kinds(found):
    told = [candidate.told for candidate in found.candidates]
    return (
        f"{sum(candidate.user is None for candidate in found.candidates)} new accounts; "
        f"{sum(one['status'] == 'trialing' for one in told)} on trial, which bring nothing yet; "
        f"{sum(bool(one['cancel_at_period_end'] or one['cancel_at']) for one in told)} about to end; "
        f"{sum(bool(one['discounts']) for one in told)} with a coupon; "
        f"{len(found.refused)} to look at; {found.left} left where they are."
    )
