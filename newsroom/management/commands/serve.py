"""The production server. Settings come from the environment; static files are served by the application itself."""

import os
import sys

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from newsroom.ground.hosts import is_loopback
from newsroom.management.commands import _readiness as readiness

# A page waits for the database, not for the processor: a few threads a process keep both busy. Two of them may wait for
# Stripe (`billing.client`) and two for slow senders (`ground.bodies`), and one is left for readers.
THREADS = 5


class Command(BaseCommand):
    help = "Serves the site until it is stopped (SIGTERM or Ctrl-C; requests that have begun are finished)."

    def add_arguments(self, parser):
        parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
        parser.add_argument("--port", type=int, default=8000, help="default: %(default)s")
        parser.add_argument("--workers", type=int, default=1, help="processes (default: %(default)s)")

    def handle(self, *, host, port, workers, **options):
        check(host, port)
        connection.close()
        sys.stdout.flush()
        # In place of this process: signals reach the server itself.
        os.execv(sys.executable, command(host, port, workers))  # noqa: S606 (no shell, and nothing in it from outside)


def check(host, port):
    """Raise CommandError, a line for each thing that stands in the way of serving."""
    if settings.DEMO and not is_loopback(host):
        raise CommandError(f"The demo's passwords are no secret: with DEMO=1 it is served on 127.0.0.1, not on {host}.")
    lines = readiness.missing()
    if not readiness.port_is_free(host, port):
        lines.append(f"Port {port} on {host} is taken. Stop what listens there, or choose another: --port {port + 1}")
    if lines:
        raise CommandError("\n".join(lines))


def command(host, port, workers):
    """The server's command line, its program first."""
    return [
        sys.executable, "-m", "granian",
        "--interface", "wsgi",
        "--host", host,
        "--port", str(port),
        "--workers", str(workers),
        "--blocking-threads", str(THREADS),
        "--backlog", "1024",
        "--respawn-failed-workers",
        "--workers-kill-timeout", "5",
        "--no-ws",
        "--log-level", "warning",
        "--no-access-log",
        "--working-dir", str(settings.BASE_DIR),
        "newsroom.wsgi:application",
    ]  # fmt: skip
