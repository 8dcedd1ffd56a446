"""The process: where it starts, where it refuses to, when it ends, and what it imports."""

import ast
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from members.billing import sandbox as package
from members.billing.sandbox import process
from tests.billing.sandboxed import Sandbox

FOLDER = Path(package.__file__).parent
ROOT = FOLDER.parents[2]


def _try(tmp_path, *more, **environment):
    command = [sys.executable, "-m", "members.billing.sandbox", "--database", str(tmp_path / "s.sqlite3"), *more]
    surroundings = {name: value for name, value in os.environ.items() if not name.startswith(("STRIPE", "DEMO"))}
    return subprocess.run(
        command,
        cwd=ROOT,
        env={**surroundings, **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=20,
    )


@pytest.mark.parametrize("key", ["sk_live_x", "rk_live_x"])
def test_it_does_not_start_beside_a_live_key(tmp_path, key):
    ended = _try(tmp_path, "--for-tests", STRIPE_SECRET_KEY=key)
    assert ended.returncode != 0
    assert "live key" in ended.stderr


def test_it_starts_in_the_demo_and_in_tests_alone(tmp_path):
    ended = _try(tmp_path)
    assert ended.returncode != 0
    assert "DEMO=1" in ended.stderr

    # Its standard input is closed, which ends it as soon as it runs.
    for more, environment in ((["--for-tests"], {}), ([], {"DEMO": "1"})):
        ended = _try(tmp_path, "--until-stdin-closes", *more, **environment)
        assert (ended.returncode, ended.stdout[:13]) == (0, "listening on ")


def test_a_secret_and_an_address_belong_together(tmp_path):
    assert "belong together" in _try(tmp_path, "--for-tests", "--webhook", "http://127.0.0.1:9/").stderr


def test_it_keeps_what_it_knows_and_registers_its_endpoint_once(tmp_path):
    for round_ in range(2):
        running = process.start(tmp_path / "s.sqlite3", "http://127.0.0.1:9/hook/", "whsec_x", for_tests=True)
        try:
            v1 = Sandbox(running.url).client.v1
            v1.customers.create({"email": "aram@example.com"})
            assert len(v1.customers.list().data) == round_ + 1
            assert len(v1.webhook_endpoints.list().data) == 1
        finally:
            running.stop()


def test_it_ends_with_whoever_started_it(tmp_path):
    script = (
        "from members.billing.sandbox import process\n"
        f"print(process.start({str(tmp_path / 's.sqlite3')!r}, for_tests=True).url, flush=True)\n"
        "import os; os._exit(1)"
    )
    told = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, timeout=20)
    port = int(told.stdout.strip().rpartition(":")[2])

    for _time in range(1_000):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)):
                return
    raise AssertionError("it is still there")


def test_it_does_not_listen_to_other_hosts_names_and_foreign_pages(sandbox):
    host, port = sandbox.url.removeprefix("http://").split(":")
    for headers in ("Host: evil.example.com", f"Host: {host}:{port}\r\nSec-Fetch-Site: cross-site"):
        with socket.create_connection((host, int(port))) as connection:
            connection.sendall(f"POST /control/reset HTTP/1.0\r\n{headers}\r\nContent-Length: 0\r\n\r\n".encode())
            assert connection.recv(100).split()[1] == b"403"


def test_it_imports_the_standard_library_and_itself_alone():
    for file in FOLDER.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            names = [one.name for one in node.names] if isinstance(node, ast.Import) else []
            names += [node.module] if isinstance(node, ast.ImportFrom) else []
            for name in names:
                own = name.startswith("members.billing.sandbox")
                assert own or name.partition(".")[0] in sys.stdlib_module_names, f"{file.name} imports {name}"
