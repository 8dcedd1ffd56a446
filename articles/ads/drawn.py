"""What a template needs to draw an advertisement: all of it worked out, nothing left to compute."""

from dataclasses import dataclass

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from articles.ads import choose, markup, outside, places
from articles.ads.models import Creative

# What its own link does on a page: it is paid for, and the advertiser is not told which page it was.
REL = "sponsored nofollow noopener"
LAZY = {place: place != places.Kind.TOP for place in places.Kind}


@dataclass(frozen=True, slots=True)
class Shown:
    """An advertisement at a place. seen: what stands for the place's name in its HTML ("inline1", or whatever is to be
    parted there); href: where its link leads; frame: the address of its document; lazy: it is fetched when it comes
    near; reserved: its place keeps one height whatever comes; choice: where readers choose
    whether advertisements may come from elsewhere."""

    key: str
    kind: str
    label: str
    seen: str
    rel: str
    href: str
    headline: str = ""
    text: str = ""
    button: str = ""
    image: object = None
    alt: str = ""
    frame: str = ""
    sandbox: str = markup.SANDBOX
    width: int | None = None
    height: int | None = None
    lazy: bool = True
    reserved: bool = True
    choice: str = ""


def shown_outside(seen, kind):
    """The Shown of a place that is given to the outside ad server."""
    width, height = max(size for size in places.SIZES[kind] if size[0] <= places.COLUMN)
    return Shown(
        key=outside.OUTSIDE,
        kind=Creative.Kind.HTML,
        label=_("Advertisement"),
        seen=seen,
        rel=REL,
        href="",
        frame=reverse("outside", args=[kind]),
        sandbox=outside.SANDBOX,
        width=width,
        height=height,
        lazy=LAZY[kind],
        reserved=kind in places.RESERVED,
        choice=reverse("advertising"),
    )


def shown(creative, seen, kind=places.Kind.INLINE):
    """The Shown of a Creative (stored, or `choose.house()`) in a place of a kind, in the language of the moment."""
    is_house = creative.pk is None
    return Shown(
        key=choose.HOUSE if is_house else str(creative.pk),
        kind=creative.kind,
        label=_("Sponsored by %(name)s") % {"name": creative.sponsored_by}
        if creative.sponsored_by
        else _("Advertisement"),
        seen=seen,
        rel=REL,
        href=creative.url if is_house else f"{reverse('go', args=[creative.pk])}?at={seen}",
        headline=creative.headline,
        text=creative.text,
        button=creative.button or _("Read more"),
        image=creative.image if creative.kind == Creative.Kind.IMAGE else None,
        alt=creative.alt,
        frame=f"{reverse('creative', args=[creative.pk])}?at={seen}" if creative.kind == Creative.Kind.HTML else "",
        width=creative.width,
        height=creative.height,
        lazy=LAZY[kind],
        reserved=kind in places.RESERVED,
        choice=reverse("advertising") if is_house and settings.ADS_OUTSIDE else "",
    )
