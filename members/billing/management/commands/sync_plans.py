"""Plans, prices and offers at Stripe."""

import sys

from django.core.management.base import BaseCommand, CommandError

from members.billing import catalogue, client

ERRORS = (client.Unavailable, client.Refused, client.Unset)


class Command(BaseCommand):
    help = (
        "Makes at Stripe the products of plans, their prices and the coupons of offers where they are missing, puts "
        "names right, and says what differs and has to be put right by people. Run again, it makes nothing."
    )

    def add_arguments(self, parser):
        parser.add_argument("--dry-run", action="store_true", help="only say what would be done")

    def handle(self, *, dry_run, **options):
        try:
            report = catalogue.sync(dry_run)
        except ERRORS as error:
            raise CommandError(f"{error} What was made until then is kept; run it again.") from error
        would = "would be " if dry_run else ""
        for line in report.made:
            self.stdout.write(f"{line.what}: {would}made at Stripe: {line.said}")
        for line in report.mended:
            self.stdout.write(f"{line.what}: {would}put right at Stripe: {line.said}")
        for line in report.drift:
            self.stderr.write(f"{line.what}: {line.said}. {line.remedy}")
        counts = f"{len(report.made)} made, {len(report.mended)} put right, {len(report.drift)} to look at"
        self.stdout.write(f"{counts}{' (nothing was done: dry run)' if dry_run else ''}.")
        if report.drift:
            sys.exit(1)
