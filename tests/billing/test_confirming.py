"""Who has paid while Stripe could not be asked is not told that there is no membership, but that it is on its way."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from members.billing.models import Intent
from tests.billing.paying import joined, looked_at, subscription_of
from tests.billing.shop import choose, comes_back, text

pytestmark = pytest.mark.django_db

CONFIRMING = "Your payment is being confirmed."
NOT_YET = "You are not a member yet."


@pytest.fixture
def unheard(shop, as_, aram):
    """(a browser that has paid and come back while Stripe was away, the address that it was led to)."""
    browser = as_(aram)
    there = shop.pay(choose(browser).url)
    shop.faults({"what": "500", "path": "/v1/", "times": 20})
    assert comes_back(browser, there).status_code == 503
    shop.faults()
    return browser, there


def page(browser):
    return browser.get(reverse("membership"))


def test_who_came_back_while_stripe_was_away_is_told_that_the_payment_is_being_confirmed(unheard):
    browser, there = unheard
    said = page(browser)
    assert CONFIRMING in text(said)
    assert NOT_YET not in text(said)
    assert there.removeprefix("http://localhost:8000") in said.content.decode()
    assert "See what membership costs" not in text(said), "nobody is led to pay twice"


def test_once_stripe_has_told_it_is_a_membership_like_any(unheard, shop, stranger):
    browser, _there = unheard
    shop.deliver(stranger)
    assert CONFIRMING not in text(page(browser))
    assert "Reader, €5 a month." in text(page(browser))


def test_settled_and_not_looked_at_it_is_still_being_confirmed(unheard):
    browser, _there = unheard
    Intent.objects.update(state="paid", subscription="sub_not_looked_at")
    assert CONFIRMING in text(page(browser))


def test_who_never_came_back_is_told_nothing_of_a_payment(shop, as_, aram):
    browser = as_(aram)
    choose(browser)
    assert NOT_YET in text(page(browser))


def test_what_came_to_nothing_or_is_long_past_is_not_waited_for(unheard):
    browser, _there = unheard
    Intent.objects.update(state="expired")
    assert NOT_YET in text(page(browser))
    Intent.objects.update(state="open", made_at=timezone.now() - timedelta(days=4))
    assert NOT_YET in text(page(browser))


def test_nobody_is_told_of_somebody_elses_payment(unheard, as_, leyla):
    browser = as_(leyla)
    session = browser.session
    session["unheard"] = Intent.objects.get().pk
    session.save()
    assert CONFIRMING not in text(page(browser))


def test_whose_membership_had_ended_is_told_of_the_new_payment_and_not_of_the_old_end(shop, as_, aram):
    customer = joined(shop, aram)
    shop.client.v1.subscriptions.cancel(subscription_of(shop, customer)["id"])
    looked_at(customer)
    browser = as_(aram)
    there = shop.pay(choose(browser).url)
    assert CONFIRMING not in text(page(browser))
    shop.faults({"what": "500", "path": "/v1/", "times": 20})
    comes_back(browser, there)
    assert CONFIRMING in text(page(browser))


def test_what_was_bought_and_has_ended_since_is_not_waited_for(unheard, shop, stranger):
    browser, _there = unheard
    shop.deliver(stranger)
    shop.client.v1.subscriptions.cancel(Intent.objects.get().subscription)
    shop.deliver(stranger)
    assert CONFIRMING not in text(page(browser))


def test_whose_membership_runs_reads_how_it_stands(unheard, shop, aram):
    browser, _there = unheard
    joined(shop, aram)
    assert CONFIRMING not in text(page(browser))
    assert "Reader, €5 a month." in text(page(browser))
