"""Gated text has few doors: who may touch the tables that hold it. A new door is a decision; write it here."""

import ast
from pathlib import Path

from django.conf import settings

GATED_TABLES = {"Body", "Revision", "CompiledPage"}

# module -> what it does there
DOORS = {
    "articles/models/__init__.py": "names them",
    "articles/publishing.py": "writes them",
    "articles/reading/page.py": "compiles a page, for one variant of access",
    "articles/reading/shared.py": "keeps compiled pages, signed, for the other processes",
    "articles/importing/results.py": "counts the paragraphs of what won, for the report",
    "articles/desk/texts.py": "reads texts for the form and the list of revisions",
}
WRITERS = {"articles/models/text.py", "articles/publishing.py", "articles/reading/shared.py"}


def modules():
    for room in ("articles", "members", "newsroom"):
        for path in sorted((settings.BASE_DIR / room).rglob("*.py")):
            if "migrations" not in path.parts:
                yield path.relative_to(settings.BASE_DIR).as_posix(), ast.parse(path.read_text())


def names(tree):
    """What a module takes from the models' room: by name, or as an attribute of a module called models or text."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(
            ("articles.models", "articles.reading.models")
        ):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.Attribute) and getattr(node.value, "id", "") in {"models", "text"}:
            yield node.attr


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


def test_readers_pages_ask_for_articles_only_through_visible_to():
    for path, tree in modules():
        if not path.startswith("articles/reading/"):
            continue
        asked = [
            node
            for node in ast.walk(tree)
            if isinstance(node, ast.Attribute) and ast.unparse(node) == "Article.objects"
        ]
        # The moment at which the next story begins to exist tells nothing of it.
        allowed = ("Article.objects.visible_to", "Article.objects.next_due")
        gated = [node for node in ast.walk(tree) if ast.unparse(node).endswith(allowed)]
        # Its queries name the moment themselves, since they are made once for all readers.
        if path == "articles/reading/parts/rows.py":
            continue
        assert len(asked) == len([node for node in gated if isinstance(node, ast.Attribute)]), path
