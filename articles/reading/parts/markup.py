"""How one block of a story is drawn for readers."""

import re
from html import escape
from urllib.parse import urlsplit

from django.utils.translation import gettext as _

from articles import body

SIZES = "(min-width: 62rem) 62rem, 100vw"


def draw(block, images):
    """The reader's HTML of a block. images: {id: Image} of those that the story shows; a missing one draws nothing."""
    if block.kind == "figure":
        return _figure(block, images.get(int(block.attribute("data-image"))))
    if block.kind == "embed":
        return _embed(block)
    if block.kind == "table":
        return f'<div class="table" role="region" tabindex="0" aria-label="{escape(_("Table"))}">{block.html}</div>'
    return block.html


def picture(image, alt):
    """The <img> of an Image in a text, with its place reserved."""
    return (
        f'<img src="{escape(image.url)}" srcset="{escape(image.srcset)}" sizes="{SIZES}" '
        f'width="{image.width}" height="{image.height}" alt="{escape(alt)}" loading="lazy" decoding="async">'
    )


def _caption(block):
    found = re.search(r"<figcaption>(.*)</figcaption>", block.html)
    return found[1].strip() if found else ""


def _figure(block, image):
    if image is None:
        return ""
    credit = f"<small>{escape(image.credit)}</small>" if image.credit else ""
    words = _caption(block) or f"{escape(image.caption)} {credit}".strip()
    caption = f"<figcaption>{words}</figcaption>" if words else ""
    shown = picture(image, block.attribute("data-alt") or image.alt)
    return f'<figure class="picture">{shown}{caption}</figure>'


def _embed(block):
    url = block.attribute("data-embed")
    provider = body.embed_provider(url)
    title = _caption(block) or escape(_("See this on %(provider)s") % {"provider": provider})
    where = escape(_("Opens %(host)s") % {"host": urlsplit(url).hostname.removeprefix("www.")})
    return (
        f'<figure class="embed"><a href="{escape(url)}" rel="noopener noreferrer">'
        f"<b>{title}</b> <span>{where}</span></a></figure>"
    )
