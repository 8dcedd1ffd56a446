"""What fills the slots of a page for one reader. Each filler is small and gets what it needs by argument."""

from urllib.parse import urlencode

from django.template.loader import render_to_string
from django.urls import reverse

from articles.ads import choose as ads
from articles.reading.page import AUDIO, CORNER, PROMPT
from members.access import Audience, decide
from members.accounts.corner import corner
from members.prompts import choose as prompts
from members.prompts.models import for_story


def audio(article, reader):
    """The audio version's place: what unlocks it, or where the player will stand."""
    terms = article.audio_terms
    if terms is None:
        return b""
    access = decide(terms, reader, reader.now)
    back = urlencode({"next": article.get_absolute_url()})
    said = {
        "locked": not access.allowed,
        "needs": "registered" if access.wall == "register" else "members",
        "sign_in_url": f"{reverse('account_login')}?{back}",
        "sign_up_url": f"{reverse('account_signup')}?{back}",
        "join_url": f"{reverse('join')}?{back}",
    }
    return _drawn("reading/_audio.html", {"audio": said})


def prompt(article, reader):
    """The membership prompt that fits story and reader, if any."""
    if reader.level >= Audience.MEMBERS:
        return b""
    chosen = prompts.choose(for_story(article.pk), reader)
    if chosen is None:
        return b""
    said = {
        "title": chosen.title,
        "paragraphs": [text for text in chosen.text.splitlines() if text.strip()],
        "pitch": chosen.pitch,
        "button": chosen.button,
    }
    return _drawn("reading/_prompt.html", {"prompt": said})


def for_list(page, reader):
    """{Slot: bytes} of a list page."""
    return {CORNER: corner(reader).encode()}


def for_article(page, article, reader):
    """{Slot: bytes} of an article's page."""
    slots = [slot for slot in page.slots if slot.kind == "ad"]
    chosen = ads.choose(len(slots), article.pk, reader.now) if slots else []
    filled = {slot: _drawn("reading/_ad.html", {"ad": ad}) for slot, ad in zip(slots, chosen, strict=True)}
    return {**filled, CORNER: corner(reader).encode(), AUDIO: audio(article, reader), PROMPT: prompt(article, reader)}


def _drawn(template, context):
    return render_to_string(template, context).strip().encode()
