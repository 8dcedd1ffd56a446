"""By which prompt somebody came to what they did: carried in addresses and, sealed, in what is stored on the way to a
payment; counted once it comes to one.

The counts stand under digests with a key outside the database: a payment's row says when and by whom, so a plain count
of the same hour would say what that reader had been reading.
"""

import hashlib
import json
import re
from collections import Counter
from dataclasses import asdict, dataclass, replace
from functools import lru_cache

from django.conf import settings
from django.db.models import Sum

from newsroom.ground import counters, seal
from newsroom.ground.models import Count

# What the query of an address says: prompt:CAMPAIGN.VARIANT.PLACE.STORY, the last of them missing where there is none.
SOURCE = re.compile(r"prompt:([1-9][0-9]{0,8})\.([1-9][0-9]{0,8})\.(top|after|end|bar|page)(?:\.([1-9][0-9]{0,17}))?")
# A drive's own page, as a place beside those where prompts stand.
PAGE = "page"
PURPOSE = "trails"
# What somebody did; each a series of counts.
SHOWN = "prompt-story"
SIGN_UP, PAYMENT, MONEY = "prompt-signup", "prompt-paid", "prompt-money"
# Keys that one query asks for.
KEYS = 500


@dataclass(frozen=True, slots=True)
class Trail:
    """campaign, variant: ids of the prompt that was clicked last, 0 where none was; place: where it stood; story: on
    which story's page, 0 for none. seen: the campaigns that this browser was shown lately, and those that were held
    back from it, as (id, held)."""

    campaign: int = 0
    variant: int = 0
    place: str = ""
    story: int = 0
    seen: tuple = ()


NOWHERE = Trail()


def source(campaign, variant, place, story=None):
    """What an address says of a prompt that leads there."""
    return f"prompt:{campaign}.{variant}.{place}" + (f".{story}" if story else "")


def of_source(told):
    """The Trail that an address's `source` names; NOWHERE for anything else."""
    found = SOURCE.fullmatch(told or "")
    return Trail(int(found[1]), int(found[2]), found[3], int(found[4] or 0)) if found else NOWHERE


def with_habits(trail, habits):
    """The Trail with what the browser was shown and held back from lately. habits: `members.habits.Habits` or None."""
    if habits is None:
        return trail
    return replace(trail, seen=tuple((campaign, asked.held) for campaign, asked in habits.prompts.items()))


def sealed(trail):
    """The Trail as a row may keep it: nobody reads it without the key. "" for one that says nothing."""
    return "" if trail == NOWHERE else seal.sealed(json.dumps(asdict(trail)), PURPOSE)


def opened(told):
    """The Trail that `sealed` was given; NOWHERE where it cannot be read any more."""
    try:
        said = json.loads(seal.opened(told, PURPOSE)) if told else {}
    except seal.Broken:
        said = {}
    return Trail(**said | {"seen": tuple((campaign, held) for campaign, held in said.get("seen", ()))})


def count(trail, series, number=1, unit=""):
    """Count what somebody did, for the prompt clicked last and for each experiment that the browser took part in.
    number: 1, or minor units of money in the currency `unit`."""
    for name in names(trail):
        counters.add(series, key(name, unit), number)


def names(trail):
    """What a Trail counts for: the prompt with variant and place, the story under it, and the arms of experiments."""
    told = []
    if trail.campaign:
        told.append(f"{trail.campaign}.{trail.variant}.{trail.place}")
    if trail.campaign and trail.story:
        told.append(f"{trail.campaign}.{trail.variant}:{trail.story}")
    return told + [f"{campaign}:{'held' if held else 'shown'}" for campaign, held in trail.seen]


def was_shown(campaign, variant, story):
    """Whether a prompt has been shown on a story: what else somebody sends would be rows without end. One query."""
    return Count.objects.filter(series=SHOWN, key=f"{campaign}.{variant}:{story}").exists()


def total(name, series, since, until, unit=""):
    """How much was counted for a name (of `names`) from one moment to another (aware). One query."""
    return totals([name], [series], since, until, [unit])[name, series, unit]


def totals(names, series, since, until, units=("",)):
    """The same of many names and series at once: a Counter by (name, series, unit). One query for every KEYS keys."""
    asked = {_key(secret, name, unit): (name, unit) for secret in _secrets() for name in names for unit in units}
    keys, found = list(asked), Counter()
    for start in range(0, len(keys), KEYS):
        some = keys[start : start + KEYS]
        rows = Count.objects.filter(series__in=series, key__in=some, hour__gte=since, hour__lt=until).order_by()
        for one, key, number in rows.values_list("series", "key").annotate(total=Sum("number")):
            name, unit = asked[key]
            found[name, one, unit] += number
    return found


def key(name, unit=""):
    """The digest under which a name is counted."""
    return _key(_secrets()[0], name, unit)


def _key(secret, name, unit):
    return hashlib.blake2b(f"{name} {unit}".encode(), key=secret, digest_size=16, person=b"trail").hexdigest()


def _secrets():
    return _derived(settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)


@lru_cache(maxsize=8)
def _derived(*secrets):
    return tuple(hashlib.blake2b(one.encode()[:4096], digest_size=32, person=b"trail").digest() for one in secrets)
