"""The newsroom on one machine: sample stories, accounts, web server and worker, in one go."""

import os
import sys

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.utils import timezone

from members.accounts.demo import EDITOR, MEMBER, READER
from members.billing import client
from newsroom.management.commands import _cast as cast
from newsroom.management.commands import _readiness as readiness
from newsroom.management.commands import _sandbox as sandbox
from newsroom.management.commands._together import Ended, run_together

HOST = "127.0.0.1"


class Command(BaseCommand):
    help = "Prepares database, sample stories and accounts, then serves them on this machine until Ctrl-C."

    def add_arguments(self, parser):
        parser.add_argument("--no-serve", action="store_true", help="prepare only")
        parser.add_argument("--port", type=int, default=8000, help="default: %(default)s")

    def handle(self, *, no_serve, port, **options):
        if not settings.DEMO:
            raise CommandError("The demo does not run with DEMO=0. Unset DEMO.")
        if settings.STRIPE_LIVE:
            raise CommandError("The demo does not run with a live key of Stripe's. Unset STRIPE_SECRET_KEY.")
        if not no_serve and not readiness.port_is_free(HOST, port):
            raise CommandError(
                f"Port {port} is taken. Stop what listens there, or choose another: manage.py demo --port {port + 1}"
            )
        self.prepare()
        if no_serve:
            self.tell(port, "Ready. Serve it with: manage.py demo")
        else:
            self.serve(port)

    def prepare(self):
        self.stdout.write("Preparing the database …")
        call_command("migrate", interactive=False, verbosity=0)
        call_command("createcachetable", verbosity=0)
        if readiness.collect_static():
            self.stdout.write("Collected the static files.")
        self.stdout.write("Importing the sample stories …")
        # The stories' dates are worked out from now; those that are there keep theirs.
        try:
            call_command("import_articles", as_of=timezone.now().isoformat(), stdout=self.stdout, stderr=self.stderr)
        except SystemExit:
            self.stderr.write("Not every sample story could be imported; the demo goes on with the others.")
        cast.make(cast.password())

    def serve(self, port):
        manage = [sys.executable, str(settings.BASE_DIR / "manage.py")]
        commands = {
            "The web server": [*manage, "serve", "--host", HOST, "--port", str(port)],
            "The worker": [*manage, "worker", "--verbosity", "0"],
        }
        with sandbox.running(HOST, port) as payments:
            if payments:
                self.furnish()
            connection.close()
            try:
                run_together(
                    commands,
                    environment=environment(port) | payments,
                    folder=settings.BASE_DIR,
                    port=port,
                    when_open=lambda: self.tell(port, "Open. Stop with Ctrl-C.", payments.get("STRIPE_API_BASE")),
                )
            except Ended as ended:
                said = f"{ended.name} ended by itself (status {ended.status}); the rest was stopped."
                raise CommandError(said) from None
        self.stdout.write("Stopped.")

    def furnish(self):
        self.stdout.write("Putting the plans on sale, where no money moves …")
        try:
            sandbox.furnish()
        except (client.Unavailable, client.Refused) as error:
            self.stderr.write(f"The payments sandbox does not take it ({error}); the demo goes on with what is there.")

    def tell(self, port, last, payments=None):
        site = f"http://localhost:{port}"
        lines = [
            "",
            f"  Front page   {site}/",
            f"  Desk         {site}/admin/",
            f"  Sent mail    {site}/outbox/",
            *([f"  Payments     {payments}/control/ (a sandbox: pay with 4242 4242 4242 4242)"] if payments else []),
            "",
            f"  {EDITOR}   edits",
            f"  {READER}   has a free account",
            f"  {MEMBER}   is a member",
            f"  Password of all three: {cast.password()}",
            "",
            last,
        ]
        self.stdout.write("\n".join(lines))
        self.stdout.flush()


def environment(port):
    """That of the processes of a demo on `port`: this one's, on hosts of that port unless others were named."""
    hosts = f"localhost:{port},127.0.0.1:{port}"
    return {**os.environ, "DEMO": "1", "SITE_HOSTS": os.environ.get("SITE_HOSTS", hosts)}
