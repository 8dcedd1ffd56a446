"""Compiling: a template rendered once into finished bytes with slots between them."""

import re
import secrets
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from django.template.loader import render_to_string
from django.utils.safestring import mark_safe

from articles import body
from articles.models import Body, Image
from articles.reading import layout, place
from articles.reading.entry import END, HTML, LAST, Slot, Story, Variant
from articles.reading.giving import is_gated
from articles.reading.parts import rows, schema
from articles.reading.parts.markup import draw
from articles.reading.parts.story import story
from articles.reading.parts.walls import REST, wall
from members.access import is_free
from members.visit import Subject

# Nobody who writes a story can write a slot into it: the word is new with each process.
_SECRET = secrets.token_hex(8)
_MARK = re.compile(f"<!--{_SECRET}:([a-z]+):([0-9]+)-->")


WHOLE = Variant()


@dataclass(frozen=True, slots=True)
class Page:
    """What was compiled: chunks of bytes and the slots between them, and what an entry says beside them. kept: worth
    keeping for the next who asks."""

    chunks: tuple
    type: str = HTML
    story: Story | None = None
    subject: Subject | None = None
    variant: Variant = WHOLE
    visible_from: datetime | None = None
    visible_until: datetime | None = None
    status: int = 200
    kept: bool = True


# In a list an advertisement stands below so many stories, and the next so many further down.
ROW_AFTER, ROW_EVERY = 6, 8
# The id of the first block of a story.
START = "story-start"
CORNER, AUDIO, METER, GIFT, TOP, BAR = (Slot(kind) for kind in ("corner", "audio", "meter", "gift", "top", "bar"))


def mark(slot):
    """What stands for a slot in a template's context."""
    return mark_safe(f"<!--{_SECRET}:{slot.kind}:{slot.number}-->")


def cut(html):
    """Rendered HTML, taken apart at the slots' marks: a tuple of bytes and Slots."""
    chunks, end = [], 0
    for found in _MARK.finditer(html):
        chunks += [html[end : found.start()].encode(), Slot(found[1], int(found[2]))]
        end = found.end()
    return (*chunks, html[end:].encode())


def compile_list(template, context, *, status=200, subject=None):
    """The Page of a list of stories, or of any page that differs between readers in its corner alone. subject: what it
    is about, where advertisements may stand on it."""
    return Page(cut(render_to_string(template, context)), status=status, subject=subject)


def with_rows(cards):
    """Drawn cards with places for advertisements between them: in the order of a list, none above the first ROW_AFTER
    and none below the last."""
    rows = range(ROW_AFTER, len(cards), ROW_EVERY)
    return [
        *cards[:ROW_AFTER],
        *(one for number, row in enumerate(rows) for one in (mark(Slot("row", number)), *cards[row : row + ROW_EVERY])),
    ]


def compile(article, variant, frame, basis):
    """The Page of an article (fetched with section and image) for a variant of access. frame: what stands around it."""
    # Behind a wall the gated half is not even fetched: the preview is a public field.
    shown = body.stored(article.preview) if variant.wall else Body.of(article.pk)
    gated = not is_free(article.terms, basis.now)
    basis.lasts_until(article.early_access_until)
    for rank in article.ranks:
        basis.rests_on("plan", rank.plan)
    tags = list(rows.tags(article.pk))
    said = story(article, tags, basis, start=START if shown else "")
    context = {
        **frame,
        "audio": mark(AUDIO) if article.audio_terms else "",
        "text": _text(article, shown, variant, gated, basis),
        "meter": mark(METER) if article.terms.metered and not variant.wall else "",
        "gift": mark(GIFT) if is_gated(article, basis.now) else "",
        "top": mark(TOP) if layout.may_have_ads(article) else "",
        "bar": mark(BAR),
        "wall": wall(article, variant, basis) if variant.wall else None,
        "json_ld": schema.news_article(article, free=not gated, walled=variant.wall is not None),
        **said,
    }
    chunks = cut(render_to_string("reading/article.html", context))
    return Page(
        chunks,
        story=_served(article),
        subject=layout.subject(article, tags, gated, basis),
        variant=variant,
        visible_from=article.published_at,
    )


def _served(article):
    return Story(
        pk=article.pk,
        language=article.language,
        terms=article.terms,
        audio_terms=article.audio_terms,
        back=urlencode({"next": article.get_absolute_url()}),
    )


def _text(article, shown, variant, gated, basis):
    """The story as readers see it, with holes for inserts; what not everybody gets is marked for search engines."""
    images = Image.objects.in_bulk(body.image_ids(shown)) if body.image_ids(shown) else {}
    basis.shows(*images.values())
    rest = body.split_preview(shown)[1] if gated and not variant.wall else []
    border = next((block for block in rest if block.kind != "ad_break"), None)
    drawn, started = [], False
    plan = layout.plan(article, shown, images, variant.wall is not None, basis)
    end = END if plan.closing else LAST
    for piece in plan.pieces:
        if isinstance(piece, place.Insert):
            drawn.append(mark(end if piece.kind == "end" else Slot(piece.kind, piece.number)))
            continue
        if piece is border:
            drawn.append(f'<div class="{schema.GATED[1:]}" id="{REST}" tabindex="-1">')
        html = draw(piece, images)
        drawn.append(html if started else _named(html))
        started = started or bool(html)
    return mark_safe("\n".join([*drawn, "</div>"] if border else drawn))


def _named(html):
    """The first block of a story, named so that the skip link passes whatever stands before it."""
    return re.sub(r"^<(\w+)", rf'<\1 id="{START}" tabindex="-1"', html, count=1)
