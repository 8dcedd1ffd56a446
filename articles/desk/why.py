"""Why a reader sees what a story's page shows: which prompt, and why none of the others; which advertisements come into
question for each place, how likely, and why not the rest.

Nothing is chosen here. The reader that a form describes is led past the same rules as those who ask for the page
(`members.prompts.choose`, `articles.ads.choose`), over what this process holds in memory for them.
"""

from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from articles.ads import choose as ads
from articles.ads import outside, places
from articles.ads.models import Priority
from articles.desk.described import Counted
from articles.models import Article
from articles.reading import store
from articles.reading.entry import END
from articles.reading.inserts import BOOKED, slot_of
from articles.reading.page import BAR, TOP
from articles.tags.models import Tag
from members.prompts import choose as prompts
from members.prompts.models import Campaign
from newsroom.ground.numbers import row_number

# By the names of `members.prompts.rules.Fit`.
FITS = {
    "DRIVE": gettext_lazy("Of a drive that goes first"),
    "STORY": gettext_lazy("For stories by name"),
    "TAG": gettext_lazy("For a tag of the story"),
    "SECTION": gettext_lazy("For sections"),
    "DEFAULT": gettext_lazy("For any story"),
    "CARD": gettext_lazy("The paper’s own word"),
}


class WhichForm(forms.Form):
    story = forms.CharField(
        label=gettext_lazy("Story"),
        max_length=500,
        help_text=gettext_lazy("Its number at the desk, or its address on the site."),
    )

    def clean_story(self):
        """The Article that is named by its number or its address, whatever language stands before it."""
        told = self.cleaned_data["story"]
        number = row_number(told)
        found = Article.objects.filter(slug=_slug(told)) if number is None else Article.objects.filter(pk=number)
        if (story := found.first()) is None:
            raise forms.ValidationError(_("There is no such story."))
        return story


def _slug(address):
    try:
        path = urlsplit(address).path
    except ValueError:
        path = ""
    return unquote(path).strip("/").rpartition("/")[2]


@dataclass(frozen=True, slots=True)
class Line:
    """A prompt's campaign, in the order in which they are asked. pk: None for the paper's own word; result: what
    becomes of it, "" where `reasons` refuse it; first: it is the one that is shown, or held back."""

    pk: int | None
    name: str
    fit: str
    result: str
    reasons: list
    first: bool


@dataclass(frozen=True, slots=True)
class Eligible:
    """A creative that may stand at a place. percent: how likely, on a page with nothing on it yet."""

    creative: object
    campaign: object
    percent: float


@dataclass(frozen=True, slots=True)
class Refused:
    creative: object
    campaign: object
    reasons: list


@dataclass(frozen=True, slots=True)
class Place:
    """A place for advertisements. name: as counts have it; label: in words; says: what stands there where no
    advertisement does; eligible, refused: the likeliest first."""

    name: str
    label: str
    says: str
    eligible: list = field(default_factory=list)
    refused: list = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Told:
    """prompt: a sentence about what is shown; lines: of all campaigns. no_ads: why no advertisement is shown at all;
    places: those of the page."""

    prompt: str
    lines: list
    no_ads: list
    places: list


def held():
    """The `inserts.Inserts` that this process serves readers from, up to date."""
    store.default.catch_up()
    return store.default.pieces.inserts


def counted(inserts):
    """The `described.Counted` of what browsers keep count of just now."""
    live = [one for one in inserts.running.candidates if one.frequency and one.status == Campaign.Status.RUNNING]
    tags = dict(Tag.objects.filter(pk__in=inserts.running.asked_tags).values_list("pk", "name"))
    caps = {one.campaign: one.row.name for one in inserts.booked.bookings if one.cap is not None}
    names = _names()
    return Counted(tags=tags, views={one.pk: names.get(one.pk, "") for one in live if one.pk}, ads=caps)


def told(page, visitor, inserts):
    """The Told of a page (`plan.Planned`) for a Visitor as before the visit, which is noted as readers' visits are."""
    inserts.note_visit(page.subject, page.access.wall is not None, visitor)
    now = visitor.reader.now
    chosen = prompts.choose(page.subject, visitor, inserts.running, now)
    slot = chosen and slot_of(chosen, page.slots)
    verdicts = prompts.explain(page.subject, visitor, inserts.running, now)
    words = _Words(page, inserts.running)
    no_ads = list(page.off)
    if inserts.is_ad_free(visitor.reader):
        no_ads.append(_("Members with this plan see none."))
    taken = slot if chosen and not chosen.held else None
    return Told(
        words.prompt(chosen, slot),
        [words.line(verdict, chosen, slot) for verdict in verdicts],
        no_ads,
        [] if no_ads else _places(page, taken, visitor, inserts.booked),
    )


class _Words:
    """What is said of prompts on a page."""

    def __init__(self, page, running):
        self._page, self._running, self._names = page, running, _names()
        self._variants = {variant.pk: variant.name for variant in running.variants}

    def prompt(self, chosen, slot):
        if chosen is None:
            return _("No prompt is shown: each campaign has a reason against it.")
        said = {"campaign": self._name(chosen.campaign), "variant": self._variants.get(chosen.variant, "")}
        if slot is None:
            return _("No prompt is shown: it would be “%(campaign)s”, and this page has no place for it.") % said
        if chosen.held:
            said["percent"] = self._running.by_pk[chosen.campaign].holdback
            return (
                _(
                    "No prompt is shown: this browser is one of the %(percent)d %% held back from “%(campaign)s”, to"
                    " see what it is worth, and no other stands in."
                )
                % said
            )
        said["place"] = self._where(chosen, slot)
        if not said["variant"]:
            return _("“%(campaign)s” is shown %(place)s.") % said
        return _("“%(campaign)s” is shown %(place)s, in the variant “%(variant)s”.") % said

    def line(self, verdict, chosen, slot):
        return Line(
            verdict.campaign or None,
            self._name(verdict.campaign),
            FITS[verdict.fit.name],
            self._result(verdict, chosen, slot),
            verdict.refusals,
            chosen is not None and verdict.campaign == chosen.campaign,
        )

    def _result(self, verdict, chosen, slot):
        if verdict.refusals:
            return ""
        if chosen is None or verdict.campaign != chosen.campaign:
            return _("Not asked: one above it fits.")
        if slot is None:
            return _("Fits, and the page has no place for it")
        return _("Held back") if chosen.held else _("Shown")

    def _where(self, chosen, slot):
        if slot == BAR:
            return _("in a bar at the foot of the page")
        if slot == self._page.end:
            return _("below the story")
        if not chosen.after:
            return _("above the story")
        return _("in the story, above block %(number)d") % {"number": self._page.block_below(slot)}

    def _name(self, campaign):
        if campaign == prompts.CARD:
            return _("Your last payment did not go through")
        return self._names.get(campaign, "")


def _names():
    return dict(Campaign.objects.order_by().values_list("pk", "name"))


def _places(page, taken, visitor, booked):
    return [_place(page, slot, slot == taken, visitor, booked) for slot in page.slots if slot.kind in BOOKED]


def _place(page, slot, by_prompt, visitor, booked):
    label, booking = _label(page, slot), (str(BOOKED[slot.kind]), slot.number + 1)
    if by_prompt:
        return Place(places.name(booking), label, _("The prompt stands there."))
    odds = ads.explain(booking, page.subject, visitor, booked)
    likely = sorted((one for one in odds if one.chance), key=lambda one: -one.chance)
    refused = [Refused(one.creative, one.campaign, one.refusals) for one in odds if not one.chance]
    if outside.is_wanted(visitor) and all(one.campaign.priority == Priority.HOUSE for one in likely):
        refused = [*(Refused(one.creative, one.campaign, [ELSEWHERE]) for one in likely), *refused]
        return Place(places.name(booking), label, ELSEWHERE, refused=refused)
    eligible = [Eligible(one.creative, one.campaign, 100 * one.chance) for one in likely]
    return Place(places.name(booking), label, _says(slot, eligible, refused), eligible, refused)


def _label(page, slot):
    if slot == TOP:
        return str(places.Kind.TOP.label)
    if slot == END:
        return str(places.Kind.END.label)
    return _("Advertisement %(number)d, above block %(block)d") % {
        "number": slot.number + 1,
        "block": page.block_below(slot),
    }


def _says(slot, eligible, refused):
    if eligible:
        return ""
    return NOBODY[BOOKED[slot.kind] == places.Kind.INLINE, bool(refused)]


ELSEWHERE = gettext_lazy("An advertisement from elsewhere stands there, as this reader has said yes to.")
# What stands at a place that no advertisement takes: (whether it is within the story, whether any is booked at all).
NOBODY = {
    (True, False): gettext_lazy("Nobody booked this place: the paper’s own word stands there."),
    (True, True): gettext_lazy("Nothing that is booked fits here: the paper’s own word stands there."),
    (False, False): gettext_lazy("Nobody booked this place: it stays empty."),
    (False, True): gettext_lazy("Nothing that is booked fits here: it stays empty."),
}
