"""The desk's plan of a story is drawn as wide as readers get it, and both pages about inserts can be used by everybody."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.test import Client
from django.urls import reverse

from tests.ads.bookings import book
from tests.desk.looks import LONG, prompt
from tests.desk.people import with_role

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

COLUMN = "(selector) => document.querySelector(selector).getBoundingClientRect().width"


@pytest.fixture
def page_of(browser, live_server):
    """page_of(address, width, as_editor=True, …) is a page in a browser so many pixels wide."""
    client = Client()
    client.force_login(with_role("editor@example.com"))
    name, contexts = settings.SESSION_COOKIE_NAME, []

    def visit(address, width=1440, *, as_editor=True, **asked):
        viewport = {"width": width, "height": 900}
        context = browser.new_context(base_url=live_server.url, viewport=viewport, **asked)
        contexts.append(context)
        if as_editor:
            context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": live_server.url}])
        page = context.new_page()
        page.goto(address)
        return page

    yield visit
    for context in contexts:
        context.close()


def plan(article):
    return reverse("admin:articles_article_plan", args=[article.pk])


def test_the_column_is_as_wide_as_on_a_readers_screen(page_of, story):
    article = story(html=LONG)
    for width in (320, 390, 820, 1440):
        read = page_of(article.get_absolute_url(), width, as_editor=False).evaluate(COLUMN, ".prose > p")
        drawn = page_of(f"{plan(article)}?width={width}").evaluate(COLUMN, ".sheet p ~ .story-text > p")
        assert drawn == pytest.approx(read, abs=1), width


def test_what_stands_beside_a_block_covers_nothing_and_goes_above_it_where_there_is_no_room(page_of, story):
    article = story(html=LONG)
    for width, beside in ((1440, True), (390, False)):
        page = page_of(f"{plan(article)}?width=390", width)
        note, text = (page.locator(place).first.bounding_box() for place in (".sheet .note", ".note + .story-text"))
        assert (note["x"] >= text["x"] + text["width"]) == beside
        assert (note["y"] + note["height"] <= text["y"] + 1) == (not beside)
        assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")


def test_an_advertisement_takes_the_height_that_it_will(page_of, story):
    page = page_of(plan(story(html=LONG)))
    assert page.locator(".insert.ad").first.bounding_box()["height"] == 274


def test_a_reader_is_chosen_and_asked_about_without_javascript_and_by_the_keyboard(page_of, story):
    prompt("Help the mill", place="top", states=["registered"])
    page = page_of(plan(story(html=LONG)), java_script_enabled=False)
    page.get_by_label("Width of the screen").fill("777")
    page.get_by_label("Reader").select_option("With a free account")
    page.get_by_role("button", name="Draw").press("Enter")
    assert page.get_by_role("heading", name="The story on a screen 777 px wide").is_visible()
    page.get_by_role("link", name="Why does this reader see what is shown?").press("Enter")
    assert page.get_by_label("Reader").input_value() == "registered"
    assert page.get_by_text("“Help the mill” is shown above the story").is_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1440])
def test_axe_finds_nothing_on_either_page(page_of, story, width, scheme):
    book("Bread")
    book("Salt", paused=True)
    prompt()
    article = story(html=LONG)
    why = reverse("admin:articles_article_why", args=[article.pk])
    for address in (plan(article), f"{plan(article)}?width=1", why, f"{why}?country=Georgia"):
        page = page_of(address, width, color_scheme=scheme)
        page.evaluate("() => document.querySelectorAll('details').forEach((one) => { one.open = true })")
        assert Axe().run(page).response["violations"] == [], address
