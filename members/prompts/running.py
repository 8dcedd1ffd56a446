"""The campaigns as choosing needs them: plain values, read from the database once a change, and for each page those
that may stand on it, best first."""

from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache

from django.utils import timezone

from members.models import Plan
from members.prompts import words
from members.prompts.arms import arms
from members.prompts.models import Campaign, Place
from members.prompts.rules import OF_PAGES, OF_STATES, OF_VISITS, fit
from members.visit import State

# Pages for which the candidates are remembered: some hundred bytes each.
PAGES_MAX = 4_096
# Numbers that layout knows places by; any other is that of the block after which a prompt stands.
TOP, END = 0, -1
# The paper's own word to those whose payment failed, where no campaign has a better one: no row, so no id.
CARD = 0


@dataclass(frozen=True, slots=True, eq=False)
class Candidate:
    """A campaign. include, exclude: {kind: frozenset}. variants: {id: weight}, those that are shown at all, the
    heaviest first; by_bucket: what `arms` says, None where all get the same. counts: whether a condition of it counts
    something. tags: (id, name) of those it is for. goes_first: before all others, since its drive does. rules: of
    OF_VISITS those that could refuse it."""

    pk: int
    status: str = Campaign.Status.RUNNING
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    priority: int = 0
    language: str = ""
    sensitive_ok: bool = False
    by_story: bool = False
    include: dict = field(default_factory=dict)
    exclude: dict = field(default_factory=dict)
    states: frozenset = frozenset()
    reads_min: int = 0
    reads_max: int | None = None
    read_tag: int | None = None
    read_tag_min: int = 1
    walls_min: int = 0
    place: str = Place.END
    after: int = 0
    frequency: bool = False
    views_max: int = 0
    from_view: int = 1
    quiet_days: int = 30
    holdback: int = 0
    variants: dict = field(default_factory=dict)
    by_bucket: tuple | None = None
    counts: bool = False
    says_price: bool = False
    tags: tuple = ()
    goes_first: bool = False
    checks: tuple = ()

    @classmethod
    def of(cls, campaign):
        """campaign: a `Campaign`, its drive selected and its variants prefetched."""
        shown = [variant for variant in campaign.variants.all() if variant.weight]
        weights = {one.pk: one.weight for one in sorted(shown, key=lambda one: (-one.weight, one.pk))}
        texts = [text for variant in shown for text in variant.texts]
        tags = campaign.include.get("tag", ())
        parted = shown and (campaign.holdback or len(shown) > 1)
        told = {name: getattr(campaign, name) for name in TAKEN_OVER} | {
            "include": _sets(campaign.include),
            "exclude": _sets(campaign.exclude),
            "states": frozenset(campaign.states),
            "variants": weights,
            "by_bucket": arms(campaign.pk, campaign.holdback, weights) if parted else None,
            "counts": is_counting(campaign) or words.uses(words.READ, *texts),
            "says_price": words.uses(words.PRICE, *texts),
            "tags": tuple((tag, campaign.tag_names.get(str(tag), "")) for tag in tags),
            **_of_drive(campaign),
        }
        made = cls(**told)
        return cls(**told, checks=tuple(rule.refuses for rule in OF_VISITS if rule.matters(made)))

    @property
    def layout_place(self):
        """The number by which layout knows its place in a story, None for none."""
        return {Place.TOP: TOP, Place.AFTER: self.after, Place.END: END}.get(self.place)

    def is_kept(self, now):
        """Whether it may yet be shown, should somebody start it."""
        return self.ends_at is None or now < self.ends_at


TAKEN_OVER = (
    "pk", "status", "starts_at", "ends_at", "priority", "language", "sensitive_ok", "by_story", "reads_min",
    "reads_max", "read_tag", "read_tag_min", "walls_min", "place", "after", "frequency", "views_max", "from_view",
    "quiet_days", "holdback",
)  # fmt: skip


def _of_drive(campaign):
    """What a campaign's drive changes of it: it runs no longer than that does."""
    drive = campaign.drive
    if drive is None:
        return {}
    starts = [moment for moment in (campaign.starts_at, drive.starts_at) if moment]
    ends = [moment for moment in (campaign.ends_at, drive.ends_at) if moment]
    return {"starts_at": max(starts), "ends_at": min(ends), "goes_first": drive.overrides}


def is_counting(campaign):
    """Whether it has a condition for which a browser must keep count of what its reader does, or a bucket."""
    counted = (campaign.reads_min, campaign.reads_max is not None, campaign.read_tag, campaign.walls_min)
    return any(counted) or campaign.holdback > 0


def _sets(told):
    return {kind: frozenset(values) for kind, values in told.items() if values}


def card():
    return Candidate(CARD, states=frozenset({State.PAST_DUE}), variants={CARD: 1})


class Running:
    """A snapshot. candidates: all campaigns that were not put away, and the paper's own word, in the order in which
    they go where they fit equally well. variants: the rows of their words. price: what a month costs, "" if nothing is
    sold by the month. places: of the layout, those where a campaign may come to stand. asked_tags: ids of those tags
    for which browsers keep count. remembers: whether any campaign needs what a browser remembers."""

    def __init__(self, candidates, variants=(), price=None, now=None):
        by_order = sorted(candidates, key=lambda one: (-one.priority, -one.pk))
        self.candidates = (*by_order, card())
        self.by_pk = {one.pk: one for one in self.candidates}
        self.variants = tuple(variants)
        self.price = price
        kept = [one for one in by_order if now is None or one.is_kept(now)]
        # Those of whom nothing is remembered are asked at the end, and so are those whose payment failed.
        self.places = frozenset({END} | {one.layout_place for one in kept} - {None})
        live = [one for one in kept if one.status == Campaign.Status.RUNNING]
        self.asked_tags = frozenset(one.read_tag for one in live if one.read_tag)
        self.remembers = any(one.frequency or one.counts or one.by_bucket for one in live)
        self.fitting = lru_cache(maxsize=PAGES_MAX)(self._fitting)

    @classmethod
    def load(cls, now=None):
        """As the database has them now. Four queries."""
        campaigns = list(Campaign.objects.kept().select_related("drive").prefetch_related("variants"))
        variants = [variant for campaign in campaigns for variant in campaign.variants.all()]
        return cls(map(Candidate.of, campaigns), variants, _price(), now or timezone.now())

    def ordered(self, subject):
        """All candidates, those first that fit a page best: a tuple."""
        return tuple(sorted(self.candidates, key=lambda one: fit(one, subject)))

    def _fitting(self, subject, state, remembers=True):
        """Those that neither the page nor what the reader is refuses. remembers: whether the browser may. Kept as
        `fitting`."""
        return tuple(
            one
            for one in self.ordered(subject)
            if not any(rule.refuses(one, subject, self) for rule in OF_PAGES)
            and not any(rule.refuses(one, state, remembers) for rule in OF_STATES)
        )


def places_in_use(now):
    """The `Running.places` of the database as it is. One query."""
    kept = Campaign.objects.kept().exclude(ends_at__lte=now).exclude(drive__ends_at__lte=now)
    rows = kept.order_by().values_list("place", "after").distinct()
    told = {Place.TOP: TOP, Place.END: END}
    return frozenset({END} | {after if place == Place.AFTER else told.get(place) for place, after in rows} - {None})


def _price():
    """The `Price` of a month that /join/ names first, None where nothing is sold by the month."""
    plan = Plan.objects.offered().first()
    return plan and plan.monthly_price()
