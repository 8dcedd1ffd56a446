"""What the bank statement will say: learned from Stripe by the worker, and never waited for by a page."""

import pytest
from django.core.cache import cache

from members.billing import client, statement
from tests.billing.shop import text

pytestmark = pytest.mark.django_db


def told(monkeypatch, answer):
    monkeypatch.setattr(client, "ask", lambda *_what: answer)


def test_until_stripe_was_asked_it_is_the_sites_name(shop, stranger):
    assert "On your bank statement THE TEST COURIER" in text(stranger.get("/join/"))


def test_what_the_account_at_stripe_says_is_what_the_page_says(shop, stranger, now, monkeypatch):
    told(monkeypatch, {"settings": {"payments": {"statement_descriptor": "VALLEY COURIER"}}})
    statement.learn_statement(now)
    assert "On your bank statement VALLEY COURIER" in text(stranger.get("/join/"))


@pytest.mark.parametrize("answer", [{}, {"settings": None}, {"settings": {"payments": {"statement_descriptor": None}}}])
def test_an_account_that_says_nothing_leaves_the_sites_name(shop, now, monkeypatch, answer):
    told(monkeypatch, answer)
    statement.learn_statement(now)
    assert statement.words() == "THE TEST COURIER"


def test_while_stripe_is_away_what_was_known_stays(shop, now):
    cache.set(statement.KEY, "VALLEY COURIER")
    shop.faults({"what": "500", "path": "/v1/account", "times": 9})
    statement.learn_statement(now)
    assert statement.words() == "VALLEY COURIER"


def test_the_sandbox_is_asked_through_the_library(shop, now):
    statement.learn_statement(now)
    assert [one["path"] for one in shop.requests()] == ["/v1/account"]


def test_without_a_key_nobody_is_asked(shop, now, settings):
    settings.STRIPE_SECRET_KEY = ""
    statement.learn_statement(now)
    assert not shop.requests()
