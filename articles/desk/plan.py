"""Where inserts stand in a story as it was saved last, for the desk: every place drawn, and beside each block above
which no advertisement stands, the rule that refused it.

Nothing is ruled here. The blocks go through `reading.layout`, as those of readers' pages do, and what it says is
written down.
"""

from dataclasses import dataclass

from django import forms
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from articles import body
from articles.desk import texts
from articles.desk.described import ReaderForm
from articles.desk.who_reads import terms_from
from articles.models import Image
from articles.reading import layout, place
from articles.reading.basis import Basis
from articles.reading.entry import END, LAST, Slot
from articles.reading.page import BAR, TOP
from articles.reading.parts import rows
from articles.reading.parts.cards import direction
from articles.reading.parts.markup import draw
from articles.reading.placing.heights import DESKTOP, MOBILE
from articles.reading.placing.rules import LIMIT, MOST, TARGET
from members.access import Access, decide, is_free
from members.visit import Subject

# The widths of screens (CSS pixels) that are offered, and those that can be asked for.
WIDTHS = (390, 820, 1440)
NARROWEST, WIDEST = 320, 2_000
SCREENS = {MOBILE: gettext_lazy("On a telephone"), DESKTOP: gettext_lazy("On a wide screen")}
# What makes that a story has no advertisements -> whether it does.
OFF = {
    gettext_lazy("They are switched off for this story."): lambda article: article.without_ads,
    gettext_lazy("They are switched off for its section."): lambda article: (
        article.section is not None and article.section.without_ads
    ),
    gettext_lazy("The story is marked sensitive."): lambda article: article.sensitive,
}


class PlanForm(ReaderForm):
    width = forms.IntegerField(
        label=gettext_lazy("Width of the screen, in pixels"), min_value=NARROWEST, max_value=WIDEST, initial=WIDTHS[0]
    )


@dataclass(frozen=True, slots=True)
class Planned:
    """A story's page for one reader. shown: the blocks that the reader gets; images: {id: Image} of their figures;
    subject: what the page is about."""

    article: object
    access: Access
    shown: list
    images: dict
    plan: place.Plan
    subject: Subject

    @property
    def off(self):
        """Why no advertisements stand on it, in words; none: they may."""
        return [words for words, holds in OFF.items() if holds(self.article)]

    @property
    def inserts(self):
        return [piece for piece in self.plan.pieces if isinstance(piece, place.Insert)]

    @property
    def slots(self):
        """The holes for inserts in the page, from its top to its foot, as `reading.entry` knows them."""
        inner = [self.end if insert.kind == "end" else Slot(insert.kind, insert.number) for insert in self.inserts]
        return [*([] if self.off else [TOP]), *inner, BAR]

    @property
    def end(self):
        """The Slot of the place at the end of a story that has one."""
        return END if self.plan.closing else LAST

    def block_below(self, slot):
        """The number, from 1, of the block above which an advertisement or a prompt in the story stands."""
        before = self.plan.pieces[: self.plan.pieces.index(place.Insert(slot.kind, slot.number))]
        return 1 + sum(not isinstance(piece, place.Insert) for piece in before)


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the drawn page. number: of a block, from 1; html: the block as readers get it; insert: the kind of what
    is no block, with its label and, in `note`, what there is to say of it."""

    number: int | None = None
    html: str = ""
    insert: str = ""
    label: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Measure:
    """What a story comes to on a kind of screen. height: pixels, without inserts; percent: of ads in it."""

    screen: str
    height: int
    percent: float


def planned(article, reader):
    """The Planned of an article, out or not, for a reader who comes at the reader's moment, or once it is out."""
    start = max(reader.now, article.published_at or reader.now)
    terms = terms_from(article, article.ranks, start)
    access = decide(terms, reader, start)
    shown = body.stored(article.preview) if access.wall else texts.blocks(article.pk)
    images = Image.objects.in_bulk(body.image_ids(shown))
    basis = Basis(start)
    return Planned(
        article,
        access,
        shown,
        images,
        layout.plan(article, shown, images, access.wall is not None, basis),
        layout.subject(article, list(rows.tags(article.pk)), not is_free(terms, start), basis),
    )


def drawn(page):
    """The Rows of a Planned, in the page's order."""
    plan, number = page.plan, 0
    found = [] if page.off else [Row(insert="top", label=_("Top of the page"), note=_("An advertisement, if booked."))]
    found.append(Row(insert="head"))
    for piece in plan.pieces:
        if isinstance(piece, place.Insert):
            found.append(INSERTS[piece.kind](piece, page))
            continue
        html = mark_safe(draw(piece, page.images))
        found.append(Row(number + 1, html, note=_refused(page, number)))
        number += 1
    if page.access.wall:
        label = _("The wall: %(step)s") % {"step": page.access.wall.label}
        found.append(Row(insert="wall", label=label, note=_refused(page, number)))
    elif number:
        found.append(Row(insert="edge", label=_("End of the story"), note=_refused(page, number)))
    return [*found, Row(insert="prompt", label=_("Foot of the page"), note=_("A bar with a prompt, if one is shown."))]


def measures(page):
    """The Measures of a Planned."""
    return [
        Measure(words, round(page.plan.heights[width]), page.plan.density[width]) for width, words in SCREENS.items()
    ]


def sentences(page):
    """What there is to say of a Planned's advertisements as a whole."""
    if page.off:
        return [_("No advertisements stand in this story."), *page.off]
    values = {"ads": len(page.plan.ads), "most": MOST, "target": TARGET, "limit": LIMIT}
    said = [_("Advertisements within the story: %(ads)d, of %(most)d at most.") % values]
    if any(block.kind == "ad_break" for block in page.shown):
        said.append(_("The editor set ad breaks, and they stand at these alone."))
        return [*said, _("They may be %(limit)d %% of its height on a telephone at most.") % values]
    words = _("They may be %(target)d %% of its height on a telephone; where an editor sets the breaks, %(limit)d %%.")
    return [*said, words % values]


def _refused(page, seam):
    refusal = page.plan.refused.get(seam)
    if refusal is None or page.off:
        return ""
    return _("No advertisement here: %(why)s.") % {"why": refusal.said(_)}


def _ad(insert, page):
    label = _("Advertisement %(number)d") % {"number": insert.number + 1}
    return Row(insert="ad", label=label, note=_("Where nobody booked it stands the paper’s own word."))


def _prompt(insert, page):
    if insert.number == place.TOP:
        note = _("Above the story.")
    else:
        note = _("For prompts after so many blocks: %(blocks)d.") % {"blocks": insert.number}
    return Row(insert="prompt", label=_("Prompt may stand here"), note=note)


def _end(insert, page):
    if page.off:
        note = _("A prompt, if one is shown.")
    elif page.end == LAST:
        note = _("A prompt, if one is shown: one more advertisement would be too near, too dense or too many.")
    else:
        note = _("A prompt; where none is shown, an advertisement, if booked.")
    return Row(insert="end", label=_("Place at the end"), note=note)


INSERTS = {"ad": _ad, "prompt": _prompt, "end": _end}


def reads(access):
    """In words, how far a reader gets."""
    if access.wall:
        return _("This reader meets a wall: %(step)s.") % {"step": access.wall.label}
    return _("This reader reads all of it.")


def context(page, width, query):
    """What the template draws of a Planned, on a screen so many pixels wide. query: the QueryDict that asked for it."""
    return {
        "rows": drawn(page),
        "sentences": sentences(page),
        "measures": [] if page.off else measures(page),
        "reads": reads(page.access),
        "empty": not page.shown,
        "width": width,
        "widths": choices(query, width),
        "query": query.urlencode(),
        "direction": direction(page.article.language),
    }


def choices(query, width):
    """[(width, its query, whether it is the one at hand)] of the widths that are offered. query: a QueryDict."""
    found = []
    for one in WIDTHS:
        other = query.copy()
        other["width"] = one
        found.append((one, f"?{other.urlencode()}", one == width))
    return found
