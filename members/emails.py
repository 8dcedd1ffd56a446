"""Mail to readers and members. The only place that sends it: every message goes through the queue.

A message is written and enqueued in the transaction that causes it, so it exists exactly when its cause does, and a
mail server that is down holds nothing up and loses nothing.
"""

from email.utils import make_msgid
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string

from newsroom.ground.tasks import retried


def account(template, to, context):
    """A message about an account, asked for by allauth. `template` names it: account/email/password_reset_key."""
    _queue(template, to, context)


def _queue(template, to, context):
    """Write TEMPLATE_subject.txt and TEMPLATE_message.txt, in the language of the moment, and enqueue them."""
    words = {**context, "email": to, "site_name": settings.SITE_NAME, "site_url": settings.SITE_URL}
    deliver.enqueue(
        subject=" ".join(render_to_string(f"{template}_subject.txt", words).split()),
        text=render_to_string(f"{template}_message.txt", words).strip() + "\n",
        to=to,
        # Made here and not at each attempt: a mailbox can tell a second copy by it.
        message_id=make_msgid(domain=urlsplit(settings.SITE_URL).hostname),
    )


@retried
def deliver(subject, text, to, message_id):
    """Hand one message to the mail server; raises what the server raises, and is tried again later."""
    headers = {"Message-ID": message_id, "Auto-Submitted": "auto-generated"}
    EmailMessage(subject, text, to=[to], headers=headers).send()
