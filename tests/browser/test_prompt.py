"""A prompt in a real browser: answered by keyboard and gone, with scripts and without, and no page is lost on the way."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from members.prompts.models import Campaign

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PHONE, DESK = {"width": 390, "height": 844}, {"width": 1440, "height": 900}


@pytest.fixture
def site(live_server, settings):
    settings.ALLOWED_HOSTS = ["*"]
    settings.SITE_HOSTS = [live_server.url.removeprefix("http://")]
    return live_server.url


@pytest.fixture
def article(story):
    article = story(html="<p>The river rose at noon and fell again by four.</p>" * 12)
    Campaign.objects.record(heading="The valley pays for this", text="One.\n\nTwo.", pitch="Join us.", place="top")
    return article


@pytest.mark.parametrize("place", ["top", "after", "end", "bar"])
@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_it_has_three_answers_of_one_size_and_is_accessible(browser, site, article, place, size):
    Campaign.objects.update(place=place)
    context = browser.new_context(viewport=size)
    page, complaints = context.new_page(), []
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    page.goto(site + article.get_absolute_url())
    prompt = page.locator(".prompt")
    assert prompt.get_attribute("data-place") == place
    sizes = [answer.bounding_box() for answer in prompt.locator("form.answers .button").all()]
    assert len({(round(box["width"]), round(box["height"])) for box in sizes}) == 1
    assert sizes[0]["height"] >= 44
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert complaints == []
    assert Axe().run(page).response["violations"] == []
    context.close()


def test_it_is_dismissed_by_keyboard_and_stays_away(browser, site, article):
    context = browser.new_context(viewport=PHONE)
    page = context.new_page()
    page.goto(site + article.get_absolute_url())
    page.locator(".prompt").get_by_role("link", name="Join").focus()
    page.keyboard.press("Tab")
    with page.expect_response("**/prompts/*/answer/") as answered:
        page.keyboard.press("Enter")
    assert answered.value.status == 204
    assert page.locator(".prompt").count() == 0
    said = page.get_by_role("status")
    assert said.inner_text() == "All right. The story goes on here."
    assert said.evaluate("said => said === document.activeElement")
    page.reload()
    assert page.get_by_text("The river rose").first.is_visible()
    assert page.locator(".prompt").count() == 0
    context.close()


def test_who_supports_the_newsroom_is_thanked(browser, site, article):
    context = browser.new_context()
    page = context.new_page()
    page.goto(site + article.get_absolute_url())
    page.get_by_role("button", name="I already support you").click()
    assert page.get_by_role("status").inner_text().startswith("Thank you for your support.")
    context.close()


@pytest.mark.parametrize("answer", ["Not now", "I already support you"])
def test_without_scripts_the_answer_leads_back_to_the_page(browser, site, article, answer):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(site + article.get_absolute_url())
    page.get_by_role("button", name=answer).click()
    assert page.url == site + article.get_absolute_url()
    assert page.locator(".prompt").count() == 0
    context.close()


def test_to_join_is_a_link_to_what_membership_costs(browser, site, article):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(site + article.get_absolute_url())
    page.locator(".prompt").get_by_role("link", name="Join").click()
    assert page.url.startswith(site + "/join/?")
    context.close()
