"""Compiling: a template rendered once into finished bytes with slots between them."""

import re
import secrets
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from articles import body
from articles.models import Body, Image
from articles.reading import place
from articles.reading.entry import HTML, Slot, Story, Variant
from articles.reading.parts import schema, words
from articles.reading.parts.markup import draw
from articles.reading.parts.story import story
from members.access import Audience, Wall, decide
from members.prompts.models import own_prompts
from members.reader import Reader

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
    variant: Variant = WHOLE
    visible_from: datetime | None = None
    visible_until: datetime | None = None
    status: int = 200
    kept: bool = True


# The id of the first block of a story.
START = "story-start"
CORNER, AUDIO, PROMPT = Slot("corner"), Slot("audio"), Slot("prompt")


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


def compile_list(template, context, *, status=200):
    """The Page of a list of stories, or of any page that differs between readers in its corner alone."""
    return Page(cut(render_to_string(template, context)), status=status)


def compile(article, variant, frame, basis):
    """The Page of an article (fetched with section and image) for a variant of access. frame: what stands around it."""
    # Behind a wall the gated half is not even fetched: the preview is a public field.
    shown = body.stored(article.preview) if variant.wall else Body.of(article.pk)
    gated = not decide(article.terms, Reader.stranger(basis.now), basis.now).allowed
    basis.lasts_until(article.early_access_until)
    said = story(article, basis, start=START if shown else "")
    context = {
        **frame,
        "audio": mark(AUDIO) if article.audio_terms else "",
        "text": _text(shown, body.split_preview(shown)[1] if gated and not variant.wall else [], basis),
        "wall": _wall(article, variant) if variant.wall else None,
        "json_ld": schema.news_article(article, free=not gated, walled=variant.wall is not None),
        **said,
    }
    chunks = cut(render_to_string("reading/article.html", context))
    return Page(chunks, story=_served(article, basis), variant=variant, visible_from=article.published_at)


def _served(article, basis):
    basis.rests_on("prompt-story", article.pk)
    return Story(
        pk=article.pk,
        language=article.language,
        terms=article.terms,
        audio_terms=article.audio_terms,
        back=urlencode({"next": article.get_absolute_url()}),
        prompts=tuple(own_prompts(article.pk)),
    )


def _text(shown, rest, basis):
    """The story as readers see it. rest: those of the blocks that not everybody gets, for search engines to know."""
    images = Image.objects.in_bulk(body.image_ids(shown)) if body.image_ids(shown) else {}
    basis.shows(*images.values())
    border = next((block for block in rest if block.kind != "ad_break"), None)
    drawn, started = [], False
    for piece in place.lay([block for block in shown if block.kind != "wall"]):
        if isinstance(piece, place.Insert):
            drawn.append(mark(Slot(piece.kind, piece.number)))
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
