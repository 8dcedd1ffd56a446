"""Files for readers: one sheet a page, named by its content, compressed."""

import json
import re

import pytest
from django.conf import settings
from django.core.management import call_command
from django.test import override_settings


@pytest.fixture(scope="module")
def collected(tmp_path_factory):
    folder = tmp_path_factory.mktemp("static")
    joined = {**settings.STORAGES, "staticfiles": {"BACKEND": "newsroom.ground.static.JoinedStaticStorage"}}
    with override_settings(STATIC_ROOT=folder, STORAGES=joined, DEMO=False):
        call_command("collectstatic", interactive=False, verbosity=0)
    return folder


def test_a_readers_page_asks_for_one_sheet(collected):
    names = json.loads((collected / "staticfiles.json").read_text())["paths"]
    sheet = collected / names["css/site.css"]
    text = sheet.read_text()
    assert "@import" not in text
    assert re.search(r"@layer tokens\s*\{.*--paper", text, re.S)
    assert sheet.with_name(sheet.name + ".gz").exists()
    assert sheet.with_name(sheet.name + ".br").exists()


def test_every_part_is_in_the_sheet():
    # Reports have the chart's alone: the desk's, and those of advertisers.
    apart = {"site.css", "chart.css"}
    parts = {path.name for path in (settings.BASE_DIR / "static" / "css").glob("*.css")} - apart
    imported = set(
        re.findall(r'url\("([\w-]+\.css)"\)', (settings.BASE_DIR / "static" / "css" / "site.css").read_text())
    )
    assert parts == imported
