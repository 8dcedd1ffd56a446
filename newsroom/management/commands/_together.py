"""Processes that live and die together, such as the web server and the worker of the demo."""

import ctypes
import signal
import socket
import subprocess
import sys
import threading
import time

PATIENCE = 10  # seconds between asking a process to end and ending it
POLL = 0.2
PR_SET_PDEATHSIG = 1  # prctl(2)
LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None


class Ended(Exception):
    """One of the processes ended by itself. `name` says which, `status` how."""

    def __init__(self, name, status):
        super().__init__(f"{name} ended with status {status}")
        self.name, self.status = name, status


def run_together(commands, *, environment, folder, port, when_open):
    """Run the processes of {name: command line} until this one is told to stop (Ctrl-C, SIGTERM), then stop them all.

    Calls `when_open` once, when something listens on the port of this machine. Raises Ended if one ends by itself.
    """
    stop = threading.Event()
    before = {number: signal.signal(number, lambda *_: stop.set()) for number in (signal.SIGINT, signal.SIGTERM)}
    running = {}
    try:
        for name, command in commands.items():
            running[name] = _start(command, environment, folder)
        _watch(running, stop, port, when_open)
    finally:
        end(running.values())
        for number, handler in before.items():
            signal.signal(number, handler)


def _start(command, environment, folder):
    """A process of a group of its own: Ctrl-C in a terminal reaches this one alone, which stops the others in order."""
    return subprocess.Popen(
        command,
        env=environment,
        cwd=folder,
        stdin=subprocess.DEVNULL,
        process_group=0,
        preexec_fn=_end_with_parent if LIBC else None,
    )


def _end_with_parent():
    """Asks Linux to stop this process when its parent is killed and can no longer do so: no port stays taken."""
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def _watch(running, stop, port, when_open):
    is_open = False
    while not stop.wait(POLL):
        for name, process in running.items():
            if process.poll() is not None:
                raise Ended(name, process.returncode)
        if not is_open and listens(port):
            is_open = True
            when_open()


def listens(port):
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def end(processes):
    """Ask the processes to end, wait for them, and end those that do not."""
    for process in processes:
        process.terminate()
    deadline = time.monotonic() + PATIENCE
    for process in processes:
        try:
            process.wait(timeout=max(0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
