"""What a reader answers to a prompt: joins, does not want to now, or supports the newsroom already.

Joining is a link, the other two a form without a CSRF token, since compiled pages hold none: the browser's own word
that it comes from a page of ours is asked for instead. What is remembered, a time of silence, is in the reader's cookie
alone; what is counted names nobody.
"""

from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit, urlunsplit

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from members import cookie, trail
from members.prompts.models import Place, Variant, is_own_path
from members.prompts.running import CARD
from members.reader import Reader
from members.visit import State, Visitor
from newsroom.ground import counters, origin
from newsroom.ground.prefetch import is_prefetch

# What is counted of each answer: its series.
CLICK = "prompt-click"
ANSWERS = {"no": "prompt-no", "mine": "prompt-mine"}
# Days without prompts after an answer to one whose campaign is gone, or is the paper's own word.
QUIET_DAYS = 30
NEXT_MAX = 2_000
# What the page's script says that it takes.
SCRIPT = "application/json"


@dataclass(frozen=True, slots=True)
class Shown:
    """Which prompt is answered, as far as what the browser sends is so. campaign, variant: ids of what there is, 0
    where it names nothing; place: a `Place`, or a drive's page; story: an id or None; back: a path of ours; second_url:
    where the second button leads, a path of ours, "" where there is none."""

    campaign: int
    variant: int
    place: str
    story: int | None
    back: str
    quiet_days: int = QUIET_DAYS
    second_url: str = ""

    @classmethod
    def of(cls, campaign, told):
        """campaign: the number in the address; told: the query or the form, a QueryDict."""
        variant = Variant.objects.select_related("campaign").filter(pk=_number(told.get("v"))).first()
        known = variant is not None and variant.campaign_id == campaign
        place = told.get("at", "")
        return cls(
            campaign if known else CARD,
            variant.pk if known else CARD,
            place if place in (*Place.values, trail.PAGE) else Place.END.value,
            _number(told.get("story")) or None,
            _back(told.get("next", "")),
            variant.campaign.quiet_days if known else QUIET_DAYS,
            variant.second_url if known else "",
        )

    def count(self, series):
        """Once for the prompt, once for it and the story: under a digest, since whoever clicks may pay in that hour."""
        name = f"{self.campaign}.{self.variant}"
        counters.add(series, f"{name}.{self.place}")
        if self.story and trail.was_shown(self.campaign, self.variant, self.story):
            counters.add(series, trail.key(f"{name}:{self.story}"))


@require_safe
def join(request, campaign):
    """GET: on to where one joins, or puts a payment right; counted as a click."""
    shown, state = _clicked(request, campaign)
    return _see(reverse("membership") if state == State.PAST_DUE else _led(reverse("join"), shown))


@require_safe
def second(request, campaign):
    """GET: on to where the second button leads; counted as a click too, and told there, so that what is given there
    counts for the prompt."""
    shown, _state = _clicked(request, campaign)
    return _see(_led(shown.second_url, shown) if shown.second_url else shown.back)


def _clicked(request, campaign):
    """(the Shown, what its reader is): counted, if it is somebody who clicks."""
    shown, reader = Shown.of(campaign, request.GET), Reader.of(request)
    visitor = Visitor.of(request, reader, request.method == "GET" and not is_prefetch(request))
    if visitor.counted:
        shown.count(CLICK)
    return shown, visitor.state


@csrf_exempt
@require_POST
def answer(request, campaign):
    """POST from a page of ours: "no" or "mine". 303 back to the page, 204 for a script. Others: 403; no answer: 400."""
    if not origin.is_ours(request):
        return HttpResponse(status=403)
    series = ANSWERS.get(request.POST.get("answer"))
    if series is None:
        return HttpResponse(status=400)
    shown, reader = Shown.of(campaign, request.POST), Reader.of(request)
    visitor = Visitor.of(request, reader)
    if visitor.counted:
        shown.count(series)
    # Under Global Privacy Control nothing may be remembered, not even this: the prompt may stand there again.
    if visitor.habits is not None:
        visitor.habits.note_quiet(shown.quiet_days)
    response = HttpResponse(status=204) if request.headers.get("Accept") == SCRIPT else _see(shown.back)
    cookie.deliver(request, response)
    return response


def _led(path, shown):
    """A path of ours that is told whence its reader comes, and whither to go back."""
    there, told = urlsplit(path), {"next": shown.back}
    if shown.campaign:
        told["source"] = trail.source(shown.campaign, shown.variant, shown.place, shown.story)
    return urlunsplit(there._replace(query="&".join(filter(None, [there.query, urlencode(told)]))))


def _see(path):
    led = HttpResponseRedirect(path, headers={"Cache-Control": "no-store", "X-Robots-Tag": "noindex"})
    led.status_code = 303
    return led


def _number(told):
    """A number that may be an id, 0 for anything else."""
    told = told or ""
    return int(told) if told.isascii() and told.isdigit() and len(told) < 19 else 0


def _back(told):
    """A path of this site to go back to; the front page for anything else."""
    good = len(told) <= NEXT_MAX and is_own_path(told) and url_has_allowed_host_and_scheme(told, allowed_hosts=None)
    return told if good else reverse("front")
