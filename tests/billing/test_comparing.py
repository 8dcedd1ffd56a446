"""What a way to pay says of itself where members name the price, and the last corners of the way there."""

import pytest
from django.utils import timezone

from members.billing import checkout, customers, quotes
from members.billing.arrival import Arrival
from members.billing.models import Intent, Offer
from members.billing.pages import comparing
from members.models import Plan
from tests.billing.shop import price

pytestmark = pytest.mark.django_db


@pytest.fixture
def own(shop):
    """The price of the plan Reader, which its members name."""
    Plan.objects.filter(name="Reader").update(names_own_price=True, trial_days=7)
    return price()


def offer(**fields):
    return Offer.objects.create(code="spring", name="Spring", **fields)


def test_who_names_a_price_reads_the_least_and_the_free_days_and_no_sum(own):
    told = comparing.choice(quotes.quote(own))
    assert (told["button"], told["least"], told["amount"]) == ("Join for this price", "€5", "5")
    assert told["terms"] == "7 days free; you can cancel until then."
    assert comparing.choice(quotes.quote(own, amount=900), is_named=True)["least"] == ""


@pytest.mark.parametrize(("fields", "words"), [
    ({"percent": 50}, "50% off the first payment."), ({"percent": 50, "lasts": "forever"}, "50% off each payment."),
    ({"amount": 200, "currency": "EUR", "lasts": "repeating", "months": 3}, "€2 off for the first 3 months."),
])  # fmt: skip
def test_what_an_offer_takes_off_a_price_that_is_not_named_yet(own, fields, words):
    quote = quotes.quote(own, offer(**fields))
    assert words in comparing.choice(quote)["terms"]
    assert comparing.given(quote.offer) == words.rstrip(".")


def test_days_on_trial_are_given_in_words(shop):
    assert comparing.given(offer(trial_days=14)) == "14 days free"


def test_a_way_for_which_no_page_was_made_makes_room_for_another(shop, aram):
    customers.of(aram)
    Intent.objects.create(user=aram, kind="membership", price=price("Friend"), amount=1200, currency="EUR")
    places = checkout.Places("http://localhost:8000/join/done/", "http://localhost:8000/join/")
    checkout.start(aram, quotes.quote(price()), places, Arrival("wall"), timezone.now())
    assert sorted(Intent.objects.values_list("amount", "state")) == [(500, "open"), (1200, "expired")]


def test_the_address_of_who_never_paid_is_told_to_nobody(shop, aram):
    last = shop.requests()
    customers.address_changed(aram.pk)
    assert shop.requests() == last
