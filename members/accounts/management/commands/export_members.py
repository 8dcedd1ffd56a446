"""manage.py export_members: the accounts as a table that import_members reads again."""

import os

from django.core.management.base import BaseCommand, CommandError

from members.accounts.moving import export
from newsroom.ground import audit


class Command(BaseCommand):
    help = "Write all accounts, with what they hold and never with what they read, into a new CSV file."

    def add_arguments(self, parser):
        parser.add_argument("file", metavar="FILE")
        parser.add_argument("--members", action="store_true", help="members alone, and who owes")

    def handle(self, *, file, members, **options):
        lines = 0
        try:
            # A new file that nobody else on the machine may read.
            with open(file, "x", encoding="utf-8", newline="", opener=_private) as out:
                for line in export.lines(members):
                    out.write(line)
                    lines += 1
        except OSError as error:
            raise CommandError(f"{file}: {error.strerror}") from error
        # One of them has the headings.
        audit.record(None, "exported members", "export", "", f"{lines - 1} accounts")
        self.stdout.write(f"{lines - 1} accounts in {file}")


def _private(path, flags):
    return os.open(path, flags, 0o600)
