"""The mails about a membership: the right words, in the account's language, the same in text and in HTML, and each
with one way to do something about it."""

import html
import json
import re
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace

import pytest
from django.db import transaction

from members import emails
from members.billing import letters, mails
from members.billing.models import Customer
from members.models import Membership, Plan
from newsroom.ground import seal
from tests.members.mail import delivered

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
DAY = timedelta(days=1)
KINDS = (
    "welcome",
    "payment_failed",
    "action_required",
    "ending_soon",
    "ended",
    "win_back",
    "card_expiring",
    "paid_twice",
)


@pytest.fixture
def customer(leyla):
    return Customer.objects.create(
        user=leyla, stripe_id="cus_1", card_brand="visa", card_last4="4242", card_expires_on=date(2026, 12, 31),
        owed_amount=500, owed_url="https://invoice.example/i/1?a=1&b=2", owed_reason="insufficient_funds",
    )  # fmt: skip


@pytest.fixture
def membership(leyla):
    plan = Plan.objects.create(name="Friend & Sons", slug="friend")
    return Membership.objects.create(
        user=leyla, plan=plan, status="active", amount=500, currency="EUR", interval="month",
        stripe_subscription="sub_1", started_at=NOW, renews_at=NOW + 30 * DAY,
    )  # fmt: skip


def written(kind, membership, customer, **state):
    for name, value in state.items():
        setattr(membership, name, value)
    mails.write(kind, membership, customer, NOW)
    (message,) = delivered()
    return message


def html_of(message):
    ((content, kind),) = message.alternatives
    assert kind == "text/html"
    return content


def words(markup):
    """What an HTML mail says, without what only some mail programs read."""
    markup = re.sub(r"<!--.*?-->|<style.*?</style>|<head>.*?</head>", " ", markup, flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", markup)).split())


FAILED = {"status": "past_due", "failed_at": NOW - 4 * DAY}
STATES = {
    "payment_failed": FAILED,
    "action_required": FAILED,
    "ending_soon": {"ends_at": NOW + 5 * DAY},
    "ended": {"status": "canceled", "ends_at": NOW - DAY},
    "win_back": {"status": "canceled", "ends_at": NOW - 31 * DAY},
}


@pytest.mark.parametrize("language", ["en", "ru"])
@pytest.mark.parametrize("kind", KINDS)
def test_text_and_html_say_the_same_and_nothing_is_fetched(membership, customer, kind, language):
    customer.user.language = language
    message = written(kind, membership, customer, **STATES.get(kind, {}))
    markup = html_of(message)
    paragraphs = message.body.split("\n\n")
    assert len(paragraphs) > 3
    for paragraph in paragraphs[:2]:
        assert " ".join(paragraph.split()) in words(markup)
    assert f'<html lang="{language}"' in markup
    assert "\n\n\n" not in message.body
    assert "<p></p>" not in markup
    assert "\n" not in message.subject
    assert not re.search(r"<img|<link|@import|src=|url\(", markup)
    links = set(re.findall(r'href="([^"]+)"', markup))
    assert links
    for link in links:
        assert html.unescape(link) in message.body, "what the HTML leads to, the text does"
    assert "{" not in message.body


def test_welcome_says_what_it_costs_and_when(membership, customer):
    body = written("welcome", membership, customer).body
    assert "Friend & Sons: €5 a month. The next payment is on 24 December 2026." in body
    assert "leyla@example.com" in body


def test_welcome_on_trial_says_when_it_ends_and_what_then(membership, customer):
    body = written("welcome", membership, customer, status="trialing", trial_ends_at=NOW + 7 * DAY).body
    assert "free until 1 December 2026, then €5 a month" in body


def test_a_failed_payment_is_told_with_why_until_when_and_where_to_pay(membership, customer):
    message = written("payment_failed", membership, customer, **FAILED)
    assert "On 20 November 2026 we could not take €5 from your card (Visa, ending in 4242)." in message.body
    assert "not enough money" in message.body
    assert "You have until Friday, 4 December" in message.body
    assert "Pay €5 now:\nhttps://invoice.example/i/1?a=1&b=2" in message.body


def test_a_weekday_stands_in_the_form_that_follows_until(membership, customer):
    customer.user.language = "ru"
    body = written("payment_failed", membership, customer, **FAILED).body
    assert "до пятницы, 4 декабря" in body


def test_without_a_card_and_without_a_reason_no_more_is_said_than_is_known(membership, customer):
    customer.card_last4, customer.owed_reason = "", "do_not_honor"
    body = written("payment_failed", membership, customer, **FAILED).body
    assert "we could not take €5. Your bank declined it, and did not say why." in body


def test_a_bank_that_asks_is_told_apart(membership, customer):
    message = written("action_required", membership, customer, **FAILED)
    assert "your bank wants you to confirm" in message.subject
    assert customer.owed_url in message.body


def test_before_it_ends_one_button_keeps_it(membership, customer):
    message = written("ending_soon", membership, customer, ends_at=NOW + 5 * DAY)
    assert message.subject.endswith("your membership ends on 29 November 2026")
    assert "Keep my membership:\nhttp://localhost:8000/account/membership/" in message.body


def test_who_owes_past_the_grace_is_told_that_paying_opens_again(membership, customer):
    late = {"status": "past_due", "failed_at": NOW - 15 * DAY}
    body = written("ended", membership, customer, **late).body
    assert "has not gone through by 23 November 2026" in body
    assert customer.owed_url in body
    assert "/join/" in written("ended", membership, customer, status="canceled", ends_at=NOW - DAY).body


def test_only_the_one_that_asks_to_come_back_can_be_switched_off_and_it_can_at_a_click(membership, customer, stranger):
    for kind in KINDS:
        message = written(kind, membership, customer, **STATES.get(kind, {}))
        assert ("List-Unsubscribe" in message.extra_headers) == (kind == "win_back")
    message = written("win_back", membership, customer, **STATES["win_back"])
    link = message.extra_headers["List-Unsubscribe"].strip("<>")
    assert link in message.body
    assert message.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert "asks whether you would come back" in stranger.get(link).content.decode()
    assert "do not ask you by mail to come back" in stranger.post(link).content.decode()
    customer.user.refresh_from_db()
    assert not customer.user.told_of_offers


def test_who_does_not_want_it_is_not_asked_to_come_back(membership, customer):
    ended = SimpleNamespace(status="canceled", ends_at=NOW - 31 * DAY, stripe_subscription="sub_1", failed_at=None)

    def kinds():
        return [letter.kind for letter in letters._win_back(ended, customer, NOW, timedelta(days=14))]

    assert kinds() == ["win_back"]
    customer.user.told_of_offers = False
    assert kinds() == []


def test_what_a_plan_is_called_is_text_and_not_markup(membership, customer):
    membership.plan.name = 'Bold <b onclick="x">& Co'
    message = written("welcome", membership, customer)
    assert 'Bold <b onclick="x">& Co' in message.body
    assert "<b onclick" not in html_of(message)
    assert "Bold &lt;b" in html_of(message)


def test_a_mail_is_written_exactly_when_its_cause_is(membership, customer):
    with transaction.atomic():
        mails.write("welcome", membership, customer, NOW)
        transaction.set_rollback(True)
    assert delivered() == []


def test_a_message_that_was_queued_before_there_was_html_is_sent_as_it_was(db):
    told = {"subject": "Hello", "text": "Words\n", "to": "tamar@example.com", "off": None}
    emails.deliver.enqueue(message_id="<1@localhost>", message=seal.sealed(json.dumps(told), emails.PURPOSE))
    (message,) = delivered()
    assert (message.body, message.alternatives) == ("Words\n", [])


def test_what_a_deed_tells_is_told_once_and_to_nobody_who_has_left(membership, customer):
    for _attempt in range(2):
        mails.write_once("paid_twice", "sub_2", customer.pk, NOW)
    assert [message.subject for message in delivered()] == ["The Test Courier: you had paid twice, and get one back"]
    membership.user.erased_at = NOW
    membership.user.save()
    mails.write_once("paid_twice", "sub_3", customer.pk, NOW)
    assert delivered() == []


def test_who_never_was_a_member_is_told_of_no_second_membership(customer):
    mails.write_once("paid_twice", "sub_2", customer.pk, NOW)
    assert delivered() == []
