import io
import json
from datetime import UTC, datetime

import pytest
from django.core.management import call_command

NOON = datetime(2025, 7, 4, 12, tzinfo=UTC)


class Told:
    """What an import printed: its JSON document, its warnings and failures as lines, its exit status."""

    def __init__(self, stdout, stderr, status):
        document = json.loads(stdout)
        self.stories = document.pop("stories")
        self.counts = document
        self.lines = stderr.splitlines()
        self.status = status

    def __getitem__(self, headline):
        [story] = [story for story in self.stories if story["headline"] == headline]
        return story

    @property
    def statuses(self):
        return {story["headline"]: story["status"] for story in self.stories}


@pytest.fixture
def import_(db):
    """import_(path, …, dry_run=True) runs the command with --json and returns what it `Told`."""

    def run(*paths, as_of="2025-07-04", **options):
        stdout, stderr, status = io.StringIO(), io.StringIO(), 0
        try:
            call_command(
                "import_articles", *map(str, paths), as_of=as_of, json=True, stdout=stdout, stderr=stderr, **options
            )
        except SystemExit as end:
            status = end.code
        return Told(stdout.getvalue(), stderr.getvalue(), status)

    return run


@pytest.fixture
def folder(tmp_path):
    """folder("a.txt", text) writes a file into a folder of its own and returns the folder."""
    at = tmp_path / "archive"
    at.mkdir()

    def write(name=None, text="", under=at):
        if name:
            path = under / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return under

    return write
