"""A compiled page as it is kept: what comes out is what went in, and what others put there is refused."""

import json
import pickle
import secrets
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime, timedelta
from datetime import timezone as fixed
from itertools import product
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import settings as patient
from hypothesis import strategies as st

from articles.reading.entry import (
    SIGNATURE_LENGTH,
    SKEW,
    Entry,
    Slot,
    Story,
    Unreadable,
    Variant,
    _signature,
    pack,
    unpack,
)
from members.access import Audience, Terms, Wall, decide
from members.models import User
from members.reader import Reader
from members.standing import Rank
from members.visit import Subject

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
PATH, CODE = "/articles/мельница/", "f" * 32

ZONES = [UTC, ZoneInfo("Asia/Beirut"), ZoneInfo("America/St_Johns"), fixed(timedelta(hours=5, minutes=45, seconds=7))]
moments = st.datetimes(datetime(1970, 1, 2), datetime(2200, 1, 1), timezones=st.sampled_from(ZONES))
maybe_moments = st.none() | moments
numbers = st.integers(0, 2**63)
slots = st.builds(Slot, st.sampled_from(["corner", "audio", "prompt", "ad"]) | st.text(), st.integers())
ranks = st.frozensets(st.builds(Rank, st.integers(), st.integers()))
terms = st.builds(Terms, st.text(), st.sampled_from(Audience), ranks, maybe_moments, st.booleans())
stories = st.builds(
    Story,
    pk=numbers,
    language=st.text(),
    terms=terms,
    audio_terms=st.none() | terms,
    back=st.text(),
)
subjects = st.builds(
    Subject,
    story=st.none() | numbers,
    language=st.text(),
    section=st.none() | numbers,
    tags=st.frozensets(numbers),
    kinds=st.frozensets(st.text()),
    sensitive=st.booleans(),
    prompts=st.lists(numbers).map(tuple),
    ads=st.booleans(),
)
entries = st.builds(
    Entry,
    chunks=st.lists(st.binary() | slots).map(tuple),
    mark=st.tuples(numbers, maybe_moments),
    changes=st.frozensets(st.tuples(st.text(), st.text())),
    made_at=moments,
    visible_from=maybe_moments,
    visible_until=maybe_moments,
    valid_until=maybe_moments,
    type=st.text(),
    language=st.text(),
    story=st.none() | stories,
    subject=st.none() | subjects,
    variant=st.builds(Variant, st.none() | st.sampled_from(Wall), st.booleans(), st.booleans()),
    status=st.integers(100, 599),
)


SUBJECT = Subject(7, "en", 4, frozenset({9, 8}), frozenset({"gated", "audio"}), True, (3, 2), ads=False)


def entry(text=b"<p>free</p>", **fields):
    asked = Terms("article:7", Audience.MEMBERS, early_until=NOW + timedelta(hours=1), metered=True)
    story = Story(7, "en", asked, Terms("audio:7", Audience.REGISTERED), "next=%2Farticles%2Fx%2F")
    said = {
        "chunks": (text, Slot("corner"), b"\x00\xff<p>gated</p>", Slot("ad", 1), b""),
        "mark": (12, NOW),
        "changes": frozenset({("article", "7"), ("menu", "en")}),
        "made_at": NOW,
        "valid_until": NOW + timedelta(minutes=1),
        "story": story,
        "subject": SUBJECT,
    }
    return Entry(**said | fields)


def said(value):
    """All that a value holds, in plain values that can be compared: moments as they are in UTC."""
    if is_dataclass(value):
        return type(value), {one.name: said(getattr(value, one.name)) for one in fields(value)}
    if isinstance(value, datetime):
        return value.astimezone(UTC).replace(tzinfo=None)
    return tuple(map(said, value)) if isinstance(value, tuple) else (type(value), value)


@patient(deadline=None)
@given(st.text(), st.lists(entries, max_size=3), st.text())
@example("/articles/მტკვარი/", [entry()], CODE)
def test_what_is_taken_out_is_what_was_put_in(path, put, code):
    found = unpack(path, pack(path, put, code), code)
    assert [said(one) for one in found] == [said(one) for one in put]


def test_what_is_taken_out_serves_as_what_was_put_in():
    put = entry()
    (found,) = unpack(PATH, pack(PATH, [put], CODE), CODE)
    assert found.slots == put.slots == (Slot("corner"), Slot("ad", 1))
    filled = [b"[corner]", b"[ad]"]
    assert found.join(filled) == put.join(filled) == b"<p>free</p>[corner]\x00\xff<p>gated</p>[ad]"
    assert (found.digest, found.size) == (put.digest, put.size)


@pytest.mark.parametrize("filled", [[], [b"[corner]"], [b"[corner]", b"[ad]", b"[ad]"]])
def test_a_page_is_never_joined_with_a_slot_too_many_or_too_few(filled):
    with pytest.raises(ValueError, match="argument"):
        entry().join(filled)


def test_a_page_without_slots_is_its_bytes():
    assert entry(chunks=(b"<p>", b"free</p>")).join([]) == b"<p>free</p>"


def test_pages_that_differ_are_told_apart_by_their_digest():
    made = [entry(), entry(b"<p>Free</p>"), entry(chunks=(b"a", Slot("ad", 0))), entry(chunks=(b"a", Slot("ad", 1)))]
    assert len({one.digest for one in made}) == len(made)
    assert entry().digest == entry(mark=(13, NOW), made_at=NOW + timedelta(days=1)).digest, "the same bytes"


# What somebody else may have put there


class Opened(Exception):
    """A pickle was opened."""


class Trap:
    def __reduce__(self):
        return (open, ("/nowhere/at/all",))


def signed(content):
    """As only somebody who knows our key could sign it."""
    return _signature(content) + content


def headed(head, rest=b"", length=None):
    head = head if isinstance(head, bytes) else json.dumps(head).encode()
    return (len(head) if length is None else length).to_bytes(4, "big") + head + rest


def good():
    return pack(PATH, [entry()], CODE)


UNSIGNED = {
    "nothing": b"",
    "one byte": b"x",
    "a signature's length of noughts": bytes(SIGNATURE_LENGTH),
    "noise": secrets.token_bytes(500),
    "a pickle": pickle.dumps({"chunks": [b"gated"], "status": 200}),
    "a pickle that does something": pickle.dumps(Trap()),
    "a pickle of an unknown thing": b"\x80\x04\x8c\x07nowhere\x8c\x05Thing\x93.",
    "JSON": json.dumps({"by": CODE, "path": PATH, "entries": []}).encode(),
    "JSON behind noughts": bytes(SIGNATURE_LENGTH) + headed({"by": CODE, "path": PATH, "entries": []}),
    "a huge length": bytes(SIGNATURE_LENGTH) + headed(b"{}", length=2**32 - 1),
    "the content of a good one, unsigned": good()[SIGNATURE_LENGTH:],
    "a good one with something behind it": good() + b"x",
    "a good one with something before it": b"x" + good(),
    "a good one twice": good() * 2,
    "a good one backwards": good()[::-1],
    "the signature of another one": pack(PATH, [entry(b"other")], CODE)[:SIGNATURE_LENGTH] + good()[SIGNATURE_LENGTH:],
    "HTML": b"<!doctype html><p>gated</p>" * 10,
}
SIGNED = {
    "nothing": b"",
    "a length of nothing": headed(b""),
    "a huge length": headed(b"{}", length=2**32 - 1),
    "half a length": b"\x00\x01",
    "JSON that breaks off": headed(b'{"by":'),
    "JSON of another shape": headed([1, 2]),
    "JSON without entries": headed({"by": CODE, "path": PATH}),
    "entries of another shape": headed({"by": CODE, "path": PATH, "entries": [{"chunks": 7}]}),
    "bytes that are no text": headed(b"\xff\xfe{"),
    "a pickle": headed(pickle.dumps(Trap())),
    "a pickle alone": pickle.dumps(Trap()),
    "an unknown wall": headed(
        {"by": CODE, "path": PATH, "entries": [{"chunks": [], "variant": ["moat", False], "mark": [1, None]}]}
    ),
}


@pytest.fixture
def _no_pickle(monkeypatch):
    def opened(*args, **kwargs):
        raise Opened

    for name in ("load", "loads", "Unpickler"):
        monkeypatch.setattr(pickle, name, opened)


@pytest.mark.usefixtures("_no_pickle")
@pytest.mark.parametrize("content", UNSIGNED.values(), ids=UNSIGNED)
def test_what_we_did_not_sign_is_refused(content):
    with pytest.raises(Unreadable):
        unpack(PATH, content, CODE)


@pytest.mark.usefixtures("_no_pickle")
@pytest.mark.parametrize("content", SIGNED.values(), ids=SIGNED)
def test_what_is_signed_and_no_entry_all_the_same_gives_an_error_and_no_page(content):
    # The store takes any error for an empty shelf.
    with pytest.raises((ValueError, LookupError, TypeError)):
        unpack(PATH, signed(content), CODE)


@patient(deadline=None)
@given(st.binary(max_size=300))
def test_noise_is_refused(content):
    with pytest.raises(Unreadable):
        unpack(PATH, content, CODE)


def test_a_page_that_was_cut_anywhere_is_refused():
    content = good()
    for length in range(len(content)):
        with pytest.raises(Unreadable):
            unpack(PATH, content[:length], CODE)


@patient(deadline=None)
@given(st.data())
def test_a_page_of_which_one_bit_was_changed_is_refused(data):
    content = bytearray(good())
    content[data.draw(st.integers(0, len(content) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises(Unreadable):
        unpack(PATH, bytes(content), CODE)


@pytest.mark.parametrize(
    "path", ["/articles/vault/", "/articles/мельница", "/ARTICLES/мельница/", "/articles/мельница/?after=1-1", ""]
)
def test_another_pages_bytes_are_refused(path):
    with pytest.raises(Unreadable):
        unpack(path, good(), CODE)


def test_two_spellings_of_one_letter_are_two_pages():
    with pytest.raises(Unreadable):
        unpack("/articles/cafe\u0301/", pack("/articles/caf\u00e9/", [entry()], CODE), CODE)


@pytest.mark.parametrize("code", ["", "e" * 32, CODE[:-1], CODE.upper(), None])
def test_what_other_code_compiled_is_refused(code):
    with pytest.raises(Unreadable):
        unpack(PATH, good(), code)


@pytest.mark.parametrize("key", ["another", "tests-only-" + "k" * 49, "tests-only-" + "k" * 51])
def test_what_was_signed_with_another_key_is_refused(settings, key):
    content = good()
    settings.SECRET_KEY = key
    with pytest.raises(Unreadable):
        unpack(PATH, content, CODE)


# When it exists, reads right, and for whom


def test_a_page_exists_from_its_first_moment_to_before_its_last():
    first, last = NOW, NOW + timedelta(hours=1)
    made = entry(visible_from=first, visible_until=last)
    assert [made.exists_at(at) for at in (first - MICROSECOND, first, last - MICROSECOND, last)] == [
        False, True, True, False,
    ]  # fmt: skip


def test_a_page_without_bounds_exists_always():
    for at in (datetime.min.replace(tzinfo=UTC), NOW, datetime.max.replace(tzinfo=UTC)):
        assert entry(visible_from=None, visible_until=None).exists_at(at)


def test_a_page_reads_right_from_when_it_was_made_for_to_before_its_words_change():
    last = NOW + timedelta(minutes=1)
    made = entry(made_at=NOW, valid_until=last)
    # Who asked an instant before it was made gets it too.
    moments = (NOW - SKEW - MICROSECOND, NOW - SKEW, NOW, last - MICROSECOND, last)
    assert [made.is_fresh_at(at) for at in moments] == [False, True, True, True, False]
    for_ever = entry(made_at=NOW, valid_until=None)
    assert [for_ever.is_fresh_at(at) for at in moments] == [False, True, True, True, True]
    assert timedelta(0) < SKEW <= timedelta(seconds=1), "no reader sees a minute too early"


def test_borders_hold_in_any_time_zone():
    first = datetime(2026, 11, 23, 16, tzinfo=ZoneInfo("Asia/Tbilisi"))
    made = entry(made_at=first, visible_from=first, valid_until=first + timedelta(seconds=1))
    (found,) = unpack(PATH, pack(PATH, [made], CODE), CODE)
    for one in (made, found):
        assert one.is_fresh_at(NOW)
        assert one.exists_at(NOW)
        assert not one.is_fresh_at(NOW + timedelta(seconds=1))
        assert not one.exists_at(NOW - MICROSECOND)


ARAM, LEYLA, NINO = (User(pk=pk, email=f"{pk}@example.com") for pk in (1, 2, 3))
READERS = {
    "a stranger": Reader(Audience.EVERYONE, NOW),
    "the worker, for members": Reader(Audience.MEMBERS, NOW),
    "Aram, registered": Reader(Audience.REGISTERED, NOW, user=ARAM),
    "Leyla, a member": Reader(Audience.MEMBERS, NOW, user=LEYLA),
    "Nino, of the desk": Reader(Audience.REGISTERED, NOW, desk=True, user=NINO),
    "Nino, who is a member too": Reader(Audience.MEMBERS, NOW, desk=True, user=NINO),
}
EARLY = {
    "no early access": None,
    "early access over for long": NOW - timedelta(days=1),
    "early access over just now": NOW,
    "early access": NOW + MICROSECOND,
    "early access for long": NOW + timedelta(days=1),
}
VARIANTS = [Variant(wall, known) for wall, known in product([None, *Wall], (False, True))]


@pytest.mark.parametrize("reader", READERS.values(), ids=READERS)
@pytest.mark.parametrize("early", EARLY.values(), ids=EARLY)
@pytest.mark.parametrize("audience", Audience)
def test_of_all_variants_of_a_story_the_one_suits_that_access_decides(audience, early, reader):
    asked = Terms("article:7", audience, early_until=early)
    story = Story(7, "en", asked, None, "")
    suited = [variant for variant in VARIANTS if entry(story=story, variant=variant).suits(reader)]
    assert suited == [Variant.of(decide(asked, reader, NOW), reader)]


@pytest.mark.parametrize(
    ("audience", "early", "reader", "wall", "known"),
    [
        (Audience.EVERYONE, None, "a stranger", None, False),
        (Audience.REGISTERED, None, "a stranger", Wall.REGISTER, False),
        (Audience.REGISTERED, None, "Aram, registered", None, False),
        (Audience.MEMBERS, None, "a stranger", Wall.JOIN, False),
        (Audience.MEMBERS, None, "Aram, registered", Wall.JOIN, True),
        (Audience.MEMBERS, None, "Leyla, a member", None, False),
        (Audience.MEMBERS, None, "Nino, of the desk", None, False),
        (Audience.MEMBERS, None, "the worker, for members", None, False),
        (Audience.EVERYONE, NOW + MICROSECOND, "a stranger", Wall.WAIT, False),
        (Audience.EVERYONE, NOW + MICROSECOND, "Aram, registered", Wall.WAIT, True),
        (Audience.EVERYONE, NOW, "a stranger", None, False),
        (Audience.REGISTERED, NOW, "a stranger", Wall.REGISTER, False),
    ],
)
def test_what_stands_in_each_readers_way(audience, early, reader, wall, known):
    story = Story(7, "en", Terms("article:7", audience, early_until=early), None, "")
    assert entry(story=story, variant=Variant(wall, known)).suits(READERS[reader])


def test_a_page_that_is_no_story_suits_everybody():
    assert all(entry(story=None).suits(reader) for reader in READERS.values())


def test_the_wall_of_early_access_suits_to_its_last_microsecond():
    until = NOW + timedelta(hours=1)
    story = Story(7, "en", Terms("article:7", Audience.EVERYONE, early_until=until), None, "")
    walled, whole = entry(story=story, variant=Variant(Wall.WAIT)), entry(story=story, variant=Variant())
    before, after = Reader.stranger(until - MICROSECOND), Reader.stranger(until)
    assert (walled.suits(before), whole.suits(before)) == (True, False)
    assert (walled.suits(after), whole.suits(after)) == (False, True)
