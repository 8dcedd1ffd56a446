"""manage.py import_articles: bring stories from files into the newsroom."""

import json
import sys
from contextlib import contextmanager
from functools import partial

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError
from django.utils import timezone
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from articles.importing import files
from articles.importing.ages import moment
from articles.importing.formats import PARSERS
from articles.importing.load import Options, run
from articles.importing.results import FAILED, STATUSES, Results


class Command(BaseCommand):
    help = (
        "Import stories: page dumps and Markdown, a file or whole folders. A second import of the same changes nothing."
    )

    def add_arguments(self, parser):
        parser.add_argument("paths", nargs="*", metavar="PATH", help="files or folders (default: seeds/)")
        parser.add_argument("--format", choices=["auto", *PARSERS], default="auto", help="how to read the files")
        parser.add_argument(
            "--as-of",
            metavar="DATE",
            help='the moment that "2 hours ago" counts from (default: when the file was changed)',
        )
        parser.add_argument("--draft", action="store_true", help="leave new stories as drafts")
        parser.add_argument("--dry-run", action="store_true", help="write nothing, tell what would happen")
        parser.add_argument("--json", action="store_true", help="print one JSON document")

    def handle(self, *, paths, as_of, **options):
        paths = paths or [settings.BASE_DIR / "seeds"]
        chosen = Options(options["format"], _as_of(as_of), options["draft"], options["dry_run"])
        with Results() as results:
            with self._progress(paths, quiet=options["json"]) as (write, chosen.advance):
                chosen.say = lambda file, line, text: write(f"{file}:{line}: {text}")
                _run(paths, results, chosen)
            counts = results.counts()
            if options["json"]:
                self._print_json(results, counts)
            else:
                said = ", ".join(f"{counts[status]} {status}" for status in STATUSES)
                self.stdout.write(f"{'Dry run: ' if chosen.dry_run else ''}{said}")
        if counts[FAILED]:
            sys.exit(1)

    @contextmanager
    def _progress(self, paths, quiet):
        """Yields (write(line) to stderr, advance(files)): a bar on a terminal, else plain lines, none with --json."""
        total = sum(_count(path) for path in paths)
        console = Console(stderr=True)
        if console.is_terminal:
            columns = TextColumn("Importing"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
            with Progress(*columns, console=console, transient=True) as bar:
                task = bar.add_task("", total=total)
                # Lines go above the bar.
                yield (
                    lambda line: console.print(line, markup=False, highlight=False, soft_wrap=True),
                    partial(bar.advance, task),
                )
            return
        done = 0

        def advance(count):
            nonlocal done
            done += count
            if count and not quiet:
                self.stdout.write(f"{done} of {total} files")

        yield partial(self.stderr.write, style_func=str), advance

    def _print_json(self, results, counts):
        """Written piece by piece: the document may be larger than memory should be."""
        self.stdout.write('{"stories": [', ending="")
        for number, story in enumerate(results.stories()):
            self.stdout.write(f"{',' if number else ''}\n{json.dumps(story, ensure_ascii=False)}", ending="")
        self.stdout.write(f"\n], {json.dumps(counts)[1:-1]}}}")


def _run(paths, results, options):
    try:
        run(paths, results, options)
    except OperationalError as error:
        raise CommandError(f"the database stopped: {error}. Start the import again: it goes on.") from error


def _count(path):
    try:
        return sum(1 for _ in files.stories(path))
    except files.Unreadable:
        return 0


def _as_of(text):
    if not text:
        return None
    found = moment(text, timezone.localtime())
    if not found:
        raise CommandError(f"--as-of {text}: no date. Write 2026-03-31 or 2026-03-31T18:30.")
    return found.at
