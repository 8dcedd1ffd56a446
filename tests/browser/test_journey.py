"""A stranger opens the demo, reads, meets the wall, signs up and reads on. Against the real `manage.py demo`."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request

import pytest
from django.conf import settings

pytestmark = pytest.mark.browser

STARTED_WITHIN = 150  # seconds; a loaded machine collects files and imports the sample stories first


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """The address of a running demo with data of its own; stopped as Ctrl-C stops it."""
    var = tmp_path_factory.mktemp("demo")
    port = free_port()
    environment = {**os.environ, "VAR_DIR": str(var), "MEDIA_ROOT": str(var / "media"), "DEMO": "1"}
    for name in ("METER", "DATABASE_URL", "REDIS_URL", "SITE_HOSTS", "ALLOWED_HOSTS", "SECRET_KEY"):
        environment.pop(name, None)
    with (var / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "manage.py", "demo", "--port", str(port)],
            cwd=settings.BASE_DIR, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            start_new_session=True,
        )  # fmt: skip
        try:
            address = f"http://localhost:{port}"
            wait_for(address, process, var / "log")
            yield address
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(timeout=30)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(address, process, log):
    deadline = time.monotonic() + STARTED_WITHIN
    while time.monotonic() < deadline:
        assert process.poll() is None, log.read_text()[-3000:]
        try:
            with urllib.request.urlopen(address, timeout=5) as response:  # noqa: S310 our own demo
                if response.status == 200:
                    return
        except OSError:
            time.sleep(0.3)
    pytest.fail(f"The demo did not answer: {log.read_text()[-3000:]}")


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


def metered(demo):
    """The addresses of the metered stories: (those open to strangers, those for readers with an account). A robot spends
    nothing, so it meets the wall of each."""
    with urllib.request.urlopen(f"{demo}/sitemap.xml") as response:  # noqa: S310 our own demo
        addresses = re.findall(r"<loc>([^<]*/articles/[^<]*)</loc>", response.read().decode())
    walls = {}
    for address in addresses:
        with urllib.request.urlopen(address) as response:  # noqa: S310
            found = re.search(r'data-wall="(\w+)"', response.read().decode())
            walls.setdefault(found and found[1], []).append(address)
    return walls["meter"], walls["register"]


def left(page):
    """(articles left, articles a month), as the page says."""
    return tuple(map(int, re.findall(r"\d+", page.locator(".meter").first.inner_text())))


def sign_up(page, demo, reader):
    """From a wall to the code in the mail and back."""
    page.locator("[data-wall] a", has_text="account").first.click()
    page.fill("input[type=email]", reader)
    page.fill("input[type=password]", "the river rises at noon")
    page.locator("main form button").first.click()
    other = page.context.new_page()
    code = code_from_outbox(other, demo, reader)
    other.close()
    page.fill("input[name=code]", code)
    page.locator("main form button").first.click()


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
