"""What walks through the demo share: its stories' walls, its mail, and the way to an account."""

import re
import urllib.request

import pytest


def walls(demo):
    """{kind of wall: addresses of the stories behind one}. A robot spends nothing, so it meets the wall of each."""
    with urllib.request.urlopen(f"{demo}/sitemap.xml") as response:  # noqa: S310 our own demo
        addresses = re.findall(r"<loc>([^<]*/articles/[^<]*)</loc>", response.read().decode())
    found = {}
    for address in addresses:
        with urllib.request.urlopen(address) as response:  # noqa: S310
            wall = re.search(r'data-wall="(\w+)"', response.read().decode())
            found.setdefault(wall and wall[1], []).append(address)
    return found


def code_from_outbox(page, address, reader):
    """The verification code sent to a reader; the worker needs a moment to send it."""
    for _attempt in range(60):
        page.goto(f"{address}/outbox/")
        if found := re.search(
            rf"To {reader}.*?^\s*([A-Z0-9]{{4}}-[A-Z0-9]{{4}})\s*$", page.inner_text("main"), re.M | re.S
        ):
            return found[1]
        page.wait_for_timeout(500)
    pytest.fail("No code came to the outbox: " + page.inner_text("main")[:2000])


def sign_up(page, demo, reader, at_wall=True):
    """From a wall, or from the form itself, to the code in the mail and back."""
    if at_wall:
        page.locator("[data-wall] a", has_text="account").first.click()
    page.fill("input[type=email]", reader)
    page.fill("input[type=password]", "the river rises at noon")
    page.locator("main form button").first.click()
    other = page.context.new_page()
    code = code_from_outbox(other, demo, reader)
    other.close()
    page.fill("input[name=code]", code)
    page.locator("main form button").first.click()
