"""A drive's page: how far it has come, until when it runs, the way to join, and a mail before it ends.

It stands among the accounts since it tells what prompts ask for beside what payments bring; neither of those rooms
knows the other.
"""

from datetime import timedelta
from typing import NamedTuple
from urllib.parse import urlencode

from django import forms
from django.core.cache import cache
from django.http import Http404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from members import trail
from members.accounts.corner import with_corner
from members.accounts.first_proof import is_confirmed
from members.accounts.guards import MAIL
from members.billing import brought, words
from members.billing.pages.own import see_other
from members.prompts import reminders
from members.prompts.drawing import BUTTONS
from members.prompts.drive import Drive, Phase
from members.prompts.models import Campaign, Variant
from members.reader import Reader
from members.visit import State, Visitor
from newsroom.ground import counters
from newsroom.ground.challenge import guarded
from newsroom.ground.money import money

# Seconds for which what has come in is not added up anew.
FRESH = 60
# What the page says once a mail was asked for.
MAILED, KEPT = "mail", "kept"


class Bar(NamedTuple):
    """How far a goal is reached. value, most: numbers; words: both as people read them."""

    label: str
    value: int
    most: int
    words: str


class RemindForm(forms.Form):
    email = forms.EmailField(
        label=gettext_lazy("E-mail address"), widget=forms.EmailInput(attrs={"autocomplete": "email"})
    )


@require_safe
@with_corner
def show(request, slug):
    drive, reader = _drive(slug), Reader.of(request)
    visitor = Visitor.of(request, reader, request.method == "GET")
    response = _page(request, drive, RemindForm())
    prompt = response.context_data["prompt"]
    if prompt and response.context_data["asks"] and visitor.counted:
        counters.add("prompt", f"{prompt.campaign_id}.{prompt.pk}.{trail.PAGE}")
    return response


@require_POST
@with_corner
def _remind(request, slug):
    """A proven address of an account is kept at once; any other is written to first, so that nobody is reminded who
    does not want to be. The answer is the same whether the address is known or not."""
    drive, reader = _drive(slug), Reader.of(request)
    form = RemindForm({"email": reader.user.email} if reader.known else request.POST)
    if not reminders.is_offered(drive, reader.now) or not form.is_valid():
        return _page(request, drive, form, 400)
    email = form.cleaned_data["email"]
    if reader.known and is_confirmed(email):
        reminders.keep(drive, email)
        return see_other(f"{drive.get_absolute_url()}?asked={KEPT}")
    reminders.ask(drive, email)
    return see_other(f"{drive.get_absolute_url()}?asked={MAILED}")


remind = guarded(MAIL, _remind)


@require_http_methods(["GET", "HEAD", "POST"])
@with_corner
def confirm(request, token):
    """Where the question's link leads: GET shows a button, since mail scanners follow links, and POST keeps."""
    found = reminders.asked(token)
    valid = found is not None and reminders.is_offered(found[0], Reader.of(request).now)
    if valid and request.method == "POST":
        reminders.keep(*found)
        return see_other(f"{found[0].get_absolute_url()}?asked={KEPT}")
    return _answer(request, found, valid, "prompts/drive_confirm.html")


# Mail programs send this by themselves (RFC 8058), without cookies; what it may do is in the sealed token alone.
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@with_corner
def off(request, token):
    """Where a mailbox says that it wants no mail about a drive: GET shows a button, POST does it."""
    found = reminders.refused(token)
    if found and request.method == "POST":
        reminders.drop(*found)
    return _answer(request, found, found is not None, "prompts/drive_off.html")


def _answer(request, found, valid, template):
    drive = found and found[0]
    said = {
        "valid": valid,
        "heading": drive.heading if drive else "",
        "url": drive.get_absolute_url() if drive else reverse("front"),
        "done": request.method == "POST",
    }
    return TemplateResponse(request, template, said, status=200 if valid else 404)


def _page(request, drive, form, status=200):
    reader = Reader.of(request)
    phase, came = drive.phase(reader.now), _brought(drive, reader.now)
    prompt = _prompt(drive)
    state = Visitor.of(request, reader).state
    said = {
        "drive": drive,
        "paragraphs": [line for line in drive.text.splitlines() if line.strip()],
        "phase": phase,
        "when": _when(drive, phase),
        "bars": bars(drive, came) if phase != Phase.AHEAD else [],
        "came": _came(came) if phase != Phase.AHEAD else [],
        "prompt": prompt,
        "asks": phase == Phase.RUNNING and state != State.MEMBER,
        "member": state == State.MEMBER,
        "join_url": _join(drive, prompt),
        "button": BUTTONS[state]() if state in BUTTONS else _("Become a member"),
        "offers_mail": reminders.is_offered(drive, reader.now),
        "known": reader.known,
        "form": form,
        "asked": request.GET.get("asked", "") if request.method != "POST" else "",
    }
    return TemplateResponse(request, "prompts/drive.html", said, status=status)


def bars(drive, came):
    """The Bars of a Drive's goals for what has come in, a `brought.Brought`. Pure."""
    told = []
    if drive.goal_members:
        goal, members = drive.goal_members, came.members
        words_of = ngettext("%(count)s of %(goal)s member", "%(count)s of %(goal)s members", goal)
        told.append(Bar(_("New members"), min(members, goal), goal, words_of % {"count": members, "goal": goal}))
    if drive.amount:
        raised = came.amounts.get(drive.currency, 0)
        said = {"raised": money(raised, drive.currency), "goal": money(drive.amount, drive.currency)}
        told.append(Bar(_("Raised"), min(raised, drive.amount), drive.amount, _("%(raised)s of %(goal)s") % said))
    return told


def _came(came):
    """What has come in, in sentences."""
    joined = ngettext(
        "%(count)s reader has become a member.", "%(count)s readers have become members.", came.members
    ) % {"count": came.members}
    amounts = [money(amount, currency) for currency, amount in sorted(came.amounts.items())]
    return [joined, *([_("Together it is %(amounts)s.") % {"amounts": " + ".join(amounts)}] if amounts else [])]


def _when(drive, phase):
    if phase == Phase.AHEAD:
        return _("It begins on %(day)s.") % {"day": words.day(drive.starts_at)}
    if phase == Phase.OVER:
        return _("It ended on %(day)s.") % {"day": words.day(drive.ends_at)}
    return _("It runs until %(day)s.") % {"day": words.until(drive.ends_at)}


def _brought(drive, now):
    """Added up anew once a minute: a page that all prompts lead to is asked for often."""
    if now < drive.starts_at:
        return brought.Brought(0, {})
    until = min(now + timedelta(seconds=FRESH), drive.ends_at)
    key = f"drive-{drive.pk}-{drive.starts_at.timestamp():.0f}-{drive.ends_at.timestamp():.0f}"
    return cache.get_or_set(key, lambda: brought.between(drive.starts_at, until), FRESH)


def _prompt(drive):
    """The Variant whose words lead to /join/ in the drive's prompts: of the campaign that goes first, the heaviest."""
    running = Variant.objects.filter(campaign__drive=drive, campaign__status=Campaign.Status.RUNNING, weight__gt=0)
    return running.order_by("-campaign__priority", "-campaign", "-weight", "pk").first()


def _join(drive, prompt):
    """Where the button leads: by way of the prompt's own, so that it is counted as one click on it."""
    back = {"next": drive.get_absolute_url()}
    if prompt is None:
        return f"{reverse('join')}?{urlencode(back)}"
    told = {"v": prompt.pk, "at": trail.PAGE, **back}
    return f"{reverse('prompt_join', args=[prompt.campaign_id])}?{urlencode(told)}"


def _drive(slug):
    """A drive of the language that is asked in. Raises Http404."""
    drive = Drive.objects.filter(slug=slug, language=get_language()).first()
    if drive is None:
        raise Http404
    return drive
