"""From a wall to a membership and to its end, on the real demo with its sandbox: a declined card, 3-D Secure, a renewal
that fails, another plan, a cancel that is taken back, and the account deleted. With JavaScript and without."""

import json
import re
import urllib.request

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.billing.sandboxed import ASKS_ONCE, DECLINED, WORKS
from tests.browser.walking import sign_up, walls

pytestmark = pytest.mark.browser

PASSWORD = "the river rises at noon"
# The sandbox tells of what happens by itself, and the demo looks into it as it hears.
HEARD_WITHIN = 20


@pytest.fixture
def page(browser, javascript):
    context = browser.new_context(java_script_enabled=javascript)
    page = context.new_page()
    page.errors = []
    page.on("console", lambda message: page.errors.append(message.text) if message.type == "error" else None)
    yield page
    assert page.errors == []
    context.close()


def pay(page, card, bank="complete"):
    """Fill in the sandbox's page. bank: what is done where it asks."""
    page.check(f'input[name=card][value="{card}"]')
    page.locator("button[value=pay]").click()
    if page.locator(f"button[value={bank}]").count():
        page.locator(f"button[value={bank}]").click()


def control(payments, deed, **given):
    request = urllib.request.Request(  # noqa: S310 our own sandbox
        f"{payments}/control/{deed}", json.dumps(given).encode(), {"Content-Type": "application/json"}, method="POST"
    )
    with urllib.request.urlopen(request) as response:  # noqa: S310
        return json.load(response)


def at_stripe(payments, path):
    """What the sandbox's API answers."""
    request = urllib.request.Request(  # noqa: S310 our own sandbox
        f"{payments}/v1/{path}", headers={"Authorization": "Bearer sk_test_demo"}
    )
    with urllib.request.urlopen(request) as response:  # noqa: S310
        return json.load(response)


def comes_true(page, address, words):
    """Load a page until it says something: the news has to come by the webhook first."""
    for _attempt in range(HEARD_WITHIN * 2):
        page.goto(address)
        if re.search(words, page.inner_text("main")):
            return
        page.wait_for_timeout(500)
    pytest.fail(f"It never said {words!r}: {page.inner_text('main')[:2000]}")


@pytest.mark.parametrize("javascript", [True, False])
def test_a_stranger_becomes_a_member_and_leaves_again(demo, payments, page, javascript):
    reader = "joining@example.com" if javascript else "joining-noscript@example.com"
    story = next(address for address in walls(demo)["join"] if "/ru/" not in address)
    joins_at_the_wall(page, demo, payments, story, reader)
    membership = f"{demo}/account/membership/"
    (customer,) = at_stripe(payments, f"customers?email={reader}")["data"]
    renewal_fails_and_is_paid(page, payments, membership, customer["id"])
    changes_plan(page, membership)
    cancels_and_takes_it_back(page, membership)
    deletes_the_account(page, demo, payments, customer["id"])


def joins_at_the_wall(page, demo, payments, story, reader):
    page.goto(story)
    before = page.locator("[itemprop=articleBody] p").count()
    assert page.locator("[data-wall=join]").count() == 1
    page.locator("[data-wall] a", has_text="Become a member").click()
    page.locator("button", has_text="Join for €12 a month").click()
    assert page.url.startswith(f"{demo}/accounts/signup/")
    sign_up(page, demo, reader, at_wall=False)
    page.wait_for_url(f"{demo}/join/?*")
    page.locator(".chosen button", has_text="Join for €12 a month").click()

    page.wait_for_url(f"{payments}/**")
    pay(page, DECLINED)
    assert page.url.startswith(payments)
    assert "declined" in page.inner_text("main")
    pay(page, ASKS_ONCE, bank="fail")
    assert page.url.startswith(payments)
    pay(page, WORKS)
    page.wait_for_url(f"{demo}/join/done/?*")
    assert "Welcome: you are a member" in page.inner_text("main")
    page.locator("main a", has_text="Read on").click()
    page.wait_for_url(f"{story}#rest")
    assert page.locator("[data-wall]").count() == 0
    assert page.locator("[itemprop=articleBody] p").count() > before


def renewal_fails_and_is_paid(page, payments, membership, customer):
    control(payments, "decline", customer=customer, code="insufficient_funds")
    control(payments, "clock", advance=32 * 24 * 3600)
    comes_true(page, membership, "did not go through")
    assert "not enough money" in page.inner_text("main")
    control(payments, "decline", customer=customer, code="")
    page.locator("main a", has_text="Pay €12 now").click()
    page.wait_for_url(f"{payments}/**")
    pay(page, WORKS)
    comes_true(page, f"{membership}?back=stripe", "The next payment, €12, is on")


def changes_plan(page, membership):
    page.goto(membership)
    page.locator("main a", has_text="Change the plan").click()
    page.locator("main button", has_text=re.compile("Look at Reader, €5 a month")).click()
    assert "What the change costs" in page.inner_text("main")
    page.locator("main button", has_text="Change to Reader").click()
    page.wait_for_url(membership)
    assert "You have Reader now." in page.inner_text("main")


def cancels_and_takes_it_back(page, membership):
    page.locator("main a", has_text="Cancel").first.click()
    page.locator("main button", has_text="Cancel my membership").click()
    page.wait_for_url(membership)
    assert "It ends on" in page.inner_text("main")
    page.locator("main button", has_text="Keep my membership").click()
    page.wait_for_url(membership)
    assert "The next payment" in page.inner_text("main")


def deletes_the_account(page, demo, payments, customer):
    page.goto(f"{demo}/account/delete/")
    page.check("input[name=sure]")
    page.locator("main button", has_text="Delete my account").click()
    page.wait_for_url(f"{demo}/account/deleted/")
    for _attempt in range(HEARD_WITHIN * 2):
        if at_stripe(payments, f"customers/{customer}").get("deleted"):
            break
        page.wait_for_timeout(500)
    running = at_stripe(payments, f"subscriptions?customer={customer}")["data"]
    assert [one["status"] for one in running] == []


@pytest.mark.parametrize("path", ["/join/", "/join/?offer=none", "/contribute/", "/ru/join/", "/ru/contribute/"])
def test_the_pages_have_no_fault_that_axe_finds(demo, browser, path):
    context = browser.new_context(viewport={"width": 390, "height": 844})
    page = context.new_page()
    page.goto(f"{demo}{path}")
    violations = Axe().run(page).response["violations"]
    assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in violations] == []
    context.close()
