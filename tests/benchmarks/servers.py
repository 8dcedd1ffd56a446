"""The servers that are measured: started as `manage.py serve` does, read by their CPU seconds, stopped by their ids."""

import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from newsroom.management.commands import _together as together
from newsroom.management.commands import serve
from tests.benchmarks.load import NotMeasurable

YARDSTICKS = "tests.benchmarks.yardsticks:application"
TICKS = os.sysconf("SC_CLK_TCK")
OPENS_WITHIN = 60  # seconds
SETTLED = 0.5  # seconds in which a server that is ready does next to nothing
SETTLED_TICKS = 2
IMPORTING = 0.1  # CPU seconds that a worker's imports take at the very least


@dataclass(frozen=True, slots=True)
class Server:
    """pid: of the main process; its workers are its children."""

    pid: int
    port: int

    def cpu_seconds(self):
        """Of all its processes and threads, since it was started."""
        return sum(cpu_by_process(self.pid).values())

    def workers(self):
        """{pid: CPU seconds} of its worker processes."""
        return {pid: seconds for pid, seconds in cpu_by_process(self.pid).items() if pid != self.pid}


@contextmanager
def site(workers=1, **environment):
    """Our own site, as it is served for real."""
    with _running(serve.command, workers, environment) as server:
        yield server


@contextmanager
def yardstick(name, **environment):
    """A yardstick (`yardsticks.py`) behind the same server with the same flags."""

    def command(host, port, workers):
        return [*serve.command(host, port, workers)[:-1], YARDSTICKS]

    with _running(command, 1, {"YARDSTICK": name, **environment}) as server:
        yield server


def cpu_by_process(pid):
    """{pid: CPU seconds} of a process and all that descend from it. Those that ended count with whom they left."""
    return {one: ticks / TICKS for one, ticks in _tree(pid).items()}


@contextmanager
def _running(command, workers, environment):
    port = free_port()
    with (Path(settings.VAR_DIR) / f"server-{port}.log").open("w") as log:
        process = subprocess.Popen(
            command("127.0.0.1", port, workers),
            env={**os.environ, **environment},
            cwd=settings.BASE_DIR,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            # Ctrl-C reaches the benchmark alone, which stops its servers in order; if it is killed, Linux stops them.
            process_group=0,
            preexec_fn=together._end_with_parent if sys.platform == "linux" else None,
        )
    try:
        server = Server(process.pid, port)
        _wait(server, process, workers)
        yield server
    finally:
        _stop(process)


def _wait(server, process, workers):
    """Until the port answers and all workers have done with their imports."""
    deadline = time.monotonic() + OPENS_WITHIN
    before = {}
    while True:
        if process.poll() is not None:
            raise NotMeasurable("the server ended")
        if time.monotonic() > deadline:
            raise NotMeasurable(f"the server was not ready in {OPENS_WITHIN} seconds")
        now = server.workers()
        if len(now) == workers and together.listens(server.port) and _settled(before, now):
            return
        before = now
        time.sleep(SETTLED)


def _settled(before, now):
    return now.keys() == before.keys() and all(
        now[pid] > IMPORTING and now[pid] - before[pid] <= SETTLED_TICKS / TICKS for pid in now
    )


def _stop(process):
    """Ask the main process, which stops its workers; whoever of them is left behind is ended."""
    left = [pid for pid in _tree(process.pid) if pid != process.pid]
    together.end([process])
    if process.returncode == -signal.SIGKILL:
        for pid in left:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


def last_words(since):
    """The end of what servers have logged since a moment (seconds of the clock): it tells more than a status does."""
    logs = [log for log in Path(settings.VAR_DIR).glob("server-*.log") if log.stat().st_mtime >= since]
    return " ".join(" ".join(log.read_text().split())[-300:] for log in logs)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _tree(pid):
    """{pid: ticks} of a process and its descendants (proc(5): utime, stime, and those of children that have ended)."""
    processes = dict(filter(None, map(_stat, Path("/proc").glob("[0-9]*/stat"))))
    found, looking = {}, [pid]
    while looking:
        parent = looking.pop()
        if parent in processes:
            found[parent] = processes[parent][1]
            looking += [child for child, (of, _ticks) in processes.items() if of == parent]
    return found


def _stat(path):
    """(pid, (parent, ticks)) of /proc/PID/stat; None if the process has just ended."""
    try:
        # The second field is the program's name in brackets and may hold anything.
        fields = path.read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return int(path.parent.name), (int(fields[1]), sum(map(int, fields[11:15])))
