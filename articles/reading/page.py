"""A page is a list of bytes with holes: compiled once per version and variant, then only joined."""

import re
import secrets
from dataclasses import dataclass
from urllib.parse import urlencode

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from articles import body
from articles.models import Body, Image
from articles.reading import place, schema, words
from articles.reading.article import story
from articles.reading.markup import draw
from members.access import Audience, Wall, decide
from members.reader import Reader

# Nobody who writes a story can write a slot into it: the word is new with each process.
_SECRET = secrets.token_hex(8)
_MARK = re.compile(f"<!--{_SECRET}:([a-z]+):([0-9]+)-->")


@dataclass(frozen=True, slots=True)
class Slot:
    """A hole in a page, filled for each reader: its kind (corner, audio, prompt, ad) and its number."""

    kind: str
    number: int = 0

    @property
    def mark(self):
        return mark_safe(f"<!--{_SECRET}:{self.kind}:{self.number}-->")


@dataclass(frozen=True, slots=True)
class Variant:
    """What a compiled article depends on beside its version: the wall that stands in it (None: the whole text), and,
    where there is one, whether the reader has an account."""

    wall: Wall | None = None
    known: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """Finished bytes and the slots between them, in the order of the page."""

    chunks: tuple

    @property
    def slots(self):
        return [chunk for chunk in self.chunks if isinstance(chunk, Slot)]

    def join(self, filled):
        """The page's bytes. filled: {Slot: bytes}; a slot that nobody filled is empty."""
        return b"".join(filled.get(chunk, b"") if isinstance(chunk, Slot) else chunk for chunk in self.chunks)


# The id of the first block of a story.
START = "story-start"
CORNER, AUDIO, PROMPT = Slot("corner"), Slot("audio"), Slot("prompt")


def cut(html):
    """The Page of rendered HTML that holds slots' marks."""
    chunks, end = [], 0
    for found in _MARK.finditer(html):
        chunks += [html[end : found.start()].encode(), Slot(found[1], int(found[2]))]
        end = found.end()
    return Page((*chunks, html[end:].encode()))


def compile_list(template, context):
    """The Page of a list of stories, or of any page that differs between readers in its corner alone."""
    return cut(render_to_string(template, {"corner": CORNER.mark, **context}))


def compile(article, variant, frame, now):
    """The Page of an article for one variant of access. frame: what stands around it (`reading.frame`)."""
    # Behind a wall the gated half is not even fetched: the preview is a public field.
    shown = body.blocks(article.preview) if variant.wall else Body.of(article.pk)
    gated = not decide(article.terms, Reader.stranger(now), now).allowed
    context = {
        **frame,
        "corner": CORNER.mark,
        "audio": AUDIO.mark if article.audio_terms else "",
        "text": _text(shown, rest=body.split_preview(shown)[1] if gated and not variant.wall else []),
        "wall": _wall(article, variant) if variant.wall else None,
        "json_ld": schema.news_article(article, free=not gated, walled=variant.wall is not None),
        **story(article, now, start=START if shown else ""),
    }
    return cut(render_to_string("reading/article.html", context))


def _text(shown, rest):
    """The story as readers see it. rest: those of the blocks that not everybody gets, for search engines to know."""
    images = Image.objects.in_bulk(body.image_ids(shown)) if body.image_ids(shown) else {}
    border = next((block for block in rest if block.kind != "ad_break"), None)
    drawn, started = [], False
    for piece in place.lay([block for block in shown if block.kind != "wall"]):
        if isinstance(piece, place.Insert):
            drawn.append(Slot(piece.kind, piece.number).mark)
            continue
        if piece is border:
            drawn.append(f'<div class="{schema.GATED[1:]}">')
        html = draw(piece, images)
        drawn.append(html if started else _named(html))
        started = started or bool(html)
    return mark_safe("\n".join([*drawn, "</div>"] if border else drawn))


def _named(html):
    """The first block of a story, named so that the skip link passes whatever stands before it."""
    return re.sub(r"^<(\w+)", rf'<\1 id="{START}" tabindex="-1"', html, count=1)


def _wall(article, variant):
    remaining = article.paragraphs_after
    left = ngettext("%(n)d paragraph remains.", "%(n)d paragraphs remain.", remaining) % {"n": remaining}
    heading, sentence = WALL_WORDS[variant.wall](article)
    return {
        "kind": variant.wall.value,
        "heading": heading,
        "words": f"{left} {sentence}" if remaining else sentence,
        "answers": _answers(article, variant),
    }


def _opens(article):
    who = _("to everyone") if article.audience == Audience.EVERYONE else _("to everyone with a free account")
    return _("It opens %(who)s on %(date)s.") % {
        "who": who,
        "date": words.day_and_time(article.early_access_until),
    }


WALL_WORDS = {
    Wall.REGISTER: lambda article: (
        _("The rest is free with an account"),
        _("An e-mail address and a password; no card."),
    ),
    Wall.JOIN: lambda article: (_("The rest is for members"), _("Members pay for the reporting in this paper.")),
    Wall.WAIT: lambda article: (_("Members read this first"), _opens(article)),
}


def _answers(article, variant):
    back = urlencode({"next": article.get_absolute_url()})

    def answer(label, name, primary=False):
        return {"label": label, "url": f"{reverse(name)}?{back}", "primary": primary}

    sign_in = [] if variant.known else [answer(_("Sign in"), "account_login")]
    if variant.wall == Wall.REGISTER:
        return [answer(_("Create a free account"), "account_signup", primary=True), *sign_in]
    return [answer(_("Become a member"), "join", primary=True), *sign_in]
