"""Scripts of a process of their own, for what happens when a process forks."""

import os
import subprocess
import sys
import textwrap

BEGINNING = """
import os, signal, sys, threading
import django

django.setup()
# Whatever hangs fails.
signal.alarm(20)


def fork(work):
    # Do `work()` in a forked process and wait until it ends well.
    sys.stdout.flush()
    if child := os.fork():
        assert os.waitpid(child, 0)[1] == 0
        return
    signal.alarm(10)
    work()
    sys.stdout.flush()
    os._exit(0)

"""


def run(script):
    """The lines that a script prints; `fork` is there for it."""
    done = subprocess.run(
        [sys.executable, "-W", "error::RuntimeWarning", "-c", BEGINNING + textwrap.dedent(script)],
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "newsroom.settings"},
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()
