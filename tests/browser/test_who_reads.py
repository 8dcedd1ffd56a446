"""The words beside a story's terms follow what is chosen and typed, before anything is saved."""

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from playwright.sync_api import expect

from articles import publishing
from articles.models import Article, Section
from tests.desk.people import with_role

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

WALL = "A stranger reads the first 2 paragraphs, then is asked to become a member."


@pytest.fixture
def open_desk(browser, live_server):
    """open_desk(address, javascript=True) is a page of the desk in an editor's browser."""
    client = Client()
    client.force_login(with_role("editor@example.com"))
    contexts = []

    def visit(address, *, javascript=True):
        context = browser.new_context(base_url=live_server.url, java_script_enabled=javascript)
        contexts.append(context)
        name = settings.SESSION_COOKIE_NAME
        context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": live_server.url}])
        page = context.new_page()
        page.goto(address)
        return page

    yield visit
    for context in contexts:
        context.close()


@pytest.fixture
def change():
    """The address of the form of a stored draft of three paragraphs."""
    html = "<p>One.</p><p>Two.</p><p>Three.</p>"
    (draft,) = publishing.save([publishing.Draft(Article(headline="The ferry"), html)])
    return reverse("admin:articles_article_change", args=[draft.pk])


def test_the_words_follow_what_is_chosen_and_nothing_is_saved(open_desk, change):
    page = open_desk(change)
    words = page.locator(".who-reads")
    expect(words).to_contain_text("A stranger reads all of it.")
    page.get_by_label("Who may read it all").select_option("Members")
    expect(words).to_contain_text(WALL)
    page.get_by_label("Members first, for hours").fill("48")
    page.get_by_label("Who may read it all").select_option("Registered readers")
    expect(words).to_contain_text("For 48 hours:")
    assert Article.objects.values_list("audience", "version").get() == (0, 1)


def test_a_new_story_tells_what_its_section_says_as_soon_as_that_is_chosen(open_desk):
    Section.objects.create(name="Inquiries", slug="inquiries", default_audience=2)
    page = open_desk(reverse("admin:articles_article_add"))
    expect(page.locator(".who-reads")).to_contain_text("A stranger reads all of it.")
    page.locator("#id_section").select_option("Inquiries")
    expect(page.locator(".who-reads")).to_contain_text(WALL)


def test_without_javascript_the_words_are_those_of_the_last_save(open_desk, change):
    page = open_desk(change, javascript=False)
    page.get_by_label("Who may read it all").select_option("Members")
    expect(page.locator(".who-reads")).to_contain_text("A stranger reads all of it.")
    page.locator("input[name=_continue]").click()
    expect(page.locator(".who-reads")).to_contain_text(WALL)
