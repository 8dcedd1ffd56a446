"""The system's Chromium and a running demo, one of each for all browser tests of a process."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request

import pytest
from django.conf import settings
from playwright.sync_api import sync_playwright

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def browser():
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    assert path, "No Chromium on this machine: apt install chromium (make test does it where it may)."
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield chromium
        chromium.close()


STARTED_WITHIN = 150  # seconds; a loaded machine collects files and imports the sample stories first


@pytest.fixture(scope="session")
def demo_folder(tmp_path_factory):
    return tmp_path_factory.mktemp("demo")


@pytest.fixture(scope="session")
def payments(demo, demo_folder):
    """The address of the demo's payments sandbox."""
    return re.search(r"Payments +(http://[^/]+)/", (demo_folder / "log").read_text())[1]


@pytest.fixture(scope="session")
def demo(demo_folder):
    """The address of a running demo with data of its own; stopped as Ctrl-C stops it."""
    var = demo_folder
    port = free_port()
    environment = {**os.environ, "VAR_DIR": str(var), "MEDIA_ROOT": str(var / "media"), "DEMO": "1"}
    for name in (
        "METER",
        "DATABASE_URL",
        "REDIS_URL",
        "SITE_HOSTS",
        "ALLOWED_HOSTS",
        "SECRET_KEY",
        "STRIPE_SECRET_KEY",
    ):
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
