"""Offers: what is given is said before, what is taken off is what Stripe takes off, and what is refused says why."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from members.billing import offers, quotes
from members.billing.models import Intent, Offer
from members.billing.pages import comparing
from members.models import Membership, Plan, Price, User
from members.standing import Status
from tests.billing.shop import choose, pays, price, text

pytestmark = pytest.mark.django_db


def offer(code="spring", **fields):
    return Offer.objects.create(code=code, name="Spring", **fields)


def page(browser, query="?offer=spring"):
    return text(browser.get(f"/join/{query}"))


# What it comes to


@pytest.mark.parametrize(
    ("fields", "reduced", "payments"),
    [
        ({"percent": 50}, 250, 1),
        ({"percent": 33}, 335, 1),
        ({"percent": 100}, 0, 1),
        ({"percent": 50, "lasts": "repeating", "months": 3}, 250, 3),
        ({"percent": 20, "lasts": "forever"}, 400, None),
        ({"amount": 200, "currency": "EUR"}, 300, 1),
        ({"amount": 900, "currency": "EUR"}, 0, 1),
        ({"trial_days": 30}, 500, 0),
    ],
)
def test_what_an_offer_makes_of_a_month(fields, reduced, payments):
    quote = quotes.quote(Price(plan=Plan(), amount=500, currency="EUR", interval="month"), Offer(**fields))
    assert (quote.reduced, quote.payments) == (reduced, payments)


@pytest.mark.parametrize(("months", "payments"), [(1, 1), (12, 1), (13, 2), (24, 2)])
def test_months_of_an_offer_count_as_payments_of_a_year(months, payments):
    year = Price(plan=Plan(), amount=5000, currency="EUR", interval="year")
    assert quotes.quote(year, Offer(percent=10, lasts="repeating", months=months)).payments == payments


@pytest.mark.parametrize(
    ("plan_days", "fields", "is_new", "days"),
    [
        (7, None, True, 7),
        (7, None, False, 0),
        (7, {"trial_days": 30}, True, 30),
        (30, {"trial_days": 7}, True, 30),
        (7, {"trial_days": 30}, False, 0),
        # What takes money off comes in place of the plan's free days.
        (7, {"percent": 50}, True, 0),
        (7, {"percent": 50, "trial_days": 14}, True, 14),
    ],
)
def test_how_long_a_trial_is(plan_days, fields, is_new, days):
    month = Price(plan=Plan(trial_days=plan_days), amount=500, currency="EUR", interval="month")
    assert quotes.quote(month, fields and Offer(**fields), is_new=is_new).trial_days == days


@pytest.mark.parametrize(
    ("fields", "terms", "button"),
    [
        ({"percent": 50}, "€2.50 for the first payment, then €5 a month.", "Join for €2.50, then €5 a month"),
        (
            {"percent": 50, "lasts": "repeating", "months": 3},
            "€2.50 a month for the first 3 payments, then €5 a month.",
            "Join for €2.50, then €5 a month",
        ),
        (
            {"percent": 20, "lasts": "forever"},
            "€4 a month as long as you are a member, in place of €5 a month.",
            "Join for €4 a month",
        ),
        (
            {"trial_days": 30},
            "30 days free, then €5 a month; you can cancel until then.",
            "Try 30 days, then pay €5 a month",
        ),
        (
            {"percent": 20, "lasts": "forever", "trial_days": 1},
            "1 day free, then €4 a month; you can cancel until then. "
            "€4 a month as long as you are a member, in place of €5 a month.",
            "Try 1 day, then pay €4 a month",
        ),
        ({"percent": 100}, "€0 for the first payment, then €5 a month.", "Join for €0, then €5 a month"),
    ],
)
def test_what_is_paid_now_and_later_is_said_in_full(fields, terms, button):
    quote = quotes.quote(Price(plan=Plan(), amount=500, currency="EUR", interval="month"), Offer(**fields))
    assert comparing.terms(quote) == terms
    assert comparing.button(quote) == button


# What is refused


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"archived_at": datetime(2026, 1, 1, tzinfo=ZoneInfo("UTC"))}, "This offer is no longer made."),
        ({"starts_at": datetime(2099, 3, 1, 12, tzinfo=ZoneInfo("UTC"))}, "This offer begins on 1 March 2099."),
        ({"ends_at": datetime(2026, 3, 1, 12, tzinfo=ZoneInfo("UTC"))}, "This offer ended on 1 March 2026."),
        ({"times": 0}, "This offer was for 0 people, who have taken it."),
    ],
)
def test_an_offer_that_is_over_is_refused_with_the_reason_and_the_normal_prices_stay(shop, as_, aram, fields, why):
    offer(percent=50, **fields)
    said = page(as_(aram))
    assert why in said
    assert "Join for €5 a month" in said
    assert "€2.50" not in said
    response = choose(as_(aram), offer="spring")
    assert response.status_code == 400
    assert why in text(response)
    assert not Intent.objects.exists()


def test_a_code_that_there_is_not_is_refused(shop, stranger):
    for code in ("winter", "%00", "x" * 90, "'; --"):
        assert "There is no such offer. Look at how the code is written." in page(stranger, f"?offer={code}")


def test_codes_are_found_in_whatever_letters(shop, stranger):
    offer(percent=50)
    assert "Spring: 50% off the first payment" in page(stranger, "?offer=SPRING")
    assert "Spring: 50% off the first payment" in page(stranger, "?offer=+Spring+")


def test_as_many_as_it_is_for_take_it_and_no_more(shop, as_, aram, leyla):
    offer(percent=50, times=1)
    pays(as_(aram), shop, offer="spring")
    assert "This offer was for 1 person, who has taken it." in page(as_(leyla))


def test_the_last_free_days_are_whose_page_is_open_first_and_free_again_when_it_is_closed(shop, as_, aram, leyla):
    """Stripe counts what is taken off a price; of days alone it knows no number."""
    offer(trial_days=30, times=1)
    assert choose(as_(aram), offer="spring").status_code == 303
    assert choose(as_(aram), offer="spring").status_code == 303
    assert "This offer was for 1 person" in page(as_(leyla))
    Intent.objects.update(state="expired")
    assert "This offer was for 1 person" not in page(as_(leyla))


def test_of_two_at_once_the_second_is_told_and_pays_nothing(shop, as_, aram, leyla, monkeypatch):
    found = offer(trial_days=30, times=1)
    choose(as_(aram), offer="spring")
    with pytest.raises(offers.Gone):
        offers.hold(found, leyla, datetime.now(UTC))
    # As if both had looked before either chose.
    real = offers.refusal
    asked = []
    monkeypatch.setattr(offers, "refusal", lambda *told: asked.append(1) or (real(*told) if len(asked) > 1 else ""))
    response = choose(as_(leyla), offer="spring")
    assert response.status_code == 400
    assert "This offer was for 1 person, who has taken it." in text(response)
    assert not Intent.objects.filter(user=leyla).exists()


def test_who_has_taken_an_offer_does_not_take_it_again(shop, aram, leyla, now):
    found = offer(percent=50)
    Intent.objects.create(user=aram, kind="membership", offer=found, state="paid", amount=500, currency="EUR")
    assert offers.refusal(found, aram, now) == "You have taken this offer before."
    assert offers.refusal(found, leyla, now) == ""


def test_an_offer_for_one_plan_is_refused_for_another(shop, as_, aram):
    offer(percent=50).plans.add(Plan.objects.get(name="Friend"))
    said = page(as_(aram))
    assert "Join for €5 a month" in said
    assert "Join for €6, then €12 a month" in said
    response = choose(as_(aram), price("Reader"), offer="spring")
    assert response.status_code == 400
    assert "The offer is not for this plan, or not in this currency." in text(response)


def test_an_amount_off_is_for_its_currency_alone(shop, stranger):
    offer(amount=200, currency="EUR")
    assert "Join for €3, then €5 a month" in page(stranger)
    assert "Join for $6 a month" in page(stranger, "?offer=spring&currency=USD")


# What is taken


def test_what_was_said_is_what_stripe_takes(shop, as_, aram):
    offer(percent=50, lasts="repeating", months=3)
    pays(as_(aram), shop, offer="spring")
    held = Membership.objects.get()
    assert (held.status, held.amount) == (Status.ACTIVE, 250)
    taken = shop.client.v1.invoices.list().data
    assert [one.amount_paid for one in taken] == [250]


def test_the_first_payment_alone_is_less(shop, as_, aram):
    offer(amount=300, currency="EUR")
    pays(as_(aram), shop, offer="spring")
    shop.advance(days=32)
    paid = [one.amount_paid for one in shop.client.v1.invoices.list().data]
    assert sorted(paid) == [200, 500]


def test_free_days_are_given_by_an_offer_of_days_alone(shop, as_, aram):
    offer(trial_days=30)
    pays(as_(aram), shop, offer="spring")
    held = Membership.objects.get()
    assert held.status == Status.TRIALING
    assert timedelta(days=29) < held.trial_ends_at - held.started_at <= timedelta(days=30)


def test_a_membership_that_is_free_for_ever_asks_for_no_card(shop, as_, aram):
    offer(percent=100, lasts="forever")
    browser = as_(aram)
    assert "Welcome" in text(pays(browser, shop, card=None, offer="spring"))
    assert Membership.objects.get().status == Status.ACTIVE


def test_the_page_says_until_when_it_is_made(shop, stranger):
    offer(percent=50, ends_at=datetime(2099, 4, 30, 12, tzinfo=ZoneInfo("UTC")))
    assert "Spring: 50% off the first payment, until 30 April 2099." in page(stranger)


def test_the_offer_goes_along_over_the_sign_up(shop, stranger):
    offer(percent=50)
    assert "offer%3Dspring" in choose(stranger, offer="spring").url
    user = User.objects.create_user("new@example.com")
    stranger.force_login(user)
    said = page(stranger, f"?offer=spring&price={price().pk}")
    assert (
        "Your choice Reader: €5 a month €2.50 for the first payment, then €5 a month. Join for €2.50, then €5 a month"
        in said
    )
