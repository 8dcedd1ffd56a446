"""Starts a sandbox as a process of its own and stops it; it also ends when whoever started it does."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]
READY = "listening on "
PATIENCE = 10  # seconds


class Running:
    """url: the address of a sandbox that answers."""

    def __init__(self, process, url):
        self._process, self.url = process, url

    def stop(self):
        """End it, and wait until it has ended."""
        self._process.terminate()
        self._process.stdin.close()
        try:
            self._process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()


def command(database, webhook=None, secret=None, port=0, *, for_tests=False):
    """The command line of a sandbox, to be run in ROOT. As for `start`."""
    line = [sys.executable, "-m", "members.billing.sandbox", "--database", str(database), "--port", str(port)]
    line += ["--webhook", webhook, "--secret", secret] if webhook else []
    return line + (["--for-tests"] if for_tests else [])


def start(database, webhook=None, secret=None, port=0, *, for_tests=False):
    """A Running sandbox that answers. database: a file of its own; webhook, secret: who is told of events, and the
    secret that signs them. Raises RuntimeError where it does not start; why stands on standard error."""
    process = subprocess.Popen(  # noqa: S603 - our own
        [*command(database, webhook, secret, port, for_tests=for_tests), "--until-stdin-closes"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    line = process.stdout.readline().strip()
    if not line.startswith(READY):
        process.wait(PATIENCE)
        raise RuntimeError("The payments sandbox did not start.")
    return Running(process, line.removeprefix(READY))
