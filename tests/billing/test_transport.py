"""What is posted to the webhook is Stripe's, whole and of this moment, or it is refused; and whatever it is, it is
answered by a status that Stripe understands (the list of faults, A 16 to 30)."""

import json
import time

import pytest
from django.conf import settings as django_settings
from django.http import UnreadablePostError
from django.test import Client

from members.billing import webhooks
from members.billing.models import Event
from newsroom.ground import bodies
from tests.billing.notes import code, note, post, signature
from tests.billing.sandboxed import SECRET, WEBHOOK
from tests.conftest import HEADERS

pytestmark = pytest.mark.django_db

OTHER = "whsec_of_somebody_else"


@pytest.fixture(autouse=True)
def _takes_payments(settings):
    settings.STRIPE_SECRET_KEY, settings.STRIPE_WEBHOOK_SECRET = "sk_test_of_nobody", [SECRET]


@pytest.fixture
def stripe():
    """A machine that brings no cookie, and whose posts must need no form token."""
    client = Client(enforce_csrf_checks=True, headers={"host": "localhost:8000", "user-agent": "Stripe/1.0"})
    client.raise_request_exception = True
    return client


def refused(response):
    return response.status_code == 400 and not Event.objects.exists()


def kept(response):
    return response.status_code == 200 and Event.objects.exists()


def test_a_signed_note_is_kept_and_nothing_of_it_but_ids(stripe):
    body = note(about="sub_9", customer="cus_9", created=1_780_000_000)
    assert kept(post(stripe, body))
    event = Event.objects.get()
    assert (event.stripe_id, event.type) == (json.loads(body)["id"], "customer.subscription.updated")
    assert (event.about, event.customer, event.made_at.timestamp()) == ("sub_9", "cus_9", 1_780_000_000)


@pytest.mark.parametrize(
    "header", ["", "t=,v1=", "v1=00", "t=1", "nonsense", "t=x,v1=00", "=,=,,", "t=" + "9" * 5000, "t=" + "9" * 400]
)
def test_a16_no_signature_or_half_of_one(stripe, header):
    assert refused(post(stripe, note(), header))


def test_a16_no_header_at_all(stripe):
    assert refused(stripe.post(WEBHOOK, note(), content_type="application/json"))


def test_a17_one_byte_changed(stripe):
    body = note()
    header = signature(body)
    assert refused(post(stripe, body.replace(b"sub_1", b"sub_2"), header))
    assert refused(post(stripe, body + b" ", header))
    assert refused(post(stripe, body, header[:-1] + ("0" if header[-1] != "0" else "1")))
    assert kept(post(stripe, body, header))


def test_a18_the_scheme_of_test_signatures_alone_counts_for_nothing(stripe):
    assert refused(post(stripe, note(), signature(note(), scheme="v0")))


def test_a19_two_signatures_while_stripe_rolls_the_secret(stripe):
    body, at = note(), int(time.time())
    both = f"t={at},v1={code(body, OTHER, at)},v1={code(body, SECRET, at)},v0=00"
    assert kept(post(stripe, body, both))


def test_a19_two_secrets_here_while_it_is_rolled(stripe, settings):
    settings.STRIPE_WEBHOOK_SECRET = [OTHER, SECRET]
    for secret in (OTHER, SECRET):
        body = note()
        assert post(stripe, body, signature(body, secret)).status_code == 200
    assert Event.objects.count() == 2


def test_a20_the_old_secret_after_it_was_rolled(stripe):
    body = note()
    assert refused(post(stripe, body, signature(body, OTHER)))


@pytest.mark.parametrize(("away", "taken"), [(-299, True), (-302, False), (299, True), (302, False)])
def test_a21_a22_a_note_of_another_moment(stripe, away, taken):
    body = note()
    answer = post(stripe, body, signature(body, at=time.time() + away))
    assert kept(answer) if taken else refused(answer)


def test_a21_of_two_moments_none_counts(stripe):
    body, at = note(), int(time.time())
    old = at - 3600
    assert refused(post(stripe, body, f"t={old},t={at},v1={code(body, SECRET, old)}"))


def test_a23_a_body_that_is_no_text(stripe):
    body = b"\xff\xfe" + note()
    assert refused(post(stripe, body))


@pytest.mark.parametrize("letter", ["é", "\u0660", "\u2019"])
def test_a24_a_signature_of_letters_that_none_has(stripe, letter):
    body = note()
    assert refused(post(stripe, body, signature(body) + letter))
    assert refused(post(stripe, body, f"t={int(time.time())},v1={letter}"))


NO_EVENTS = {
    "nothing": b"",
    "no JSON": b"evt_1",
    "half": note()[:-1],
    "a list": b"[]",
    "a text": b'"x"',
    "a number": b"17",
    "null": b"null",
    "empty": b"{}",
    "deep": b"[" * 200_000,
    "deep and whole": b'{"a":' * 50_000 + b"1" + b"}" * 50_000,
    "no id": note(id=None),
    "an id of another kind": note(id=["evt_1"]),
    "a long id": note(id="evt_" + "x" * 300),
    "an id with a zero": note(id="evt_\0"),
    "half of a letter": note(id="evt_\ud800"),
    "no type": note(type=None),
    "a long type": note(type="customer." + "x" * 200),
    "data of another kind": note(data=[]),
    "no object": note(data={"object": None}),
    "no moment": note(created=None),
    "a moment as a text": note(created="yesterday"),
    "the end of time": note(created=10**30),
    "a number of too many digits": note(created=1).replace(b'"created": 1', b'"created": ' + b"9" * 5000),
}


@pytest.mark.parametrize("body", NO_EVENTS.values(), ids=NO_EVENTS)
def test_a25_what_is_signed_and_no_event(stripe, body):
    assert refused(post(stripe, body))


def test_a26_half_a_megabyte_is_read_and_not_a_byte_more(stripe):
    body = note()
    full = body + b" " * (webhooks.MOST - len(body))
    assert post(stripe, full + b" ").status_code == 413
    assert not Event.objects.exists()
    assert kept(post(stripe, full))


def test_a26_while_others_send_slowly_stripe_is_asked_to_come_again(stripe, monkeypatch):
    monkeypatch.setattr(bodies, "PATIENCE", 0)
    for _each in range(bodies.AT_ONCE):
        assert bodies._turns.acquire(blocking=False)
    try:
        assert post(stripe, note()).status_code == 503
    finally:
        for _each in range(bodies.AT_ONCE):
            bodies._turns.release()
    assert kept(post(stripe, note()))


def test_a26_half_a_note(stripe, monkeypatch):
    """Whoever sent it went away."""

    def broken(*_given):
        raise UnreadablePostError

    monkeypatch.setattr(bodies, "read", broken)
    assert refused(post(stripe, note()))


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "x", ""])
def test_a27_whatever_the_body_calls_itself(stripe, kind):
    assert kept(post(stripe, note(), kind=kind))


@pytest.mark.parametrize("path", [WEBHOOK, WEBHOOK.rstrip("/")])
@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "PUT", "PATCH", "DELETE"])
def test_a28_nothing_but_a_post(stripe, method, path):
    answer = stripe.generic(method, path)
    assert answer.status_code == 405
    assert "POST" in answer["Allow"]
    if method in ("GET", "HEAD", "OPTIONS"):
        assert answer["Allow"] == "POST"


def test_a29_with_and_without_the_slash_it_is_the_same_address(stripe):
    assert kept(post(stripe, note(), path=WEBHOOK.rstrip("/")))
    assert post(stripe, b"", path=WEBHOOK.rstrip("/")).status_code == 400


def test_a29_no_way_to_https_is_pointed_out_to_who_does_not_follow(settings, stripe):
    assert "SECURE_REDIRECT_EXEMPT" in (django_settings.BASE_DIR / "newsroom" / "settings.py").read_text()
    settings.SECURE_SSL_REDIRECT, settings.SECURE_REDIRECT_EXEMPT = True, [r"^stripe/webhook/?$"]
    browser = Client(headers=HEADERS)
    for path in (WEBHOOK, WEBHOOK.rstrip("/")):
        assert post(browser, note(), path=path).status_code == 200
        assert browser.post(path + "x").status_code == 301


@pytest.mark.parametrize("secrets", [[], [""]])
def test_a30_without_a_secret_nothing_is_accepted(stripe, settings, secrets):
    """A blank one of the environment never comes so far (tests/test_settings)."""
    settings.STRIPE_WEBHOOK_SECRET = [one for one in secrets if one]
    for body in (note(), b""):
        answer = post(stripe, body, signature(body, ""))
        assert answer.status_code == 503
        assert answer["Retry-After"]
    assert not Event.objects.exists()


def test_no_session_no_cookie_and_no_language_has_a_part_in_it(stripe, aram, django_assert_num_queries):
    """One statement keeps a note that has nothing to do with us; a browser's cookies change nothing about that."""
    stripe.force_login(aram)
    stripe.cookies["csrftoken"] = "x"
    post(stripe, note("invoice.created"))
    body = note("invoice.created")
    with django_assert_num_queries(1) as asked:
        answer = post(stripe, body)
    assert asked.captured_queries[0]["sql"].startswith("INSERT")
    assert answer.status_code == 200
    assert not answer.cookies
    assert "Vary" not in answer
    assert answer["Cache-Control"] == "private, no-store"
