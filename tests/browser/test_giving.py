"""A story given away in real browsers: the link is copied at a click, and opened where no script runs."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings as django_settings
from django.test import Client

from members.access import Audience
from members.models import Gift
from tests.conftest import GATED_WORD

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def site(live_server, settings):
    settings.ALLOWED_HOSTS = ["*"]
    settings.SITE_HOSTS = [live_server.url.removeprefix("http://")]
    return live_server.url


@pytest.fixture
def context(browser, site, leyla):
    """A browser's, in which Leyla is signed in."""
    client = Client()
    client.force_login(leyla)
    name = django_settings.SESSION_COOKIE_NAME
    context = browser.new_context()
    context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": site}])
    context.grant_permissions(["clipboard-read", "clipboard-write"], origin=site)
    yield context
    context.close()


def test_a_member_gives_a_story_to_a_phone_without_scripts(browser, site, context, story):
    article = story(audience=Audience.MEMBERS)
    page, complaints = context.new_page(), []
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    page.goto(site + article.get_absolute_url())
    page.get_by_role("link", name="Give this story to somebody").click()
    page.get_by_role("button", name="Make the link").click()
    link = page.get_by_label("The link to send").input_value()
    page.get_by_role("button", name="Copy").click()
    page.get_by_role("button", name="Copied").wait_for()
    assert page.evaluate("navigator.clipboard.readText()") == link
    # Axe itself brings styles that the policy refuses.
    assert complaints == []
    assert Axe().run(page).response["violations"] == []

    phone = browser.new_context(java_script_enabled=False, viewport={"width": 390, "height": 844})
    given = phone.new_page()
    given.goto(link)
    assert given.get_by_text("A reader gave you this story.").is_visible()
    assert given.get_by_text(GATED_WORD).first.is_visible()
    given.reload()
    assert Gift.objects.get().left == 49

    page.get_by_role("button", name="Withdraw it").click()
    page.get_by_text("The link is withdrawn: it opens nothing any more.").wait_for()
    given.reload()
    assert given.get_by_text("This gift link has ended").is_visible()
    assert given.get_by_text(GATED_WORD).count() == 0
    phone.close()


def test_without_scripts_the_link_is_there_to_be_copied_by_hand(browser, site, context, story):
    article = story(audience=Audience.MEMBERS)
    plain = browser.new_context(java_script_enabled=False)
    plain.add_cookies(context.cookies())
    page = plain.new_page()
    page.goto(f"{site}{article.get_absolute_url()}gift/")
    page.get_by_role("button", name="Make the link").click()
    field = page.get_by_label("The link to send")
    assert field.input_value().startswith(f"{site}{article.get_absolute_url()}?gift=")
    assert not page.get_by_role("button", name="Copy").is_visible()
    assert not field.is_editable()
    assert page.get_by_role("button", name="Withdraw it").is_visible()
    plain.close()
