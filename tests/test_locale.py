"""The Russian catalogue: whole, exact, compiled, and on the page."""

import ast
import gettext
import re
import shutil
from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings
from django.core.management import call_command
from django.urls import reverse
from django.utils import translation

from articles.reading.parts import words
from members.access import Audience

MESSAGES = settings.BASE_DIR / "newsroom" / "locale" / "ru" / "LC_MESSAGES"
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w+\}|</?\w+[^>]*>")


def catalogue(path):
    """{(msgid, number of the plural form or None): msgstr} of a .po file; a context stands before its msgid as in a .mo."""
    found, entry, field = {}, {}, ""
    for line in [*path.read_text("utf-8").splitlines(), ""]:
        if match := re.fullmatch(r'(?:(msg\S+) )?(".*")', line):
            field = match[1] or field
            entry[field] = entry.get(field, "") + ast.literal_eval(match[2])
        elif not line and entry:
            msgid = "\x04".join(entry[part] for part in ("msgctxt", "msgid") if part in entry)
            for name, text in entry.items():
                if name.startswith("msgstr"):
                    number = re.search(r"\d+", name)
                    found[msgid, int(number[0]) if number else None] = text
            found.setdefault((msgid, "plural"), entry.get("msgid_plural"))
            entry = {}
    return found


def sayings(path):
    """(msgid, what its placeholders are read off, msgstr) of each translation but the header."""
    found = catalogue(path)
    return [
        (msgid, found[msgid, "plural"] or msgid, text)
        for (msgid, number), text in found.items()
        if msgid and number != "plural"
    ]


def test_every_message_is_translated_and_none_is_a_guess_or_left_over():
    text = (MESSAGES / "django.po").read_text("utf-8")
    assert ", fuzzy" not in text
    assert "#~" not in text
    assert [msgid for msgid, _source, said in sayings(MESSAGES / "django.po") if not said.strip()] == []


def test_plurals_have_all_forms_of_the_header():
    found = catalogue(MESSAGES / "django.po")
    forms = int(re.search(r"nplurals=(\d)", found["", None])[1])
    plurals = {msgid for msgid, number in found if number == 0}
    assert plurals
    for msgid in plurals:
        assert {number for one, number in found if one == msgid} == {*range(forms), "plural"}, msgid


def test_placeholders_and_tags_are_those_of_the_message():
    for msgid, source, said in sayings(MESSAGES / "django.po"):
        assert sorted(PLACEHOLDER.findall(said)) == sorted(PLACEHOLDER.findall(source)), msgid


def test_the_compiled_catalogue_is_that_of_the_source():
    with (MESSAGES / "django.mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)._catalog
    source = {
        msgid if number is None else (msgid, number): text
        for (msgid, number), text in catalogue(MESSAGES / "django.po").items()
        if number != "plural"
    }
    assert compiled == source


def test_the_catalogue_names_no_machine_and_no_person():
    header = catalogue(MESSAGES / "django.po")["", None]
    assert "@" not in header
    assert "POT-Creation-Date" not in header, "makemessages wrote it: strike it out and compile again"


@pytest.mark.skipif(not shutil.which("xgettext"), reason="needs gettext")
def test_the_catalogue_holds_the_messages_of_code_and_templates(tmp_path, monkeypatch, settings):
    for room in ("articles", "members", "newsroom", "templates"):
        shutil.copytree(settings.BASE_DIR / room, tmp_path / room, ignore=shutil.ignore_patterns("locale", "*.pyc"))
    settings.LOCALE_PATHS = [tmp_path / "locale"]
    monkeypatch.chdir(tmp_path)
    call_command("makemessages", locale=["ru"], verbosity=0)
    said = {msgid for msgid, _number in catalogue(tmp_path / "locale" / "ru" / "LC_MESSAGES" / "django.po")}
    known = {msgid for msgid, _number in catalogue(MESSAGES / "django.po")}
    assert sorted(said - known) == [], "Not translated: run makemessages"
    assert sorted(known - said) == [], "Said nowhere: run makemessages"


NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("ago", "said"),
    [
        (timedelta(), "только что"),
        (timedelta(minutes=1), "1 минуту назад"),
        (timedelta(minutes=21), "21 минуту назад"),
        (timedelta(minutes=42), "42 минуты назад"),
        (timedelta(hours=11), "11 часов назад"),
        (timedelta(days=3), "3 дня назад"),
        (timedelta(weeks=1), "1 неделю назад"),
        (timedelta(weeks=4), "26 октября 2026"),
    ],
)
def test_ages_have_russian_forms(ago, said):
    with translation.override("ru"):
        assert words.age(NOW - ago, NOW) == said


def test_days_have_russian_months():
    with translation.override("ru"):
        assert words.today(NOW) == "Понедельник, 23 ноября"
        assert words.day_and_time(datetime(2026, 11, 22, 22, 30, tzinfo=UTC)) == "23 ноября 2026, 02:30"


def read(browser, address, status=200):
    response = browser.get(address, follow=True)
    assert response.status_code == status
    text = response.content.decode()
    assert '<html lang="ru"' in text
    return text, " ".join(re.sub(r"<[^>]+>", " ", text).split())


ENGLISH = ("Sign in", "Become a member", "Join", "Latest", "Sections", "Comments", "account", "ago")


def no_english(text):
    assert [said for said in ENGLISH if re.search(rf"\b{said}\b", text)] == []


def test_the_russian_front_page(story, stranger):
    story("Дорога открыта", html="<p>Снова.</p>", language="ru", audience=Audience.MEMBERS)
    text, seen = read(stranger, "/ru/")
    for said in ("Войти", "Стать участником", "Для участников", "2 часа назад", "RSS-лента", "Перейти к содержанию"):
        assert said in seen, said
    assert 'aria-label="Языки"' in text
    no_english(seen)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"audience": Audience.REGISTERED}, "Создать бесплатный аккаунт"),
        ({"audience": Audience.MEMBERS}, "Продолжение — для участников"),
        ({"early_access_until": datetime.now(UTC) + timedelta(days=3)}, "материал откроется для всех"),
    ],
)
def test_a_russian_story_with_a_wall(story, stranger, fields, said):
    html = "".join(f"<p>Абзац {n}.</p>" for n in range(1, 8))
    article = story("Дорога открыта", html=html, language="ru", audio="members", authors=["Тамта Л."], **fields)
    text, seen = read(stranger, article.get_absolute_url())
    assert said in seen
    assert re.search(r"Остал(ся|ось) \d+ абзац", seen)
    assert "Войдите или станьте участником , чтобы открыть аудиоверсию этой статьи Для участников." in seen
    assert "Текст: Тамта Л." in seen
    assert "Комментарии пока не открыты." in seen
    wall = re.search(r"<section[^>]*data-wall.*?</section>", text, re.S)[0]
    assert 'href="/ru/' in wall
    no_english(seen)


def test_russian_sign_up(stranger):
    with translation.override("ru"):
        address = reverse("account_signup")
    _text, seen = read(stranger, address)
    for said in ("Создать бесплатный аккаунт", "Адрес электронной почты", "Пароль", "Создать аккаунт"):
        assert said in seen, said
    no_english(seen)


def test_a_russian_page_that_is_not_there(db, stranger):
    _text, seen = read(stranger, "/ru/нет-такой/", status=404)
    assert "По этому адресу нет страницы" in seen
    assert "Перейти на главную страницу" in seen
    no_english(seen)
