"""manage.py import_members: take people over from a file."""

import sys
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError

from members.accounts.moving import load, table
from members.accounts.moving.formats import FORMATS
from members.accounts.moving.verdict import FAILED
from members.models import Plan


class Command(BaseCommand):
    help = (
        "Import members from a CSV file: our own export or any table with addresses, exports of Ghost, Substack and"
        " Patreon. A second import of the same changes nothing; one that was stopped goes on. No mail is sent."
    )

    def add_arguments(self, parser):
        parser.add_argument("file", metavar="FILE")
        parser.add_argument("--format", choices=["auto", *FORMATS], default="auto", help="how to read the file")
        parser.add_argument(
            "--plan", metavar="SHORT-NAME", help="of memberships for which the file names no plan of ours"
        )
        parser.add_argument("--dry-run", action="store_true", help="write nothing, tell what would happen")

    def handle(self, *, file, plan, dry_run, **options):
        told, done = _bytes(file), 0

        def advance(count):
            nonlocal done
            done += count
            self.stdout.write(f"{done} rows")

        try:
            report = load.run(told, None, options["format"], _plan(plan), dry_run, advance)
        except table.Unreadable as error:
            raise CommandError(f"{file}: {error}") from error
        except OperationalError as error:
            raise CommandError(f"the database stopped: {error}. Start the import again: it goes on.") from error
        self._tell(file, report)
        if report.counts[FAILED]:
            sys.exit(1)

    def _tell(self, file, report):
        for line, why in report.failures:
            self.stderr.write(f"{file}:{line}: {why}", style_func=str)
        if report.untold:
            self.stderr.write(f"{file}: and {report.untold} more", style_func=str)
        for words, count in report.remarks.items():
            self.stdout.write(f"{count} × {words}")
        if report.left:
            self.stdout.write(f"Columns that nothing was taken from: {', '.join(report.left)}")
        self.stdout.write(f"{'Dry run: ' if report.dry else ''}{report.format}: {report}")


def _bytes(file):
    path = Path(file)
    try:
        if path.stat().st_size > table.BYTES_MAX:
            raise CommandError(f"{file}: more than {table.BYTES_MAX // 1024**2} megabytes. Split it.")
        return path.read_bytes()
    except OSError as error:
        raise CommandError(f"{file}: {error.strerror}") from error


def _plan(slug):
    if not slug:
        return None
    found = Plan.objects.filter(slug=slug).first()
    if found is None:
        slugs = ", ".join(Plan.objects.values_list("slug", flat=True)) or "none at all"
        raise CommandError(f"--plan {slug}: there is no such plan. There is: {slugs}.")
    return found
