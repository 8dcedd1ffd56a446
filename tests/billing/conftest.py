"""The payments sandbox, one process for each of pytest's, emptied before each test that uses it."""

import pytest

from members.billing.sandbox import process
from tests.billing.paying import time  # noqa: F401 (a fixture of all tests here)
from tests.billing.sandboxed import NOWHERE, SECRET, Sandbox
from tests.billing.shop import shop  # noqa: F401 (a fixture of all tests here)


@pytest.fixture(scope="session")
def sandbox_process(tmp_path_factory):
    running = process.start(tmp_path_factory.mktemp("sandbox") / "stripe.sqlite3", NOWHERE, SECRET, for_tests=True)
    yield Sandbox(running.url)
    running.stop()


@pytest.fixture
def sandbox(sandbox_process):
    """An empty sandbox that holds its deliveries."""
    sandbox_process.reset()
    return sandbox_process
