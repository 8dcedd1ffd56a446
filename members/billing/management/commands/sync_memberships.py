"""Memberships held against Stripe, and put right."""

import sys

from django.core.management.base import BaseCommand, CommandError

from members.billing import client, reconcile
from newsroom.ground import counters


class Command(BaseCommand):
    help = (
        "Runs the events of Stripe's that never came, compares every customer and membership with Stripe, and puts "
        "right what differs, a line each: who (by the account's key), what, from → to. The worker does it daily."
    )

    def add_arguments(self, parser):
        parser.add_argument("--dry-run", action="store_true", help="only say what differs; exit status 1 if anything")

    def handle(self, *, dry_run, **options):
        if not client.is_set():
            raise CommandError("No key of Stripe's is set, so there is nothing to compare with. Set STRIPE_SECRET_KEY.")
        try:
            report = reconcile.run(reconcile.Report(self.stdout.write, dry_run))
        finally:
            # Payments that are learned of here count for the prompts that led to them.
            counters.flush()
        found = "differ (nothing was changed: dry run)" if dry_run else "differed and were put right"
        self.stdout.write(
            f"{report.looked_at} looked at, {report.differed} {found}, {report.failed} failed; "
            f"{report.late} events had never come."
        )
        if report.failed or (dry_run and report.differed):
            sys.exit(1)
