"""The shape of the house: which room may import which, and how long a file may grow."""

import subprocess
import sys
from pathlib import Path

from django.conf import settings
from django.core.management import call_command

TOP_LEVEL = {
    "manage.py", "newsroom", "articles", "members", "templates", "static", "tests", "requirements.txt", "seeds",
    "README.md", "LICENSE", "CHANGELOG.md", "pyproject.toml", "Makefile", ".ci", ".gitignore",
}  # fmt: skip


def test_imports_point_downwards():
    linter = Path(sys.executable).parent / "lint-imports"
    done = subprocess.run([linter, "--no-cache"], cwd=settings.BASE_DIR, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3000:]


def test_the_models_have_all_their_migrations(db):
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_the_top_level_holds_what_was_agreed_and_nothing_else():
    listed = subprocess.run(["git", "ls-files"], cwd=settings.BASE_DIR, capture_output=True, text=True, check=False)
    found = {name.split("/")[0] for name in listed.stdout.splitlines()}
    assert found <= TOP_LEVEL, sorted(found - TOP_LEVEL)


def test_no_module_is_longer_than_400_lines():
    rooms = [settings.BASE_DIR / room for room in ("articles", "members", "newsroom", "seeds")]
    long = [
        str(path)
        for room in rooms
        for path in room.rglob("*.py")
        if "migrations" not in path.parts and len(path.read_text().splitlines()) > 400
    ]
    assert long == []
