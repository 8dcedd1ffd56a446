"""A whole newsroom to break: a database that is prepared, a server as `manage.py serve` starts it, and a desk, another
process that writes (`stage`)."""

import atexit
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from contextlib import closing, contextmanager, suppress
from functools import cache, partial
from pathlib import Path

from newsroom.management.commands import _together as together
from tests.faults import client, processes

ROOT = Path(__file__).resolve().parents[2]
OPENS_WITHIN = 60  # seconds
STOPS_WITHIN = 12  # seconds; the server itself kills what has not stopped after 5
CONNECTIONS = 80  # so many suffice to meet every worker
CAST = ("stranger", "aram", "leyla", "nino")
PORTS = range(12_000, 32_000)
STAGE = "from tests.faults.stage import main; main()"
KEPT = ("PATH", "HOME", "LANG", "VIRTUAL_ENV")

# Every server that was made; `conftest` shows what they said when a test fails.
made = []


class Server:
    """The web server: `process` is its main process, which starts and watches the workers; None while none runs."""

    def __init__(self, folder, *, workers, environment):
        self.folder, self.count = Path(folder), workers
        self.port = free_port()
        hosts = f"localhost:{self.port},127.0.0.1:{self.port}"
        self.environment = {"SITE_HOSTS": hosts, **environment}
        self.process = None
        self._seen, self._told = set(), 0
        made.append(self)

    def start(self):
        """Start it and wait until each worker has answered."""
        command = [sys.executable, "manage.py", "serve", "--port", str(self.port), "--workers", str(self.count)]
        with self.log.open("a") as log:
            self.process = subprocess.Popen(
                command, cwd=ROOT, env=self.environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                # Stopped with the tests, should they be killed.
                preexec_fn=together._end_with_parent,
            )  # fmt: skip
        client.wait_for(self._is_open, "the server opens", OPENS_WITHIN)

    def stop(self):
        """Ask the main process to stop (SIGTERM), wait for all of them; its exit status."""
        self.workers()
        self.process.send_signal(signal.SIGTERM)
        return self.ended()

    def ended(self):
        """Wait until all its processes have ended by themselves; the main one's exit status."""
        try:
            status = self.process.wait(STOPS_WITHIN)
            left = processes.wait_gone(self._seen, 1)
            assert not left, f"workers that outlived the server: {left}"
            return status
        finally:
            self.kill()

    def kill(self):
        """End all its processes at once (SIGKILL); does nothing where none is left."""
        if self.process is None:
            return
        workers = {*self.workers(), *self._seen}
        self.process.kill()
        self.process.wait()
        for worker in workers:
            # Whoever has the number of one that ended long ago is left in peace.
            if f"--port\0{self.port}\0" in processes.command(worker):
                processes.kill(worker)
        processes.wait_gone(workers, STOPS_WITHIN)
        self.process, self._seen = None, set()

    def workers(self):
        found = processes.children(self.process.pid)
        self._seen.update(found)
        return found

    def worker_of(self, sock):
        """Which worker holds the other end of an open connection; None while it has not been accepted."""
        end = processes.other_end(sock)
        return processes.holder(end.inode, self.workers()) if end and end.inode else None

    @contextmanager
    def lines(self):
        """An open connection to each of the workers."""
        held = {}
        try:
            for _again in range(CONNECTIONS):
                line = client.connect(self.port)
                worker = client.wait_for(partial(self.worker_of, line.sock), "a worker takes the connection")
                held.setdefault(worker, line)
                if held[worker] is not line:
                    line.close()
                if len(held) == self.count:
                    break
            assert len(held) == self.count, f"only workers {sorted(held)} take connections"
            yield list(held.values())
        finally:
            for line in held.values():
                line.close()

    def ask(self, path, **more):
        return client.ask(self.port, path, **more)

    @property
    def log(self):
        return self.folder / f"server-{self.port}.log"

    def news(self):
        """What it has said since the last time it was asked."""
        said = self.log.read_text()[self._told :] if self.log.exists() else ""
        self._told += len(said)
        return said

    def _is_open(self):
        assert self.process.poll() is None, f"the server ended by itself:\n{self.news()[-3000:]}"
        try:
            with self.lines() as lines:
                return all(client.ask_on(line, "/robots.txt").status for line in lines)
        except (OSError, AssertionError, client.http.client.HTTPException):
            return False


class Desk:
    """The other process. `desk("edit", name="mill", edition=2)` returns once that is committed."""

    def __init__(self, environment, log):
        self._said = log
        with log.open("a") as said:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", "shell", "--no-imports", "-c", STAGE], cwd=ROOT, env=environment, text=True,
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=said, preexec_fn=together._end_with_parent,
            )  # fmt: skip

    def __call__(self, does, **arguments):
        self.process.stdin.write(json.dumps([does, arguments]) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        assert line, f"the desk ended by itself:\n{self._said.read_text()[-3000:]}"
        said = json.loads(line)
        assert "failed" not in said, f"the desk could not {does}:\n{said['failed']}"
        return said["done"]

    def close(self):
        self.process.stdin.close()
        try:
            self.process.wait(STOPS_WITHIN)
        finally:
            self.process.kill()
            self.process.wait()
            self.process.stdout.close()


class Newsroom:
    """server, desk, and `cookies`: {name of the cast: its Cookie header}, a stranger's empty."""

    def __init__(self, server, desk):
        self.server, self.desk = server, desk
        self.cookies = {"stranger": ""} | {
            name: f"sessionid={desk('session', name=name)}" for name in CAST if name != "stranger"
        }

    def ask(self, path, reader="stranger", **more):
        return self.server.ask(path, cookie=self.cookies[reader], **more)


@contextmanager
def newsroom(folder, *, workers=1, served=None, written=None):
    """A prepared and open `Newsroom` that keeps all it has in `folder`.

    served, written: what the server's and the desk's environment have beside, such as DATABASE_URL.
    """
    if not served:
        shutil.copytree(_prepared(), folder, dirs_exist_ok=True)
    server = Server(folder, workers=workers, environment={**_environment(folder), **(served or {})})
    with closing(Desk({**server.environment, **(written or {})}, Path(folder) / "desk.log")) as desk:
        if served:
            desk("prepare")
        try:
            room = Newsroom(server, desk)
            server.start()
            yield room
        finally:
            server.kill()


@contextmanager
def another(server):
    """A second server of the same site, on a port of its own."""
    second = Server(server.folder, workers=server.count, environment=server.environment)
    try:
        second.start()
        yield second
    finally:
        second.kill()


@cache
def _prepared():
    """A folder with a prepared SQLite database, to be copied: preparing one takes longer than most drills."""
    folder = tempfile.mkdtemp(prefix="newsroom-drills-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    environment = {**_environment(folder), "SITE_HOSTS": "localhost"}
    with closing(Desk(environment, Path(folder) / "desk.log")) as desk:
        desk("prepare")
    return folder


def _environment(folder):
    kept = {name: os.environ[name] for name in KEPT if name in os.environ}
    return {**kept, "DEMO": "1", "VAR_DIR": str(folder), "SECRET_KEY": "drills-only-" + "k" * 50}


def free_port():
    """A port that nobody has: not one of those that the system gives to clients, which may take it before the server."""
    while True:
        port = secrets.choice(PORTS)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
