"""What the template of a prompt is given, drawn ahead for each kind of reader, and what fills its rest for one."""

from functools import lru_cache
from urllib.parse import parse_qsl

from django.urls import reverse
from django.utils import timezone
from django.utils.dateformat import format as date_format
from django.utils.translation import gettext as _
from django.utils.translation import override

from members.prompts import words
from members.prompts.running import CARD
from members.prompts.words import mark
from members.visit import State
from newsroom.ground.money import money

TEMPLATE = "reading/_prompt.html"
# Who is asked something, each in words of their own; and those among them whom an editor's words for the button suit.
ASKED = (State.ANONYMOUS, State.REGISTERED, State.LAPSED, State.PAST_DUE)
JOINING = (State.ANONYMOUS, State.REGISTERED)
BUTTONS = {
    State.LAPSED: lambda: _("Come back"),
    State.PAST_DUE: lambda: _("Update your card"),
}


def said(variant, campaign, state, price, picture=None):
    """The template's context in the language that is active. variant: a `Variant`, None for the paper's own word;
    campaign: its `Candidate`; price: a `Price` or None; picture: what its `image` names, with url, srcset, width and
    height, None where there is none. What differs from page to page and from reader to reader is
    marked, for `words.Parted` to be filled with `values`."""
    known = {words.PRICE: money(price.amount, price.currency)} if price else {}
    told = _card() if variant is None else _told(variant, known)
    at = f"v={variant.pk if variant else CARD}&at={mark('place')}&story={mark('story')}&{mark('back')}"
    return told | {
        "campaign": campaign.pk,
        "variant": variant.pk if variant else CARD,
        "paragraphs": [line for line in told["text"].splitlines() if line.strip()],
        "picture": picture,
        "button": _button(told["button"], campaign, state),
        "join_url": f"{reverse('prompt_join', args=[campaign.pk])}?{at}",
        "second_url": f"{reverse('prompt_second', args=[campaign.pk])}?{at}" if told["second_button"] else "",
        "answer_url": reverse("prompt_answer", args=[campaign.pk]),
        **{name: mark(name) for name in ("place", "story", "next")},
    }


def values(names, chosen, subject, visitor, now, back):
    """What fills a drawn prompt for one reader of a page: {name: value}, of those `names` that stand in it. back: the
    page's address as a query, as "next=%2Fjoin%2F"."""
    return {name: VALUES[name](chosen, subject, visitor, now, back) for name in names}


# What is another for each reader, or on another day, of one page.
OF_READERS = {words.READ, words.DAY}
# Each name -> what stands for it.
VALUES = {
    "place": lambda chosen, subject, visitor, now, back: chosen.place,
    "story": lambda chosen, subject, visitor, now, back: subject.story or 0,
    "back": lambda chosen, subject, visitor, now, back: back,
    "next": lambda chosen, subject, visitor, now, back: _path(back),
    words.TAG: lambda chosen, subject, visitor, now, back: chosen.tag or _this(subject.language),
    words.READ: lambda chosen, subject, visitor, now, back: visitor.habits.reads_lately if visitor.habits else 0,
    words.DAY: lambda chosen, subject, visitor, now, back: _day(timezone.localtime(now).date(), subject.language),
    words.PRICE: lambda chosen, subject, visitor, now, back: "",
}


def _told(variant, known):
    texts = ("heading", "text", "pitch", "button", "second_button")
    told = {name: words.marked(getattr(variant, name), **known) for name in texts}
    return told | {"alt": variant.image_alt}


def _card():
    return {
        "heading": _("Your last payment did not go through"),
        "text": _("Once your card is up to date, your membership goes on as before."),
        "button": "",
        "second_button": "",
    }


def _button(own, campaign, state):
    """An editor's words stand for joining, or for the only readers that the campaign is for."""
    if own and (state in JOINING or campaign.states == {state}):
        return own
    return BUTTONS[state]() if state in BUTTONS else _("Join")


@lru_cache(maxsize=1_024)
def _path(back):
    return dict(parse_qsl(back)).get("next", "")


@lru_cache(maxsize=64)
def _day(date, language):
    with override(language):
        return date_format(date, "l")


@lru_cache(maxsize=64)
def _this(language):
    with override(language):
        return _("this subject")
