"""Campaigns, pages and visitors for the tests of prompts, none of which needs a database."""

from datetime import UTC, datetime, timedelta

from members.access import Audience
from members.habits import Habits, _tag, day_of
from members.models import User
from members.prompts.models import Campaign, Variant
from members.prompts.running import Candidate, Running
from members.reader import Reader
from members.visit import State, Subject, Visitor

NOW = datetime(2026, 11, 25, 9, tzinfo=UTC)
DAY = timedelta(days=1)
WATER, DAMS, BREAD = 11, 12, 13
CITY, VALLEY = 21, 22

PAGE = Subject(
    story=7,
    language="en",
    section=CITY,
    tags=frozenset({WATER, DAMS}),
    kinds=frozenset({"gated", "audio"}),
    prompts=(5,),
)
# What a Reader of each state has beside its moment.
READERS = {
    State.ANONYMOUS: {"level": Audience.EVERYONE},
    State.REGISTERED: {"level": Audience.REGISTERED, "user": User(pk=1)},
    State.MEMBER: {"level": Audience.MEMBERS, "user": User(pk=1)},
    State.LAPSED: {"level": Audience.REGISTERED, "user": User(pk=1), "lapsed": True},
    State.PAST_DUE: {"level": Audience.REGISTERED, "user": User(pk=1), "owes": True},
}


def campaign(pk=1, variants=None, **fields):
    """The `Candidate` of a campaign that runs everywhere without measure but for these fields. variants: {id: weight},
    or {id: (weight, text)}; one of id 10 * pk if none are given."""
    fields = {"status": "running", "frequency": False, "priority": 10} | fields
    row = Campaign(pk=pk, **fields)
    told = {key: one if isinstance(one, tuple) else (one, "") for key, one in (variants or {10 * pk: 1}).items()}
    made = [Variant(pk=key, weight=weight, heading=f"V{key}", text=text) for key, (weight, text) in told.items()]
    row._prefetched_objects_cache = {"variants": made}
    return Candidate.of(row)


def running(*candidates, price=None):
    return Running(candidates, price=price, now=NOW)


def habits(**fields):
    """What a browser remembers. reads, walls: how many lately; tags: {id: times}."""
    made = Habits(bucket=fields.pop("bucket", 0), day=day_of(NOW))
    made.reads, made.walls = [fields.pop("reads", 1), 0, 0], [fields.pop("walls", 0), 0, 0]
    made.tags = {_tag(tag): [times, 0, 0] for tag, times in fields.pop("tags", {}).items()}
    for pk, views in fields.pop("views", {}).items():
        for _view in range(views):
            made.note_prompt(pk)
    if fields.pop("quiet", False):
        made.note_quiet()
    assert not fields
    return made


def visitor(state=State.ANONYMOUS, remembers=True, country="", device="desktop", referrer="direct", **fields):
    """Somebody of a state. remembers: whether the browser may; the other fields are those of `habits`."""
    reader = Reader(now=NOW, **READERS[state])
    return Visitor(reader, habits(**fields) if remembers else None, country, device, referrer)
