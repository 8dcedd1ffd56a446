import sys

import pytest

from tests.faults import servers


@pytest.fixture(autouse=True)
def _what_servers_said():
    """pytest shows this of a test that failed."""
    yield
    for server in servers.made:
        sys.stderr.write(server.news()[-5000:])
