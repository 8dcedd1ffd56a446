"""A stranger opens the demo, reads, meets the wall, signs up and reads on. Against the real `manage.py demo`."""

import re

import pytest

from tests.browser.walking import sign_up, walls

pytestmark = pytest.mark.browser


def metered(demo):
    """The addresses of the metered stories: (those open to strangers, those for readers with an account)."""
    found = walls(demo)
    return found["meter"], found["register"]


def left(page):
    """(articles left, articles a month), as the page says."""
    return tuple(map(int, re.findall(r"\d+", page.locator(".meter").first.inner_text())))


@pytest.mark.parametrize("javascript", [True, False])
def test_three_free_stories_then_an_account_then_ten_more(demo, browser, javascript):
    for_all, with_account = metered(demo)
    context = browser.new_context(java_script_enabled=javascript)
    page = context.new_page()
    for number, address in enumerate(for_all[:3]):
        page.goto(address)
        assert page.locator("[data-wall]").count() == 0
        assert left(page) == (2 - number, 3)
    page.goto(for_all[0])
    assert left(page) == (0, 3), "rereading is free"

    page.goto(for_all[3])
    assert page.locator("[data-wall=meter]").count() == 1
    before = page.locator("[itemprop=articleBody] p").count()
    sign_up(page, demo, "metered@example.com" if javascript else "metered-noscript@example.com")
    page.wait_for_url(f"{for_all[3]}#rest")
    assert page.locator("[itemprop=articleBody] p").count() > before
    rest = page.locator("#rest").bounding_box()
    assert -50 < rest["y"] < page.viewport_size["height"], "the reader is where the preview ended"
    assert left(page) == (9, 10)

    page.goto(for_all[0])
    assert left(page) == (9, 10), "what the stranger had opened came along"
    for number, address in enumerate([*for_all[4:], *with_account][:9]):
        page.goto(address)
        assert page.locator("[data-wall]").count() == 0
        assert left(page) == (8 - number, 10)
    page.goto([*for_all[4:], *with_account][9])
    assert page.locator("[data-wall=meter]").count() == 1
    assert page.locator("[data-wall] a").all_inner_texts() == ["Become a member"]
    context.close()


@pytest.mark.parametrize("javascript", [True, False])
def test_a_stranger_reads_signs_up_and_reads_on(demo, browser, javascript):
    context = browser.new_context(java_script_enabled=javascript)
    page = context.new_page()
    errors, foreign = [], []
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    page.on("request", lambda request: None if request.url.startswith((demo, "data:")) else foreign.append(request.url))

    page.goto(demo)
    page.locator("main h2 a").first.click()
    assert page.locator("[itemprop=articleBody] > p").count() >= 2

    page.goto(f"{demo}/articles/four-words-for-bread-on-one-shop-window/")
    story = page.url
    before = page.locator("[itemprop=articleBody] p").count()
    assert page.locator("[data-wall=register]").count() == 1
    sign_up(page, demo, "tamar@example.com" if javascript else "noscript@example.com")
    page.wait_for_url(f"{story}#rest")

    assert page.locator("[data-wall]").count() == 0
    assert page.locator("[itemprop=articleBody] p").count() > before
    assert errors == []
    assert foreign == []
    context.close()
