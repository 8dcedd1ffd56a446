"""Starts the sandbox: `python -m members.billing.sandbox --database FILE --port N --webhook URL --secret whsec_…`."""

import argparse
import os
import signal
import sys
import threading
from datetime import UTC, datetime

from members.billing.sandbox.core import clock
from members.billing.sandbox.objects import agenda
from members.billing.sandbox.web import deliveries
from members.billing.sandbox.web.server import Server
from members.billing.sandbox.web.world import World

LIVE = ("sk_live_", "rk_live_")
TICK = 1.0


def arguments():
    parser = argparse.ArgumentParser(prog="python -m members.billing.sandbox", description=__doc__)
    parser.add_argument("--database", required=True, help="an SQLite file; it is made where there is none")
    parser.add_argument("--port", type=int, default=0, help="on 127.0.0.1; 0 picks one that is free")
    parser.add_argument("--webhook", help="an address on this machine that is told of every event")
    parser.add_argument("--secret", help="the secret that deliveries to it are signed with (whsec_…)")
    parser.add_argument(
        "--now", type=datetime.fromisoformat, help="what time it is (ISO 8601), the machine's unless told"
    )
    parser.add_argument("--for-tests", action="store_true", help="run without DEMO=1")
    parser.add_argument("--until-stdin-closes", action="store_true", help="end with whoever started it")
    return parser.parse_args()


def refusal(told, environment):
    """Why the sandbox must not start here, in words; None: it may."""
    if any(environment.get(name, "").startswith(LIVE) for name in ("STRIPE_SECRET_KEY", "STRIPE_TEST_KEY")):
        return "A live key is set. The sandbox does not run beside real money."
    if environment.get("DEMO") != "1" and not told.for_tests:
        return "The sandbox runs in the demo (DEMO=1) and in tests (--for-tests) alone."
    if bool(told.webhook) != bool(told.secret):
        return "--webhook and --secret belong together."
    return None


def tick(world):
    """Do what falls due as the real time passes."""
    while not world.stopping.wait(TICK):
        done = True
        while done:
            with world.turn() as books:
                done = agenda.do_next(books, books.now)


def watch_stdin(stop):
    sys.stdin.buffer.read()
    stop()


def main():
    told = arguments()
    if reason := refusal(told, os.environ):
        sys.exit(reason)
    world = World(told.database, registered=(told.webhook, told.secret) if told.webhook else None)
    server = Server(told.port, world)
    world.register()
    if told.now:
        with world.turn() as books:
            clock.move(books, int(told.now.replace(tzinfo=told.now.tzinfo or UTC).timestamp()))
    stop = lambda *_: threading.Thread(target=server.shutdown).start()  # noqa: E731
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    helpers = [threading.Thread(target=deliveries.run, args=[world]), threading.Thread(target=tick, args=[world])]
    for helper in helpers:
        helper.daemon = True
        helper.start()
    if told.until_stdin_closes:
        threading.Thread(target=watch_stdin, args=[stop], daemon=True).start()
    sys.stdout.write(f"listening on {world.base}\n")
    sys.stdout.flush()
    server.serve_forever(poll_interval=0.1)
    world.stopping.set()
    world.stirred.set()
    server.server_close()
    world.store.close()


if __name__ == "__main__":
    main()
