"""The stranger's cookie: what it holds comes back, whatever else comes is a new one, and it tells nobody anything."""

import base64
import hashlib
import secrets
from datetime import UTC, datetime, timedelta
from http.cookies import SimpleCookie
from zoneinfo import ZoneInfo

import pytest
from django.http import HttpResponse
from django.test import RequestFactory
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from members import cookie as cookies
from members import slip
from members.slip import LENGTH_MAX, Slip, digest, month, month_end, month_key, read
from newsroom.ground import keys, signed

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
KEY = bytes(range(32))


def filled(secret=KEY, opened=3, given=2):
    one = Slip(secret)
    for number in range(opened):
        one.add_opened(f"article:{number}")
    for number in range(given):
        one.add_given(f"token-{number}")
    return one


GOOD = filled().told()


def coded(content):
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def decoded(told):
    return base64.urlsafe_b64decode(told + "=" * (-len(told) % 4))


def with_counts(opened, given):
    content = bytearray(decoded(GOOD))
    content[8:10] = opened, given
    return coded(bytes(content))


def swapped():
    """What was given in the place of what was opened."""
    content = decoded(GOOD)
    return coded(content[:10] + content[34:50] + content[10:34] + content[50:])


HOSTILE = {
    "one space": " ",
    "a word": "3",
    "letters": "A" * len(GOOD),
    "signed by nobody": coded(decoded(GOOD)[:-16] + bytes(16)),
    "signed by a plain hash": coded(
        decoded(GOOD)[:-16] + hashlib.blake2b(decoded(GOOD)[:-16], digest_size=16).digest()
    ),
    "no more than a signature": coded(bytes(16)),
    "of another key": filled(secrets.token_bytes(32)).told(),
    "100 kB": "A" * 100_000,
    "100 kB after a good one": GOOD + "A" * 100_000,
    "twice": GOOD + GOOD,
    "not base64": "{'opened': 0}",
    "padded": GOOD + "=",
    "padded more": GOOD + "====",
    "in the other alphabet": GOOD.replace("-", "+").replace("_", "/") + "+",
    "a space within": GOOD[:20] + " " + GOOD[20:],
    "a line within": GOOD[:20] + "\n" + GOOD[20:],
    "NUL": "\0" * len(GOOD),
    "NUL within": GOOD[:20] + "\0" + GOOD[20:],
    "in Georgian": "ხ" * len(GOOD),
    "a lone surrogate": "\ud800" + GOOD,
    "an emoji": GOOD[:-1] + "🦜",
    "digits of another script": "٣" * 40,
    "quoted": f'"{GOOD}"',
    "counts too high": with_counts(255, 255),
    "counts too low": with_counts(0, 0),
    "counts exchanged": with_counts(2, 3),
    "sections exchanged": swapped(),
    "signature first": coded(decoded(GOOD)[-16:] + decoded(GOOD)[:-16]),
    "JSON": '{"a":1}',
    "SQL": "' OR 1=1 --",
}


@pytest.mark.parametrize("told", HOSTILE.values(), ids=HOSTILE.keys())
def test_what_is_not_ours_is_no_slip(told):
    assert read(told, KEY) is None


def test_what_is_too_long_is_not_even_looked_at(monkeypatch):
    monkeypatch.setattr(signed, "base64", None)
    assert read("A" * (LENGTH_MAX + 1), KEY) is None


def test_a_slip_that_was_cut_anywhere_is_none():
    for end in range(len(GOOD)):
        assert read(GOOD[:end], KEY) is None, end
        assert end == 0 or read(GOOD[end:], KEY) is None, end


def test_a_slip_of_which_one_bit_is_another_is_none():
    content = decoded(GOOD)
    for place in range(len(content)):
        for bit in range(8):
            changed = content[:place] + bytes([content[place] ^ 1 << bit]) + content[place + 1 :]
            assert read(coded(changed), KEY) is None, (place, bit)


@pytest.mark.parametrize("opened", [0, 1, 2])
def test_a_slip_of_which_one_letter_is_another_is_none(opened):
    """In all three lengths that base64 ends in: the last letter has bits that mean nothing."""
    good = filled(opened=opened).told()
    for place in range(len(good)):
        for bit in range(8):
            changed = good[:place] + chr(ord(good[place]) ^ 1 << bit) + good[place + 1 :]
            assert read(changed, KEY) is None, (place, bit)


@given(
    st.binary(min_size=32, max_size=32),
    st.lists(st.text(st.characters(exclude_categories=["Cs"])), max_size=70),
    st.lists(st.text(st.characters(exclude_categories=["Cs"])), max_size=20),
)
def test_what_was_written_is_read_again(secret, opened, given_):
    one = Slip(secret)
    for key in opened:
        one.add_opened(key)
    for key in given_:
        one.add_given(key)
    told = one.told()
    again = read(told, secret)
    assert (again.salt, again.opened, again.given) == (one.salt, one.opened, one.given)
    assert again.told() == told
    assert len(told) <= LENGTH_MAX < 1000
    # The newest are kept where there are too many.
    assert again.opened == [one.digest(key) for key in opened[-slip.OPENED_MAX :]]
    assert again.given == [one.digest(key) for key in given_[-slip.GIVEN_MAX :]]


@given(st.binary(max_size=900) | st.text(max_size=900))
def test_no_noise_is_a_slip(noise):
    assert read(noise if isinstance(noise, str) else coded(noise), KEY) is None


def test_the_longest_slip_fits():
    full = filled(opened=60, given=20).told()
    assert len(full) <= LENGTH_MAX < 1000
    assert len(read(full, KEY).opened) == slip.OPENED_MAX


def asking(told=None, name="reader"):
    request = RequestFactory().get("/")
    if told is not None:
        request.COOKIES[name] = told
    return request


@pytest.mark.parametrize("told", ["", *HOSTILE.values()], ids=["empty", *HOSTILE.keys()])
def test_a_request_with_a_strange_cookie_has_a_new_slip(own_keys, told):
    found = Slip.of(asking(told), NOW)
    assert (found.opened, found.given, found.changed) == ([], [], False)
    assert found.ends_at == month_end(NOW)


def test_a_request_has_one_slip(own_keys):
    told = filled(month_key(NOW)).told()
    request = asking(told)
    assert Slip.of(request, NOW) is Slip.of(request, NOW)
    assert Slip.of(request, NOW).told() == told
    assert Slip.of(asking(), NOW).salt != Slip.of(asking(), NOW).salt


def test_a_slip_of_another_month_or_another_newsroom_is_a_new_one(own_keys):
    told = filled(month_key(NOW)).told()
    assert Slip.of(asking(told), NOW - timedelta(days=31)).opened == []
    assert len(Slip.of(asking(told), NOW).opened) == 3, "a clock that was wrong for a moment ends no month"
    assert Slip.of(asking(told), NOW + timedelta(days=31)).opened == []
    assert Slip.of(asking(told), NOW).opened == [], "its key is gone"
    told = filled(month_key(NOW)).told()
    keys.forget()
    for path in own_keys.iterdir():
        path.unlink()
    assert Slip.of(asking(told), NOW).opened == []


def test_two_slips_of_one_article_have_nothing_in_common_and_name_nothing():
    contents = []
    for _reader in range(2):
        one = Slip(KEY)
        one.add_opened("article:123456789")
        contents.append(decoded(one.told()))
    for content in contents:
        assert b"123456789" not in content
        assert (123456789).to_bytes(4, "big") not in content
        assert (123456789).to_bytes(4, "little") not in content
    first, second = ({content[n : n + 4] for n in range(len(content) - 3)} for content in contents)
    assert not first & second


def test_who_has_the_slip_and_not_the_key_cannot_try_articles_out():
    one = Slip(KEY)
    one.add_opened("article:7")
    guesses = {digest(secret, one.salt, "article:7") for secret in (b"", bytes(32), one.salt, secrets.token_bytes(32))}
    assert one.opened[0] not in guesses
    assert one.opened[0] == digest(KEY, one.salt, "article:7")


def delivered(settings, now, change=True):
    request, response = asking(name=settings.READER_COOKIE_NAME), HttpResponse()
    found = Slip.of(request, now)
    if change:
        found.add_opened("article:1")
    cookies.deliver(request, response)
    return response.cookies.get(settings.READER_COOKIE_NAME)


def test_the_cookie_is_the_servers_alone_and_ends_with_the_month(own_keys, settings, on_day):
    now = on_day(2026, 11, 30, 23)
    cookie = delivered(settings, now)
    assert (cookie["httponly"], cookie["samesite"], cookie["path"], cookie["domain"]) == (True, "Lax", "/", "")
    assert cookie["max-age"] == 3600
    assert len(cookie.value) <= LENGTH_MAX
    assert read(cookie.value, month_key(now)).opened
    # As Django's client and browsers send it back: no letter has to be quoted.
    assert SimpleCookie(f"reader={cookie.value}")["reader"].value == cookie.value == cookie.coded_value


def test_over_tls_the_cookie_is_bound_to_the_host(own_keys, settings, on_day):
    settings.READER_COOKIE_NAME, settings.SESSION_COOKIE_SECURE = "__Host-reader", True
    cookie = delivered(settings, on_day(2026, 11, 24))
    assert (cookie["secure"], cookie["path"], cookie["domain"]) == (True, "/", "")


def test_in_the_months_last_moment_the_cookie_still_is_one(own_keys, settings, time_machine, on_day):
    time_machine.move_to(on_day(2026, 12, 1) - timedelta(microseconds=1), tick=False)
    assert delivered(settings, timezone.now())["max-age"] == 1


def test_a_slip_that_has_not_changed_is_not_sent(own_keys, settings, on_day):
    now = on_day(2026, 11, 24)
    assert delivered(settings, now, change=False) is None
    response = HttpResponse()
    cookies.deliver(RequestFactory().get("/"), response)
    assert not response.cookies


MONTHS = [
    # (time zone, a moment there, its month, and when that ends: UTC)
    ("Asia/Tbilisi", "2026-11-30T19:59:59.999999+00:00", "2026-11", "2026-11-30T20:00+00:00"),
    ("Asia/Tbilisi", "2026-11-30T20:00+00:00", "2026-12", "2026-12-31T20:00+00:00"),
    ("Asia/Tbilisi", "2026-12-31T19:59+00:00", "2026-12", "2026-12-31T20:00+00:00"),
    ("Asia/Tbilisi", "2026-12-31T20:00+00:00", "2027-01", "2027-01-31T20:00+00:00"),
    ("Asia/Tbilisi", "2028-02-29T12:00+00:00", "2028-02", "2028-02-29T20:00+00:00"),
    # Clocks go forward and back within the month.
    ("Europe/Berlin", "2026-03-01T00:00+00:00", "2026-03", "2026-03-31T22:00+00:00"),
    ("Europe/Berlin", "2026-10-01T00:00+00:00", "2026-10", "2026-10-31T23:00+00:00"),
    ("Europe/Berlin", "2026-10-25T00:30+00:00", "2026-10", "2026-10-31T23:00+00:00"),
    ("Europe/Berlin", "2026-10-25T01:30+00:00", "2026-10", "2026-10-31T23:00+00:00"),
    # The first has no midnight; or two of them.
    ("America/Asuncion", "2017-09-15T12:00+00:00", "2017-09", "2017-10-01T04:00+00:00"),
    ("America/Havana", "2020-10-15T12:00+00:00", "2020-10", "2020-11-01T04:00+00:00"),
    ("America/Havana", "2020-11-01T05:30+00:00", "2020-11", "2020-12-01T05:00+00:00"),
    ("Pacific/Kiritimati", "2026-12-31T10:00+00:00", "2027-01", "2027-01-31T10:00+00:00"),
    ("Asia/Kolkata", "2026-11-30T18:29+00:00", "2026-11", "2026-11-30T18:30+00:00"),
]


@pytest.mark.parametrize(("zone", "moment", "name", "end"), MONTHS)
def test_a_month_is_the_newsrooms_calendars(zone, moment, name, end):
    now, end = datetime.fromisoformat(moment), datetime.fromisoformat(end)
    with timezone.override(ZoneInfo(zone)):
        assert (month(now), month_end(now)) == (name, end)
        assert month(end) != name
        assert month(end - timedelta(microseconds=1)) == name


def test_the_months_key_and_its_copies_live_no_longer_than_the_month(own_keys, monkeypatch, on_day):
    lives = []
    monkeypatch.setattr(keys, "_agreed", lambda name, own, seconds: lives.append((name, seconds)) or own)
    month_key(on_day(2026, 11, 30, 23))
    month_key(on_day(2026, 12, 1))
    spare = slip.SPARE.total_seconds()
    assert lives == [("meter-2026-11", 3600 + spare), ("meter-2026-12", 31 * 24 * 3600 + spare)]


def test_a_process_that_runs_on_holds_last_months_key_no_more(own_keys, on_day):
    last = month_key(on_day(2026, 11, 30, 23, 59))
    new = month_key(on_day(2026, 12, 1))
    assert {path.stem for path in own_keys.iterdir()} == keys.remembered() == {"meter-2026-11", "meter-2026-12"}
    assert month_key(on_day(2026, 12, 1, 0, 6)) == new != last
    assert {path.stem for path in own_keys.iterdir()} == keys.remembered() == {"meter-2026-12"}
