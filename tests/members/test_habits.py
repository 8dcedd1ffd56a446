"""What a browser keeps for prompts and advertisements: read again as it was written, never made by anybody else, small,
old when it is old, and gone under Global Privacy Control."""

import base64
import secrets
from datetime import UTC, datetime, timedelta

import pytest
from django.http import HttpResponse
from django.test import RequestFactory
from hypothesis import given
from hypothesis import strategies as st

from members import cookie, habits
from members.habits import BUCKETS, LENGTH_MAX, Habits, day_of, read
from members.slip import LENGTH_MAX as SLIP_MAX
from members.slip import Slip

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
TODAY = day_of(NOW)


def filled():
    one = Habits(417, TODAY)
    one.note_read([7])
    one.note_read()
    one.note_wall()
    one.note_ad(30)
    one.note_ad(30)
    one.note_prompt(5)
    one.note_prompt(6, held=True)
    return one


GOOD = filled().told()


def decoded(told):
    return base64.urlsafe_b64decode(told + "=" * (-len(told) % 4))


def coded(content):
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


HOSTILE = {
    "nothing": "",
    "a letter": "A",
    "cut": GOOD[:-1],
    "cut in the middle": GOOD[: len(GOOD) // 2],
    "longer": GOOD + "A",
    "twice": GOOD + GOOD,
    "another bucket": coded(decoded(GOOD)[:1] + b"\0\1" + decoded(GOOD)[3:]),
    "another day": coded(decoded(GOOD)[:3] + b"\0\1" + decoded(GOOD)[5:]),
    "signed by nobody": coded(decoded(GOOD)[:-16] + bytes(16)),
    "of another version": coded(b"\x01" + decoded(GOOD)[1:]),
    "a slip": Slip(bytes(32)).told(),
    "a slip in the same key": Slip(habits._keys()[0]).told(),
    "100 kB": "A" * 100_000,
    "padded": GOOD + "=",
    "the other alphabet": GOOD.replace("-", "+").replace("_", "/") + "+",
    "a space": GOOD[:9] + " " + GOOD[9:],
    "a dot": GOOD[:9] + "." + GOOD[9:],
    "NUL": "\0" * 60,
    "Georgian": "ხ" * 60,
    "a surrogate": "\ud800" + GOOD,
    "JSON": '{"bucket": 1}',
    "quoted": f'"{GOOD}"',
}


@pytest.mark.parametrize("told", HOSTILE.values(), ids=HOSTILE.keys())
def test_what_is_not_ours_are_no_habits(told):
    assert read(told, TODAY) is None


def test_of_a_day_to_come_nothing_is_believed():
    assert read(GOOD, TODAY - 1) is None


def test_what_was_written_is_read_again():
    again = read(GOOD, TODAY)
    assert (again.bucket, again.day) == (417, TODAY)
    assert (again.reads_lately, again.walls_lately) == (2, 1)
    assert (again.reads_with(7), again.reads_with(8)) == (1, 0)
    assert again.ads == {30: 2}
    assert (again.views(5), again.views(6), again.views(99)) == (1, 1, 0)
    assert [again.prompts[one].held for one in (5, 6)] == [False, True]
    assert not again.changed
    assert again.told() == GOOD


@given(
    st.lists(st.sampled_from(["read", "wall", "ad", "prompt", "quiet", "night"]), max_size=60),
    st.randoms(use_true_random=False),
)
def test_however_much_there_is_it_fits_and_is_read_again(deeds, draw):
    one, day = Habits(draw.randrange(BUCKETS), TODAY), TODAY
    for deed in deeds:
        match deed:
            case "read":
                one.note_read([draw.randrange(20)])
            case "wall":
                one.note_wall()
            case "ad" if one.has_room_for(ad := draw.randrange(1, 40)):
                one.note_ad(ad)
            case "prompt":
                one.note_prompt(draw.randrange(1, 2**31), draw.random() < 0.5)
            case "quiet":
                one.note_quiet()
            case "night":
                day += draw.randrange(1, 12)
                one = read(one.told(), day)
    told = one.told()
    again = read(told, day)
    again.changed = one.changed
    assert again == one
    assert len(told) <= LENGTH_MAX


def test_both_halves_together_stay_below_a_kilobyte():
    one = Habits(999, TODAY)
    for number in range(100):
        one.note_read([number])
        one.note_prompt(2**32 - 1 - number)
        for _view in range(20):
            one.note_prompt(2**32 - 1 - number)
        if one.has_room_for(number):
            one.note_ad(number)
    assert len(one.told()) == LENGTH_MAX
    assert SLIP_MAX + 1 + LENGTH_MAX < 1_024


def test_a_cap_that_cannot_be_kept_count_of_is_told_beforehand():
    one = Habits(1, TODAY)
    for campaign in range(1, habits.ADS_MAX + 1):
        assert one.has_room_for(campaign)
        one.note_ad(campaign)
    assert not one.has_room_for(99)
    assert one.has_room_for(1)
    assert len(read(one.told(), TODAY).ads) == habits.ADS_MAX


# Days later -> (stories lately, views of the prompt lately, advertisements today).
AGES = [(0, (2, 1, 2)), (1, (2, 1, 0)), (19, (2, 1, 0)), (29, (None, 1, 0)), (30, (0, 0, 0)), (400, (0, 0, 0))]


@pytest.mark.parametrize(("later", "expected"), AGES)
def test_what_is_long_past_is_forgotten(later, expected):
    again = read(GOOD, TODAY + later)
    reads, views, ads = expected
    assert reads is None or again.reads_lately == reads
    assert (again.views(5), again.ads.get(30, 0)) == (views, ads)
    assert again.bucket == 417


def test_lately_is_twenty_to_thirty_days():
    for start in range(habits.SPAN):
        one = Habits(1, TODAY + start)
        one.note_read()
        gone = next(later for later in range(100) if not read(one.told(), TODAY + start + later).reads_lately)
        assert 20 < gone <= 30, start


def test_quiet_is_for_thirty_days_and_no_shorter_wish_ends_it():
    one = Habits(1, TODAY)
    assert not one.is_quiet
    one.note_quiet()
    one.note_quiet(1)
    assert one.is_quiet
    assert read(one.told(), TODAY + 29).is_quiet
    assert not read(one.told(), TODAY + 30).is_quiet


def test_the_first_view_lately_is_told():
    one = Habits(1, TODAY)
    assert [one.note_prompt(5), one.note_prompt(5), one.note_prompt(6)] == [True, False, True]
    later = read(one.told(), TODAY + 40)
    assert later.note_prompt(5) is True


def test_tags_stand_in_it_as_digests_alone():
    assert b"\0\0\0\x07" not in decoded(GOOD)
    assert habits._tag(7) in decoded(GOOD)


def asking(told=None, **meta):
    request = RequestFactory().get("/", **meta)
    if told is not None:
        request.COOKIES["reader"] = told
    return request


def test_a_request_without_any_has_new_ones_of_a_bucket_by_chance():
    found = [habits.of(asking(), NOW) for _n in range(200)]
    assert not any(one.changed for one in found)
    assert len({one.bucket for one in found}) > 100
    assert all(0 <= one.bucket < BUCKETS for one in found)


def test_a_request_has_one():
    request = asking(f"slip.{GOOD}")
    assert habits.of(request, NOW) is habits.of(request, NOW)
    assert habits.of(request, NOW).bucket == 417


def sent(request):
    response = HttpResponse()
    cookie.deliver(request, response)
    return response.cookies.get("reader")


def test_under_global_privacy_control_there_are_none_and_old_ones_go():
    request = asking(f"slip.{GOOD}", HTTP_SEC_GPC="1")
    assert habits.of(request, NOW) is None
    assert sent(request).value == "slip"
    request = asking(f".{GOOD}", HTTP_SEC_GPC="1")
    assert habits.of(request, NOW) is None
    assert sent(request)["max-age"] == 0
    request = asking("slip", HTTP_SEC_GPC="1")
    assert habits.of(request, NOW) is None
    assert sent(request) is None


def test_one_half_is_changed_and_the_other_stays(own_keys):
    slip = Slip(secrets.token_bytes(32))
    slip.add_opened("article:1")
    request = asking(f"{slip.told()}.{GOOD}")
    habits.of(request, NOW).note_wall()
    first, _dot, last = sent(request).value.partition(".")
    assert first == slip.told()
    assert read(last, TODAY).walls_lately == 2
    request = asking(f"old.{GOOD}")
    Slip.of(request, NOW).add_opened("article:1")
    first, _dot, last = sent(request).value.partition(".")
    assert (first != "old", last) == (True, GOOD)


@pytest.mark.parametrize("other", ["x\r\nFoo: bar", "x;y", 'x"y', "x y", "ხ", "x" * 1001, "x,y"])
def test_a_half_that_is_not_ours_is_not_handed_back(other):
    request = asking(f"{other}.{GOOD}")
    habits.of(request, NOW).note_wall()
    assert sent(request).value.startswith("."), "only the half that was changed"
    assert "\n" not in sent(request).OutputString()


def test_a_long_silence_is_kept_as_long():
    one = Habits(1, TODAY)
    one.note_quiet(180)
    assert one.lives(NOW) > 180 * 24 * 3600


def test_what_has_not_changed_is_not_sent():
    request = asking(f"slip.{GOOD}")
    habits.of(request, NOW)
    assert sent(request) is None


def test_the_browser_keeps_it_for_a_month(settings):
    request = asking()
    habits.of(request, NOW).note_read()
    told = sent(request)
    assert told["max-age"] == timedelta(days=31).total_seconds()
    assert (told["httponly"], told["samesite"]) == (True, "Lax")


def test_a_new_secret_still_reads_what_the_old_one_wrote(settings):
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "a new one", [settings.SECRET_KEY]
    again = read(GOOD, TODAY)
    assert again.bucket == 417
    settings.SECRET_KEY_FALLBACKS = []
    assert read(GOOD, TODAY) is None
    assert read(again.told(), TODAY).bucket == 417
