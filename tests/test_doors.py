"""Gated text has few doors: who may touch the tables that hold it. A new door is a decision; write it here."""

import ast
from pathlib import Path

from django.conf import settings

GATED_TABLES = {"Body", "Revision"}

# module -> what it does there
DOORS = {
    "articles/models/__init__.py": "names them",
    "articles/models/text.py": "is them",
    "articles/publishing.py": "writes them",
    "articles/reading/page.py": "compiles a page, for one variant of access",
    "articles/desk/article_admin.py": "edits a story",
    "articles/importing/compare.py": "compares a file with what is stored",
}
WRITERS = {"articles/models/text.py", "articles/publishing.py"}


def modules():
    for room in ("articles", "members", "newsroom"):
        for path in sorted((settings.BASE_DIR / room).rglob("*.py")):
            if "migrations" not in path.parts:
                yield path.relative_to(settings.BASE_DIR).as_posix(), ast.parse(path.read_text())


def names(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.ClassDef):
            yield node.name


def test_only_the_listed_modules_name_a_table_with_gated_text():
    found = {path for path, tree in modules() if GATED_TABLES & set(names(tree))}
    assert found <= set(DOORS), f"These modules are no doors: {sorted(found - set(DOORS))}"


def test_the_list_of_doors_holds_no_module_that_is_gone():
    assert [path for path in DOORS if not Path(settings.BASE_DIR, path).exists()] == []


def test_only_publishing_asks_these_tables_directly():
    for path, tree in modules():
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and node.attr in {"objects", "_default_manager"}:
                asked = getattr(node.value, "id", "")
                assert asked not in GATED_TABLES or path in WRITERS, f"{path} asks {asked} past its door"
