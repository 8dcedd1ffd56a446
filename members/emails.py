"""Mail to readers and members. The only place that sends it: every message goes through the queue.

A message is written and enqueued in the transaction that causes it, so it exists exactly when its cause does, and a
mail server that is down holds nothing up and loses nothing.
"""

import json
from email.utils import make_msgid
from urllib.parse import urlsplit

import mrml
from django.conf import settings
from django.core import signing
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, override

from members.models import User
from newsroom.ground import seal
from newsroom.ground.site import absolute
from newsroom.ground.tasks import retried

# The mails that a reader may switch off, each with the field of the account that keeps the wish. All others are asked
# for by the reader, or tell of the account's safety: those are always sent.
OPTIONAL = {"new_browser": "told_of_browsers", "win_back": "told_of_offers"}
SALT = "members.emails.off"
# What the seal of a message in the queue is told that it is for.
PURPOSE = "mail"
# A mail about a membership has its words in one template, and is laid out by three frames: subject, text, and MJML,
# which becomes HTML.
FRAMES = ("_subject.txt", "_mail.txt", "_mail.mjml")


def account(template, to, context):
    """A message about an account, asked for by allauth. `template` names it: account/email/password_reset_key. In the
    language that the account chose for its mail, if the address has one, else in that of the moment."""
    known = User.objects.filter(email=to.lower()).values_list("language", flat=True).first()
    _queue(template, to, context, known or get_language())


def notice(template, user, context, to=None):
    """Tell an account of what was changed about it: at its address, or at `to`, the one that it had until now."""
    with override(user.language):
        said = {**context, "when": timezone.localtime(), "reset_url": absolute(reverse("account_reset_password"))}
    _queue(template, to or user.email, said, user.language)


def new_browser(user, browser):
    """Tell an account that it was signed in to in a browser where it was not before. browser: in words, perhaps ""."""
    with override(user.language):
        context = {"browser": browser, "when": timezone.localtime(), "sessions_url": absolute(reverse("sessions"))}
    _queue("members/email/new_browser", user.email, context, user.language, off=_off(user, "new_browser"))


def farewell(email, language):
    """The last message to an account that was deleted, at the address that it had."""
    _queue("members/email/farewell", email, {}, language)


def invitation(to, link):
    """A link that opens an account, in the language of the moment: of the addressee nothing is known."""
    _queue("members/email/invitation", to, {"link": link}, get_language())


def drive_question(to, heading, link):
    """Ask a mailbox whether it wants to be reminded of a drive, in the language of the moment: anybody can type an
    address. heading: the drive's; link: where one says yes."""
    _queue("members/email/drive_question", to, {"heading": heading, "link": link}, get_language())


def drive_reminder(to, language, context, off):
    """Remind of a drive who asked for it. context: its heading, until when it runs, and its address; off: where the
    mail is refused without signing in."""
    _queue("members/email/drive_reminder", to, context, language, off=off)


def membership(kind, user, context):
    """Tell a member of what became of the membership, or soon will. kind: a kind of `billing.letters`; context: its
    words, in the account's language, with `button_url` and `membership_url`."""
    folder, off = "members/email/membership", _off(user, kind) if kind in OPTIONAL else None
    with override(user.language):
        words = {**_words(user.email, context, off), "address": settings.MEMBERS_EMAIL}
        subject, text, mjml = (
            render_to_string(f"{folder}/{kind}.txt", {**words, "frame": f"{folder}/{frame}"}) for frame in FRAMES
        )
    _enqueue(user.email, subject, text, off, _html(mjml))


def _html(mjml):
    """A mail's HTML: nothing in it is fetched from anywhere, no letters, no pictures."""
    alone = mrml.ParserOptions(include_loader=mrml.noop_loader())
    return mrml.to_html(mjml, alone, mrml.RenderOptions(disable_comments=True, fonts={})).content


def _off(user, message):
    """The address at which an optional message to an account is switched off without signing in."""
    with override(user.language):
        return absolute(reverse("mail_off", args=[signing.dumps([user.key, message], salt=SALT)]))


def off(token):
    """(account, message) of an address that `_off` made; None if the token is none of ours or the account is gone."""
    try:
        key, message = signing.loads(token, salt=SALT)
    except (signing.BadSignature, ValueError):
        return None
    user = User.objects.filter(key=key, erased_at=None).first()
    return (user, message) if user and message in OPTIONAL else None


def switch_off(user, message):
    setattr(user, OPTIONAL[message], False)
    user.save(update_fields=[OPTIONAL[message]])


def _queue(template, to, context, language, off=None):
    """Write TEMPLATE_subject.txt and TEMPLATE_message.txt and enqueue them. off: where an optional one ends."""
    with override(language):
        words = _words(to, context, off)
        subject = render_to_string(f"{template}_subject.txt", words)
        text = render_to_string(f"{template}_message.txt", words)
    _enqueue(to, subject, text, off)


def _words(to, context, off):
    return {**context, "email": to, "site_name": settings.SITE_NAME, "site_url": settings.SITE_URL, "off": off}


def _enqueue(to, subject, text, off, html=None):
    told = {"subject": " ".join(subject.split()), "text": text.strip() + "\n", "html": html, "to": to, "off": off}
    # The name is made here and not at each attempt: a mailbox can tell a second copy by it.
    name = make_msgid(domain=urlsplit(settings.SITE_URL).hostname)
    deliver.enqueue(message_id=name, message=seal.sealed(json.dumps(told), PURPOSE))


@retried
def deliver(message_id, message):
    """Hand one message to the mail server; raises what the server raises, and is tried again later.

    message: sealed JSON, since the queue's row would tell to whom a code goes, and for which story. Its `off` is the
    address that ends such messages at a click in the mail program (RFC 8058), or None; its `html`, where there is any,
    says what its `text` says."""
    told = json.loads(seal.opened(message, PURPOSE))
    headers = {"Message-ID": message_id, "Auto-Submitted": "auto-generated"}
    if told["off"]:
        headers |= {"List-Unsubscribe": f"<{told['off']}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
    mail = EmailMultiAlternatives(told["subject"], told["text"], to=[told["to"]], headers=headers)
    # Messages of before a new release may wait without it.
    if told.get("html"):
        mail.attach_alternative(told["html"], "text/html")
    mail.send()
