"""The puzzle in a real browser: solved by itself under the strict policy, and the form sent on."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse

from members.models import User
from tests.conftest import PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def site(live_server, settings):
    """The address of a server that is over all its limits for this network."""
    settings.ALLOWED_HOSTS = ["*"]
    settings.SITE_HOSTS = [live_server.url.removeprefix("http://")]
    return live_server.url


@pytest.fixture
def page(browser, site):
    context = browser.new_context()
    page = context.new_page()
    page.complaints = []
    page.on("console", lambda said: page.complaints.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    yield page
    context.close()


def fill(page, site, email):
    page.goto(site + reverse("account_signup"))
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Create account").click()


@pytest.fixture
def challenged(page, site, monkeypatch):
    monkeypatch.setattr("newsroom.ground.limits.count", lambda key, per, now: 1 if per.seconds > 900 else 1000)
    fill(page, site, "aram@example.com")
    return page


def test_the_browser_solves_the_puzzle_and_the_reader_goes_on(challenged, site):
    page = challenged
    assert page.get_by_role("heading", name="A moment, please").is_visible()
    page.get_by_text("Solved: you need not wait.").wait_for()
    # The browser itself notes that the page came with 429.
    assert [said for said in page.complaints if "429" not in said] == []
    page.get_by_label(re.compile("assword")).fill(PASSWORD)
    page.get_by_role("button", name="Send it again").click()
    page.get_by_label("Code").wait_for()
    assert User.objects.filter(email="aram@example.com").exists()


def test_nobody_is_kept_out_of_the_page_by_how_he_reads_it(challenged):
    challenged.get_by_text("Solved: you need not wait.").wait_for()
    assert Axe().run(challenged).response["violations"] == []
