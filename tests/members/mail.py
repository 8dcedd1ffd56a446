"""What tests do with the queue of mail: work it off, take it down, read what arrived."""

import re
from unittest.mock import patch

from django.core import mail
from django.core.mail.backends.base import BaseEmailBackend
from django.core.management import call_command


class ServerDown(BaseEmailBackend):
    """A mail server that does not answer."""

    def send_messages(self, messages):
        raise ConnectionRefusedError("mail server down")


def work():
    """Let the worker do all that is due."""
    # It would close the connection, which a test holds in the middle of a transaction.
    with patch("django_tasks_db.management.commands.db_worker.close_old_connections"):
        call_command("worker", batch=True, verbosity=0)


def delivered():
    """The messages that have arrived, after the worker has had its turn; each is told once."""
    work()
    arrived, mail.outbox = mail.outbox, []
    return arrived


def code_in(message):
    return re.search(r"^[A-Z0-9]{3,}(?:-[A-Z0-9]+)*$", message.body, re.MULTILINE)[0]


def link_in(message):
    """The path and query of the first address in a message that leads into accounts."""
    return re.search(r"https?://[^/\s]+(/\S*accounts/\S*)", message.body)[1]
