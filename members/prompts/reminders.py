"""One mail before a drive ends, to whom wanted it: asked for on its page, confirmed by the mailbox, written once, and
then nothing of it is kept.

Until a mailbox has confirmed, no row knows it: all that is asked stands sealed in the link.
"""

import json
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from members import emails
from members.prompts.drive import Drive, Reminder
from newsroom.ground import batches, client, seal
from newsroom.ground.site import absolute

# How long before the end of a drive its mail is written.
BEFORE = timedelta(days=2)
# What the seals of links and rows are told that they are for.
ASKED, OFF, KEPT = "drive asked", "drive off", "drive reminder"
# Mails that one call writes; the next call goes on.
BATCH = 500


def is_offered(drive, now):
    """Whether a mail before the drive's end can still be asked for at `now` (aware)."""
    return now < drive.ends_at - BEFORE


def ask(drive, email):
    """Write to a mailbox with a link by which it confirms, in the language of the moment."""
    token = seal.sealed(json.dumps([drive.pk, email]), ASKED)
    emails.drive_question(email, drive.heading, absolute(reverse("drive_confirm", args=[token])))


def asked(token):
    """(the Drive, the address) of a link that `ask` wrote; None for any other, and where the drive is gone."""
    return _read(token, ASKED)


def keep(drive, email):
    """Keep a mailbox that is proven until the mail is written; once, however often it is asked."""
    Reminder.objects.get_or_create(drive=drive, key=_key(email), defaults={"address": seal.sealed(email, KEPT)})


def drop(drive, email):
    """Forget a mailbox again; no harm where it is not known."""
    Reminder.objects.filter(drive=drive, key=_key(email)).delete()


def off_token(drive, email):
    """What the address holds by which a mailbox says no, by itself and at any time."""
    return seal.sealed(json.dumps([drive.pk, email]), OFF)


def refused(token):
    """(the Drive, the address) that an `off_token` was made of; None for any other."""
    return _read(token, OFF)


def of_address(email):
    """All Reminders of a mailbox."""
    return Reminder.objects.filter(key=_key(email))


def send_reminders(now):
    """Write the mails of the drives that end within BEFORE after `now` (aware), and forget who wanted them: each mail
    once, whichever worker comes first."""
    soon = Drive.objects.running(now).filter(ends_at__lte=now + BEFORE)
    for reminder in Reminder.objects.filter(drive__in=soon).select_related("drive")[:BATCH]:
        with transaction.atomic():
            if Reminder.objects.filter(pk=reminder.pk).delete()[0]:
                _write(reminder)


def forget_reminders(now):
    """Delete what is left of drives that were over at `now` (aware)."""
    batches.delete(Reminder.objects.filter(drive__in=Drive.objects.over(now)))


def _write(reminder):
    try:
        email = seal.opened(reminder.address, KEPT)
    except seal.Broken:
        # The key has gone, and with it the address.
        return
    drive = reminder.drive
    with override(drive.language):
        said = {
            "heading": drive.heading,
            "ends_at": timezone.localtime(drive.ends_at),
            "url": absolute(drive.get_absolute_url()),
        }
        off = absolute(reverse("drive_off", args=[off_token(drive, email)]))
    emails.drive_reminder(email, drive.language, said, off)


def _read(token, purpose):
    try:
        pk, email = json.loads(seal.opened(token, purpose))
    except seal.Broken:
        return None
    drive = Drive.objects.filter(pk=pk).first()
    return (drive, email) if drive else None


def _key(email):
    """Salted, since the few million addresses there are could otherwise be tried out."""
    return client.salted(f"drive\0{email.lower()}", settings.SECRET_KEY)
