"""The README's account of OWASP ASVS 5.0.0, level 2: each item stands there once, and each proof that it names exists."""

import ast
import re
from collections import Counter

import pytest
from django.conf import settings

from articles.models.image import BYTES_MAX
from members import gifts
from members.accounts.factors import shown
from members.accounts.guards import SIGN_IN

SECTION = "## Security, by OWASP ASVS 5.0"
# The items of levels 1 and 2 of ASVS 5.0.0, by section: those of section 1.2 that count are 1.2.1, 1.2.2, …
ITEMS = {
    "1.1": range(1, 3), "1.2": range(1, 10), "1.3": range(1, 12), "1.4": range(1, 4), "1.5": range(1, 3),
    "2.1": range(1, 4), "2.2": range(1, 4), "2.3": range(1, 5), "2.4": range(1, 2),
    "3.2": range(1, 3), "3.3": range(1, 5), "3.4": range(1, 7), "3.5": range(1, 6), "3.7": range(1, 3),
    "4.1": range(1, 4), "4.2": range(1, 2), "4.3": range(1, 3), "4.4": range(1, 5),
    "5.1": range(1, 2), "5.2": range(1, 4), "5.3": range(1, 3), "5.4": range(1, 4),
    "6.1": range(1, 4), "6.2": range(1, 13), "6.3": range(1, 5), "6.4": range(1, 5), "6.5": range(1, 6),
    "6.6": range(1, 4), "6.8": range(1, 5),
    "7.1": range(1, 4), "7.2": range(1, 5), "7.3": range(1, 3), "7.4": range(1, 6), "7.5": range(1, 3),
    "7.6": range(1, 3),
    "8.1": range(1, 3), "8.2": range(1, 4), "8.3": range(1, 2), "8.4": range(1, 2),
    "9.1": range(1, 4), "9.2": range(1, 5),
    "10.1": range(1, 3), "10.2": range(1, 3), "10.3": range(1, 5), "10.4": range(1, 12), "10.5": range(1, 6),
    "10.6": range(1, 3), "10.7": range(1, 4),
    "11.1": range(1, 3), "11.2": range(1, 4), "11.3": range(1, 4), "11.4": range(1, 5), "11.5": range(1, 2),
    "11.6": range(1, 2),
    "12.1": range(1, 4), "12.2": range(1, 3), "12.3": range(1, 5),
    "13.1": range(1, 2), "13.2": range(1, 6), "13.3": range(1, 3), "13.4": range(1, 6),
    "14.1": range(1, 3), "14.2": range(1, 5), "14.3": range(1, 4),
    "15.1": range(1, 4), "15.2": range(1, 4), "15.3": range(1, 8),
    "16.1": range(1, 2), "16.2": range(1, 6), "16.3": range(1, 5), "16.4": range(1, 4), "16.5": range(1, 4),
    "17.1": range(1, 2), "17.2": range(1, 5), "17.3": range(1, 3),
}  # fmt: skip
IDS = [f"{section}.{number}" for section, numbers in ITEMS.items() for number in numbers]
# How a reason begins, by what it is. All else begins with the tests that prove it.
REASONS = {"Written in": "written", "No: ": "absent", "The operator's: ": "operator", "Not met": "not met"}
TEST = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")


@pytest.fixture(scope="module")
def section():
    text = (settings.BASE_DIR / "README.md").read_text("utf-8")
    return text.partition(f"{SECTION}\n")[2].partition("\n## ")[0]


@pytest.fixture(scope="module")
def rows(section):
    """[(item, what it asks, proof or reason)] of the tables of items."""
    found = re.findall(r"^\| (\d+\.\d+\.\d+) \|(.*)\|$", section, re.MULTILINE)
    return [(item, *(cell.strip() for cell in cells.split(" | "))) for item, cells in found]


def kind(reason):
    return next((name for words, name in REASONS.items() if reason.startswith(words)), "proven")


def test_every_item_of_level_2_stands_there_once_and_in_order(rows):
    assert len(IDS) == 253
    assert [row[0] for row in rows] == IDS


def test_no_row_is_empty_and_each_has_three_cells(rows):
    for row in rows:
        assert len(row) == 3, row[0]
        assert all(cell for cell in row), row[0]


def test_what_is_called_proven_names_its_tests_first(rows):
    for item, _asks, proof in rows:
        if kind(proof) == "proven":
            assert TEST.match(proof), item


def test_every_test_that_is_named_exists(section):
    known = {}
    named = TEST.findall(section)
    assert len(named) > 200
    for path, function in named:
        if path not in known:
            assert (settings.BASE_DIR / path).exists(), path
            tree = ast.parse((settings.BASE_DIR / path).read_text("utf-8"))
            known[path] = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
        assert function in known[path], f"{path} has no {function}"


def test_what_is_laid_down_in_writing_is_there(section, rows):
    titles = set(re.findall(r"<details><summary>(.*?)</summary>", section))
    for item, _asks, proof in rows:
        if kind(proof) == "written":
            assert set(re.findall(r"\*([^*]+)\*", proof)) <= titles, item
            assert "*" in proof, item


def test_the_numbers_of_the_opening_are_those_of_the_tables(section, rows):
    told = " ".join(section.split())
    counted = Counter(kind(proof) for _item, _asks, proof in rows)
    assert (
        f"{counted['proven']} are proven by tests, {counted['written']} are laid down here in writing, "
        f"{counted['absent']} are about what does not exist here, {counted['operator']} are the operator's, "
        f"{counted['not met']} are not met, or not in full"
    ) in told


def test_the_numbers_that_are_written_there_are_those_of_the_code(section):
    """Those that somebody might change without thinking of the README."""
    told = " ".join(section.split())
    for words in (
        f"a sign-in {SIGN_IN[0].many} and {SIGN_IN[1].many} times in ten minutes",
        f"{BYTES_MAX // 1024**2} MB, {settings.IMAGE_PIXELS_MAX // 10**6} megapixels",
    ):
        assert words in told
    assert shown.HOLDS == 12 * 3600
    assert settings.SESSION_COOKIE_AGE == 14 * 24 * 3600
    assert (gifts.PER_MONTH, gifts.OPENINGS, gifts.LIVES.days) == (10, 50, 5)
    assert (settings.ACCOUNT_LOGIN_BY_CODE_TIMEOUT, settings.PASSWORD_RESET_TIMEOUT) == (600, 3600)
