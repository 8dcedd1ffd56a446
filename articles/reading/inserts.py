"""Advertisements and prompts of a page, chosen for one reader: one plan for both, from what is held in memory.

`Inserts` are loaded when a process starts and when a stamp says that something was changed; to lay out a page asks no
database and renders no template. `lay` decides, `Laid.note` remembers it in the reader's own cookie and counts it.
"""

import hashlib
from dataclasses import dataclass, field, replace

from django.conf import settings
from django.utils import timezone, translation

from articles.ads import choose as ads
from articles.ads import outside, places
from articles.ads.drawn import shown, shown_outside
from articles.ads.models import ADS, Priority
from articles.models import Image
from articles.reading.drawn import PLACE, piece
from articles.reading.entry import END, LAST, Slot
from members.models import PLANS, Plan
from members.prompts import choose as prompts
from members.prompts import drawing
from members.prompts.models import PROMPTS, Place
from members.prompts.words import Parted
from members.visit import State
from newsroom.ground import counters
from newsroom.ground.stamps import EVERYTHING

# Holes that advertisements may fill -> the kind of place that they know it by. The end is a prompt's first.
BOOKED = {"ad": "inline", "row": "row", "top": "top", "end": "end"}
INLINE, HOUSE_TIER = "inline", int(Priority.HOUSE)
ASKING = {"prompt", "end", "last", "bar"}
KINDS = {*BOOKED, *ASKING}
# What stands in a place without being anybody's campaign.
OURS = {ads.HOUSE, outside.OUTSIDE}
BAR = Slot("bar")
PROMPT = drawing.TEMPLATE
# Prompts that a page remembers as they were filled for it.
FILLED_MAX = 8


@dataclass(slots=True)
class Laid:
    """What stands in a page's holes for one reader. pieces: {which of its slots: (bytes, a short digest of them)},
    nothing for the others; ads: [(what counts know it by, its campaign or None, name of its place)]; chosen:
    `members.prompts.choose.Chosen` or None."""

    subject: object
    pieces: dict = field(default_factory=dict)
    ads: list = field(default_factory=list)
    chosen: object = None

    def note(self, visitor, snapshot):
        """It was shown: remember it in the reader's cookie, and count it."""
        if visitor.habits is not None:
            for _key, campaign, _place in self.ads:
                if campaign in snapshot.caps:
                    visitor.habits.note_ad(campaign)
        first = self.chosen is not None and self._note_prompt(visitor)
        if visitor.counted:
            for series, key in self.counts(first):
                counters.add(series, key)

    def counts(self, first):
        """[(series, key)] of what was shown. first: this browser sees the campaign for the first time lately."""
        told = [("ad", f"{key}:{place}") for key, _campaign, place in self.ads]
        if self.chosen is not None:
            campaign, arm = self.chosen.campaign, "held" if self.chosen.held else "shown"
            told += [("prompt-reach", f"{campaign}:{arm}")] if first else []
            told += [("prompt-held", str(campaign))] if self.chosen.held else self._shown()
        return told

    def _shown(self):
        name = f"{self.chosen.campaign}.{self.chosen.variant}"
        return [("prompt", f"{name}.{self.chosen.place}"), ("prompt-story", f"{name}:{self.subject.story}")]

    def _note_prompt(self, visitor):
        """Whether the browser sees it for the first time lately; False where nothing is remembered."""
        if visitor.habits is None or self.chosen.campaign == prompts.CARD:
            return False
        return visitor.habits.note_prompt(self.chosen.campaign, self.chosen.held)


class Inserts:
    """booked: `articles.ads.choose.Snapshot`; running: `members.prompts.choose.Running`; each together with what draws
    it, since other threads choose meanwhile."""

    def __init__(self):
        self.hear({EVERYTHING})

    def hear(self, changes):
        """Load and draw anew what these changes (of stamps) touch."""
        now = timezone.now()
        if changes & {ADS, EVERYTHING}:
            booked = ads.Snapshot.load(now)
            self._ads = booked, _drawn_ads(booked)
        if changes & {PROMPTS, PLANS, EVERYTHING}:
            running = prompts.Running.load(now)
            self._prompts = running, _drawn_prompts(running)
        if changes & {PLANS, EVERYTHING}:
            self._ad_free = frozenset(Plan.objects.ad_free().values_list("pk", flat=True))

    def poll(self):
        """Learn what was delivered of campaigns with a goal; once a second."""
        self.booked.poll(timezone.now())

    @property
    def booked(self):
        return self._ads[0]

    @property
    def running(self):
        return self._prompts[0]

    def knows_creative(self, told):
        """Whether there is a creative of this id (as text) to be seen, or it is the paper's own word."""
        return told in OURS or any(creative.pk == int(told) for creative in self.booked.creatives)

    def knows_variant(self, campaign, variant):
        running, _drawn = self._prompts
        return campaign in running.by_pk and variant in running.by_pk[campaign].variants

    def is_ad_free(self, reader):
        return any(rank.plan in self._ad_free for rank in reader.plans)

    def note_visit(self, subject, walled, visitor):
        """The visit itself: the reader opened a story, or met its wall. Nothing where no prompt asks for such."""
        running, habits = self.running, visitor.habits
        if habits is None or not running.remembers or subject.story is None or visitor.state == State.MEMBER:
            return
        habits.note_read(subject.tags & running.asked_tags)
        if walled:
            habits.note_wall()

    def lay(self, outline, subject, back, visitor):
        """The Laid of a page with these holes (an Outline). back: its address as a query."""
        laid = Laid(subject)
        if subject.story is not None:
            self._lay_prompt(laid, outline, back, visitor)
        if subject.ads and not self.is_ad_free(visitor.reader):
            self._lay_ads(laid, outline, visitor)
        return laid

    def _lay_prompt(self, laid, outline, back, visitor):
        running, drawn = self._prompts
        now = visitor.reader.now
        chosen = prompts.choose(laid.subject, visitor, running, now)
        slot = chosen and slot_of(chosen, outline.prompts)
        if slot is None:
            return
        if slot in (END, LAST):
            chosen = replace(chosen, place=Place.END)
        laid.chosen = chosen
        if not chosen.held:
            parted = drawn[chosen.campaign, chosen.variant, laid.subject.language, visitor.state]
            filled = outline.filled.get((parted, chosen.place))
            if filled is None:
                content = parted.filled(drawing.values(parted.names, chosen, laid.subject, visitor, now, back))
                filled = content, hashlib.blake2b(content, digest_size=6).hexdigest()
                outline.remember((parted, chosen.place), filled, parted.names)
            laid.pieces[outline.prompts[slot]] = filled

    def _lay_ads(self, laid, outline, visitor):
        free = [one for one in outline.ads if one[0] not in laid.pieces]
        if not free:
            return
        booked, drawn = self._ads
        chosen = ads.bookings([slot for _which, slot, _place in free], laid.subject, visitor, booked)
        from_outside = outside.is_wanted(visitor)
        for (which, (kind, _number), place), booking in zip(free, chosen, strict=True):
            if from_outside and (booking is None or booking.tier == HOUSE_TIER):
                key, campaign = outside.OUTSIDE, None
            elif booking is not None:
                key, campaign = booking.pk, booking.campaign
            elif kind == INLINE:
                key, campaign = ads.HOUSE, None
            else:
                continue
            made = drawn[key, kind, laid.subject.language]
            laid.pieces[which] = made.around(place.encode()), made.tag + place
            laid.ads.append((key, campaign, place))


class Outline:
    """The holes of a page that inserts may fill, sorted out once for all its readers. ads: (which of the slots, the
    (kind, number) and the name that advertisements know it by); prompts: {slot: which}; filled: prompts that are the
    same for all readers of the page, by what draws them and their place."""

    __slots__ = ("ads", "filled", "prompts")

    def __init__(self, slots):
        self.ads, self.prompts, self.filled = [], {}, {}
        for which, slot in enumerate(slots):
            if slot.kind in BOOKED:
                named = BOOKED[slot.kind], slot.number + 1
                self.ads.append((which, named, places.name(named)))
            if slot.kind in ASKING:
                self.prompts[slot] = which

    def remember(self, drawn, filled, names):
        if drawing.OF_READERS.isdisjoint(names):
            if len(self.filled) >= FILLED_MAX:
                self.filled.clear()
            self.filled[drawn] = filled


def slot_of(chosen, slots):
    """The hole for a prompt: where it wants to stand, else the end; None where the page has neither."""
    wanted = {
        Place.TOP: Slot("prompt", 0),
        Place.AFTER: Slot("prompt", chosen.after),
        Place.END: END,
        Place.BAR: BAR,
    }[chosen.place]
    return next((slot for slot in (wanted, END, LAST) if slot in slots), None)


def _drawn_ads(booked):
    """{(what counts know it by, kind of place, language): Piece}."""
    drawn = {}
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            for kind in places.Kind:
                said = [shown(creative, PLACE, kind) for creative in (ads.house(), *booked.creatives)]
                said += [shown_outside(PLACE, kind)] if settings.ADS_OUTSIDE else []
                for one in said:
                    key = int(one.key) if one.key.isdecimal() else one.key
                    drawn[key, kind.value, language] = piece("reading/_ad.html", {"ad": one}, PLACE)
    return drawn


def _drawn_prompts(running):
    """{(campaign, variant, language, state of the reader): Parted}."""
    drawn = {}
    variants = {variant.pk: variant for variant in running.variants}
    pictures = Image.objects.in_bulk([variant.image for variant in running.variants if variant.image])
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            for one in running.candidates:
                if one.language not in ("", language):
                    continue
                for variant in map(variants.get, one.variants):
                    picture = variant and pictures.get(variant.image)
                    for state in drawing.ASKED:
                        said = drawing.said(variant, one, state, running.price, picture)
                        html = piece(PROMPT, {"prompt": said}).parts[0].decode()
                        pk = variant.pk if variant else prompts.CARD
                        drawn[one.pk, pk, language, state] = Parted.of(html)
    return drawn
