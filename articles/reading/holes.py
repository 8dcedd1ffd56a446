"""What fills the slots of a page for one reader. Each filler is small and gets what it needs by argument."""

from urllib.parse import urlencode

from django.template.loader import render_to_string
from django.urls import reverse

from articles.ads import choose as ads
from articles.reading.page import AUDIO, CORNER, PROMPT
from members.access import Wall, decide
from members.accounts.corner import corner
from members.prompts import choose as prompts
from members.prompts.models import for_story


def audio(article, reader):
    """The audio version's place: what unlocks it, or where the player will stand."""
    terms = article.audio_terms
    if terms is None:
        return b""
    access = decide(terms, reader, reader.now)
    said = {
        "locked": not access.allowed,
        "needs": "registered" if access.wall == Wall.REGISTER else "members",
        **_ways(article, reader),
    }
    return _drawn("reading/_audio.html", {"audio": said})


def _ways(article, reader):
    """Where a reader goes who wants more, and comes back from to the story; who is known need not sign in."""
    back = urlencode({"next": article.get_absolute_url()})
    ways = {"sign_in_url": "account_login", "sign_up_url": "account_signup", "join_url": "join"}
    offered = {"join_url": "join"} if reader.known else ways
    return {way: f"{reverse(name)}?{back}" for way, name in offered.items()}


def prompt(article, reader):
    """The membership prompt that fits story and reader, if any."""
    chosen = prompts.choose(for_story(article.pk, article.language), reader)
    if chosen is None:
        return b""
    said = {
        "title": chosen.title,
        "paragraphs": [text for text in chosen.text.splitlines() if text.strip()],
        "pitch": chosen.pitch,
        "button": chosen.button,
        **_ways(article, reader),
    }
    return _drawn("reading/_prompt.html", {"prompt": said})


def for_list(page, reader):
    """{Slot: bytes} of a list page."""
    return {CORNER: corner(reader).encode()}


def for_article(page, article, reader):
    """{Slot: bytes} of an article's page."""
    slots = [slot for slot in page.slots if slot.kind == "ad"]
    chosen = ads.choose(len(slots), article.pk, article.language, reader.now) if slots else []
    filled = {slot: _drawn("reading/_ad.html", {"ad": ad}) for slot, ad in zip(slots, chosen, strict=True)}
    return {**filled, CORNER: corner(reader).encode(), AUDIO: audio(article, reader), PROMPT: prompt(article, reader)}


def _drawn(template, context):
    return render_to_string(template, context).strip().encode()
