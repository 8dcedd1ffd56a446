"""The demo's mail, to be read in the browser of the machine that runs it, and nowhere else."""

import email
import email.policy
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.http import Http404
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from newsroom.ground.hosts import is_loopback

SHOWN_MAX = 50
# How Django's file backend parts the messages of one file.
BORDER = b"\n" + b"-" * 79 + b"\n"
# A proxy on this machine makes every client look local; these betray it.
FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-IP")


@dataclass(frozen=True)
class Mail:
    to: str
    subject: str
    date: str
    text: str


@never_cache
@require_safe
def show(request):
    if not (settings.DEMO and _is_local(request)):
        raise Http404
    return render(request, "members/outbox.html", {"mails": sent(Path(settings.EMAIL_FILE_PATH))})


def sent(folder):
    """The `Mail`s in the files of a folder, newest first, SHOWN_MAX at most. No folder: none were sent."""
    files = [(path.stat().st_mtime_ns, path) for path in folder.glob("*.log")] if folder.is_dir() else []
    mails = []
    for _written, path in sorted(files, reverse=True):
        mails += [_mail(raw) for raw in reversed(path.read_bytes().split(BORDER)) if raw.strip()]
        if len(mails) >= SHOWN_MAX:
            break
    return mails[:SHOWN_MAX]


def _mail(raw):
    message = email.message_from_bytes(raw, policy=email.policy.default)
    body = message.get_body(("plain",))
    text = body.get_content() if body else ""
    return Mail(str(message["to"]), str(message["subject"]), str(message["date"]), text.strip())


def _is_local(request):
    hosts = request.get_host(), request.META.get("REMOTE_ADDR", "")
    return all(is_loopback(host) for host in hosts) and not any(name in request.headers for name in FORWARDED)
