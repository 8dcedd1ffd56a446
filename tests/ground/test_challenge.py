"""Over a limit everybody still gets in: by a puzzle or by waiting, once a ticket, and nobody faster in parallel."""

import hashlib
import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.contrib.auth.models import AnonymousUser
from django.http import HttpResponse
from django.test import RequestFactory

from newsroom.ground.challenge import BITS, BITS_MAX, LONGEST, guarded, is_solution
from newsroom.ground.limits import Rule, by_prefix

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)
START = datetime(2026, 11, 24, 10, tzinfo=UTC)
TYPED = {"email": "aram@example.com", "next": "/articles/a/?x=1&y=2", "topic": ["a", "b"]}


@pytest.fixture
def clock():
    with time_machine.travel(START, tick=False) as clock:
        yield clock


def through(request):
    return HttpResponse(request.POST.get("email", "") or "through")


def post(view, typed=None, address="203.0.113.7", path="/accounts/login/?next=/b/"):
    request = RequestFactory().post(path, {**TYPED, **(typed or {})}, REMOTE_ADDR=address)
    request.user = AnonymousUser()
    return view(request)


def told(response):
    """{name: value} of the page's fields; the puzzle and its bits beside them."""
    html = response.rendered_content
    fields = dict(re.findall(r'<input type="hidden" name="([^"]+)"(?: value="([^"]*)")?>', html))
    fields["puzzle"], bits = re.search(r'data-challenge="(\w+)" data-bits="(\d+)"', html).groups()
    return fields, int(bits)


def solved(fields, bits):
    for number in range(10_000_000):
        first = hashlib.sha256(f"{fields['puzzle']}:{number}".encode()).digest()[:4]
        if int.from_bytes(first) < 2 ** (32 - bits):
            return str(number)
    raise AssertionError


def answered(response):
    fields, bits = told(response)
    return {"challenge": fields["challenge"], "challenge_answer": solved(fields, bits)}


def waited(response):
    return {"challenge": told(response)[0]["challenge"]}


@pytest.fixture
def view(monkeypatch):
    """Two an hour from one network are free."""
    monkeypatch.setattr("newsroom.ground.challenge.BITS", 8)
    return guarded([Rule("test", 2, HOUR, by_prefix)], through)


@pytest.fixture
def full(view, clock):
    """The same, the two done."""
    assert [post(view).status_code for _n in range(2)] == [200, 200]
    return view


def test_what_is_under_the_limit_goes_through_and_the_next_is_challenged(full):
    response = post(full)
    assert response.status_code == 429
    assert response.headers["Retry-After"] == "30"
    assert post(full, address="198.51.100.1").status_code == 200


def test_to_look_at_a_form_is_never_counted(full):
    request = RequestFactory().get("/", REMOTE_ADDR="203.0.113.7")
    assert [full(request).status_code for _n in range(5)] == [200] * 5


def test_the_puzzle_opens_at_once(full):
    assert post(full, answered(post(full))).content == b"aram@example.com"


def test_waiting_opens_without_a_script_and_not_before_its_time(full, clock):
    ticket = waited(post(full))
    clock.shift(29)
    early = post(full, ticket)
    assert early.status_code == 429
    assert waited(early) == ticket, "who comes early keeps his place"
    assert "Wait 1 second," in early.rendered_content
    clock.shift(1)
    assert post(full, ticket).status_code == 200


@pytest.mark.parametrize("way", [answered, waited])
def test_a_ticket_is_good_once(full, clock, way):
    ticket = way(post(full))
    clock.shift(60)
    assert post(full, ticket).status_code == 200
    again = post(full, ticket)
    assert again.status_code == 429
    assert told(again)[0]["challenge"] != ticket["challenge"]


def test_a_ticket_is_good_for_a_while_only(full, clock):
    ticket = answered(post(full))
    clock.shift(timedelta(minutes=41))
    assert post(full, ticket).status_code == 429


def test_a_ticket_is_good_for_what_was_over_its_limit_alone(view, clock):
    for address in ("203.0.113.7", "198.51.100.1"):
        post(view, address=address), post(view, address=address)
    ticket = answered(post(view, address="198.51.100.1"))
    assert post(view, ticket).status_code == 429
    assert post(view, ticket, address="198.51.100.1").status_code == 200


@pytest.mark.parametrize("forged", ["", "x", "a:b:c", "WyJhIl0:1:x", "\x00", "é", "9" * 5000])
def test_a_forged_ticket_opens_nothing(full, clock, forged):
    clock.shift(60)
    assert post(full, {"challenge": forged, "challenge_answer": "1"}).status_code == 429


def test_a_ticket_that_was_changed_opens_nothing(full, clock):
    signed = waited(post(full))["challenge"]
    clock.shift(60)
    head, rest = signed.split(":", 1)
    for changed in (f"{head[:-1]}A:{rest}", f"{head}:{rest[:-1]}", signed.swapcase()):
        assert post(full, {"challenge": changed}).status_code == 429


@pytest.mark.parametrize("answer", ["", "0", "-1", "1e3", "٣", "9" * 21, " 1", "1\n"])
def test_a_wrong_answer_opens_nothing(full, answer):
    ticket = waited(post(full))
    if not is_solution(told(post(full, ticket))[0]["puzzle"], answer, 8):
        assert post(full, {**ticket, "challenge_answer": answer}).status_code == 429


def test_tickets_of_one_network_come_due_one_after_the_other(full, clock):
    tickets = [waited(post(full)) for _n in range(4)]
    other = guarded([Rule("test", 0, HOUR, by_prefix)], through)
    elsewhere = waited(post(other, address="198.51.100.1"))
    clock.shift(30)
    assert post(other, elsewhere, address="198.51.100.1").status_code == 200
    opened = []
    for _second in range(20):
        opened.append(sum(post(full, ticket).status_code == 200 for ticket in tickets[sum(opened) :]))
        clock.shift(1)
    assert [second for second, number in enumerate(opened) if number] == [0, 5, 10, 15]


def test_a_full_line_keeps_nobody_from_the_puzzle_and_takes_the_next_later(full, clock):
    pages = [post(full) for _n in range(200)]
    last = pages[-1]
    assert "Many wait already" in last.rendered_content
    clock.shift(LONGEST)
    assert post(full, waited(last)).status_code == 429, "a ticket without a place is not met by waiting"
    assert post(full, answered(last)).status_code == 200
    clock.shift(60)
    assert "Many wait already" not in post(full).rendered_content


def test_who_goes_on_without_end_gets_harder_puzzles_up_to_a_bound(clock):
    view = guarded([Rule("test", 2, HOUR, by_prefix)], through)
    bits = [told(post(view))[1] for _n in range(100) if _n >= 2 or post(view) is None]
    assert bits == sorted(bits)
    assert (bits[0], bits[-1]) == (BITS, BITS_MAX)


def test_what_was_typed_is_kept_and_sent_to_the_same_address(full):
    html = post(full).rendered_content
    assert 'action="/accounts/login/?next=/b/"' in html
    assert '<input type="hidden" name="email" value="aram@example.com">' in html
    assert '<input type="hidden" name="next" value="/articles/a/?x=1&amp;y=2">' in html
    assert re.findall(r'name="topic" value="(\w)"', html) == ["a", "b"]
    assert html.count('name="challenge"') == 1


def test_what_was_typed_is_escaped(full):
    html = post(full, {'x"><b>': '"><script>alert(1)</script>'}).rendered_content
    assert "<script>alert" not in html
    assert "<b>" not in html


@pytest.mark.parametrize("field", ["password", "oldpassword", "password1", "password2", "code", "new_password"])
def test_a_secret_is_asked_for_again_and_never_stands_in_the_page(full, field):
    html = post(full, {field: "the river rises"}).rendered_content
    assert "the river rises" not in html
    assert re.search(rf'<label for="id_{field}">[^<]+</label>', html)
    assert re.search(rf'<input type="(password|text)" name="{field}" id="id_{field}" required', html)


def test_a_rule_that_has_nothing_to_count_counts_nothing(clock):
    view = guarded([Rule("test", 0, HOUR, lambda request: None)], through)
    assert post(view).status_code == 200
