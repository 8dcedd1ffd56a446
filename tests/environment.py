"""The environment of the tests, set before Django reads its settings (pytest loads this by `-p tests.environment`).

DATABASE_URL and REDIS_URL come through from outside: `make test-postgres` sets them.
"""

import os
import tempfile
from pathlib import Path

SANDBOX = tempfile.mkdtemp(prefix="newsroom-tests-")
Path(SANDBOX, "static").mkdir()
OURS = {
    "DEMO": "1",
    "METER": "0",
    "SITE_NAME": "The Test Courier",
    "SECRET_KEY": "tests-only-" + "k" * 50,
    "SITE_HOSTS": "localhost:8000,127.0.0.1:8000",
    "ALLOWED_HOSTS": "localhost,127.0.0.1",
    "TIME_ZONE": "Asia/Tbilisi",
    "MEDIA_ROOT": f"{SANDBOX}/media",
    "VAR_DIR": SANDBOX,
}
for name in ("DEBUG", "EMAIL_URL", "DEMO_PASSWORD", "TRUSTED_PROXIES"):
    os.environ.pop(name, None)
os.environ.update(OURS)
if os.environ.get("REDIS_URL"):
    # Each process empties its cache before a test, so each has a database of its own: 9, 10 …
    server, _slash, first = os.environ["REDIS_URL"].rpartition("/")
    worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")
    os.environ["REDIS_URL"] = f"{server}/{int(first) + int(worker)}"
# Playwright's synchronous API runs an event loop in the test's thread.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
