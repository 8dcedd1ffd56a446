"""/join/: the plans compared honestly, and one POST to Stripe's page."""

import re
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.urls import reverse

from members.billing.models import Customer, Intent
from members.models import Membership, Plan
from members.standing import Status
from tests.billing.paying import joined
from tests.billing.shop import choose, price, text
from tests.plans import sold

pytestmark = pytest.mark.django_db

JOIN = "/join/"


def page(browser, query="", language=""):
    return text(browser.get(f"{language}{JOIN}{query}"))


# What is compared


def test_plans_say_what_they_give_and_cost_and_what_a_year_saves(shop, stranger):
    Plan.objects.filter(name="Friend").update(text="For who wants more.", perks="A tote bag\nA dinner", ad_free=True)
    said = page(stranger)
    assert (
        "Reader €5 a month Join for €5 a month €50 a year €10 a year less than by the month Join for €50 a year" in said
    )
    assert "Friend For who wants more. Everything in “Reader” A tote bag A dinner No advertisements €12 a month" in said


def test_a_year_that_saves_nothing_claims_nothing(shop, stranger):
    price("Reader", "year").plan.offer_price("year", "EUR", 6000)
    said = page(stranger)
    assert "€60 a year Join for €60 a year" in said
    assert "less than by the month" not in said


def test_the_reader_chooses_the_currency(shop, stranger):
    assert "$6 a month" not in page(stranger)
    said = page(stranger, "?currency=USD")
    assert "Reader $6 a month" in said
    assert "Friend Everything in “Reader” Not sold in this currency." in said
    for unknown in ("XXX", "", "usd", "%00"):
        assert "€5 a month" in page(stranger, f"?currency={unknown}")


def test_currencies_are_links_that_keep_story_and_offer(shop, stranger):
    links = re.findall(
        r'<a href="(/join/\?[^"]*)#plans"',
        stranger.get(f"{JOIN}?next=/articles/x/%23rest&offer=spring").content.decode(),
    )
    assert [parse_qs(urlsplit(link.replace("&amp;", "&")).query)["currency"] for link in links] == [["EUR"], ["USD"]]
    assert all("next=%2Farticles%2Fx%2F%23rest" in link and "offer=spring" in link for link in links)


def test_trials_are_said_plainly_and_on_the_button(shop, stranger):
    Plan.objects.filter(name="Reader").update(trial_days=7)
    said = page(stranger)
    assert "7 days free, then €5 a month; you can cancel until then." in said
    assert "Try 7 days, then pay €5 a month" in said


def test_what_happens_next_is_said_before_anything_is_asked(shop, stranger, settings):
    said = page(stranger)
    for words in (
        "You pay on a page of Stripe", "each month or each year on the same day, until you cancel",
        "in one step", "everything stays open for 14 days", "On your bank statement THE TEST COURIER",
        settings.MEMBERS_EMAIL,
    ):  # fmt: skip
        assert words in said


def test_archived_plans_and_withdrawn_prices_are_offered_to_nobody(shop, stranger, now):
    Plan.objects.filter(name="Friend").update(archived_at=now)
    price("Reader", "year").plan.prices.filter(interval="year").update(is_offered=False)
    said = page(stranger)
    assert "Friend" not in said
    assert "€50" not in said


def test_without_any_plan_the_page_says_so(shop, stranger, now):
    Plan.objects.update(archived_at=now)
    assert "No plan is on offer just now." in page(stranger)


def test_without_a_key_the_page_is_that_of_a_newsroom_that_takes_no_payments(shop, stranger, settings):
    settings.STRIPE_SECRET_KEY = ""
    assert "Payment is not open here yet" in page(stranger)
    assert choose(stranger).status_code == 405


def test_the_page_speaks_the_language_of_its_address(shop, stranger):
    assert "5 €" in page(stranger, language="/ru")


# Where it leads


def test_the_policy_lets_forms_lead_to_stripe_on_this_page_and_on_no_other(shop, stranger):
    policy = stranger.get(JOIN).headers["Content-Security-Policy"]
    assert f"form-action 'self' {shop.url}" in policy
    assert shop.url not in stranger.get("/").headers["Content-Security-Policy"]
    assert shop.url not in stranger.get("/accounts/login/").headers["Content-Security-Policy"]


def test_outside_of_the_sandbox_the_policy_names_stripes_own_pages(shop, stranger, settings):
    settings.STRIPE_API_BASE = ""
    policy = stranger.get(JOIN).headers["Content-Security-Policy"]
    assert "form-action 'self' https://checkout.stripe.com https://billing.stripe.com" in policy


def test_a_strangers_choice_leads_over_an_account_and_back_to_the_choice(shop, stranger):
    left = choose(stranger, price("Reader", "year"), next="/articles/x/#rest", source="prompt:4.2.end")
    assert left.status_code == 303
    door, going = left.url.split("?next=")
    assert door == reverse("account_signup")
    back = parse_qs(urlsplit(parse_qs(f"next={going}")["next"][0]).query)
    assert back == {
        "price": [str(price("Reader", "year").pk)],
        "next": ["/articles/x/#rest"],
        "source": ["prompt:4.2.end"],
    }
    assert not Intent.objects.exists()
    assert not shop.requests()


def test_where_nobody_new_may_come_the_choice_leads_to_the_sign_in(shop, stranger, settings):
    settings.REGISTRATION = "closed"
    assert choose(stranger).url.startswith(reverse("account_login"))


def test_who_comes_back_with_an_account_finds_their_choice_and_one_button(shop, as_, aram):
    said = page(as_(aram), f"?price={price('Reader', 'year').pk}&next=/articles/x/%23rest")
    assert "Your choice Reader: €50 a year Join for €50 a year Choose otherwise" in said


def test_a_choice_leads_to_stripes_page_with_what_was_chosen_and_nothing_of_the_story(shop, as_, aram):
    browser = as_(aram)
    left = choose(browser, price("Reader", "year"), next="/articles/secret-story/#rest", source="wall")
    assert left.status_code == 303
    assert left.url.startswith(shop.url)
    intent = Intent.objects.get()
    assert (intent.user, intent.price, intent.amount, intent.source, intent.state) == (
        aram,
        price("Reader", "year"),
        5000,
        "wall",
        "open",
    )
    sent = " ".join(str(one) for one in shop.requests())
    assert "secret-story" not in sent
    assert "secret-story" not in str(list(Intent.objects.values()))
    assert "50.00" in shop.page(left.url)


def test_the_account_is_one_customer_with_its_address_and_language(shop, as_, aram):
    aram.language = "ru"
    aram.save()
    choose(as_(aram))
    customer = Customer.objects.get(user=aram)
    told = shop.client.v1.customers.retrieve(customer.stripe_id)
    assert (told.email, told.preferred_locales, told.metadata["account"]) == (aram.email, ["ru"], aram.key)


@pytest.mark.parametrize("source", ["wall", "prompt", "meter"])
def test_the_kind_of_place_is_noted(shop, as_, aram, source):
    choose(as_(aram), source=source)
    assert Intent.objects.get().source == source


@pytest.mark.parametrize(
    "source", ["", "prompt:the-dam-story", "wall:17", "prompt:4", "articles/x", "wall\n", "a" * 200]
)
def test_nothing_else_is_noted_of_where_somebody_came_from(shop, as_, aram, source):
    choose(as_(aram), source=source)
    assert Intent.objects.get().source == ""


def test_who_comes_from_a_wall_is_known_by_the_place_they_go_back_to(shop, as_, aram):
    choose(as_(aram), next="/articles/x/#rest")
    assert Intent.objects.get().source == "wall"


def test_the_way_back_leads_to_our_own_pages_alone(shop, as_, aram):
    browser = as_(aram)
    choose(browser, next="https://evil.example/")
    assert "evil.example" not in browser.get(f"{JOIN}?back=1").content.decode()


def test_who_turns_back_at_stripe_is_told_that_nothing_was_charged(shop, as_, aram):
    browser = as_(aram)
    left = choose(browser, next="/articles/x/#rest")
    back = shop.client.v1.checkout.sessions.retrieve(Intent.objects.get().session).cancel_url
    assert back.startswith("http://localhost:8000/join/?")
    response = browser.get(back.removeprefix("http://localhost:8000"))
    said = text(response)
    assert "Nothing was charged. Back to the story" in said
    assert "Your choice Reader: €5 a month" in said
    assert 'href="/articles/x/#rest"' in response.content.decode()
    assert left.url


# What is refused


@pytest.mark.parametrize("wanted", ["", "0", "999999", "x", "1 OR 1", "٣", "9" * 30, "-1"])
def test_a_price_that_there_is_not_is_refused_and_the_plans_stay(shop, as_, aram, wanted):
    response = as_(aram).post(JOIN, {"price": wanted})
    assert response.status_code == 400
    assert "This price is not offered any more." in text(response)
    assert "Join for €5 a month" in text(response)
    assert not shop.requests()


def test_a_price_that_was_withdrawn_since_the_page_was_opened_is_refused(shop, as_, aram):
    old = price()
    old.plan.offer_price("month", "EUR", 700)
    response = choose(as_(aram), old)
    assert response.status_code == 400
    assert "Join for €7 a month" in text(response)


def test_a_member_by_stripe_is_led_to_the_page_of_the_membership(shop, as_, aram):
    Customer.objects.create(user=aram, stripe_id="cus_1")
    Membership.objects.create(
        user=aram,
        plan=price().plan,
        status=Status.ACTIVE,
        stripe_subscription="sub_1",
        amount=500,
        currency="EUR",
        interval="month",
    )
    response = as_(aram).get(JOIN)
    assert "You are a member" in text(response)
    assert 'class="button" href="/account/membership/plan/"' in response.content.decode()
    assert "Join for" not in text(response)


def test_who_owes_is_led_to_put_it_right_and_not_to_pay_twice(shop, as_, aram, now):
    Customer.objects.create(user=aram, stripe_id="cus_1")
    Membership.objects.create(
        user=aram, plan=price().plan, status=Status.PAST_DUE, stripe_subscription="sub_1", failed_at=now - timedelta(days=20),
        amount=500, currency="EUR", interval="month",
    )  # fmt: skip
    said = page(as_(aram))
    assert "Your membership waits for a payment" in said
    assert "Put it right" in said
    assert "Join for" not in said


def test_a_member_by_grant_may_pay_and_is_told_that_nothing_is_taken(shop, as_, leyla):
    said = page(as_(leyla))
    assert "You are a member Member, without an end Your membership was given to you" in said
    assert "Join for €5 a month" in said


def test_whose_membership_ended_can_join_again(shop, as_, aram, now):
    Membership.objects.create(
        user=aram, plan=price().plan, status=Status.CANCELED, stripe_subscription="sub_1", ends_at=now - timedelta(days=1),
        amount=500, currency="EUR", interval="month",
    )  # fmt: skip
    assert "Join for €5 a month" in page(as_(aram))


def test_an_account_keeps_the_currency_of_its_payments(shop, as_, aram):
    Customer.objects.create(user=aram, stripe_id="cus_1", currency="USD")
    said = page(as_(aram), "?currency=EUR")
    assert "Your payments so far were in USD, and an account keeps its currency." in said
    assert "$6 a month" in said
    assert "€5" not in said
    response = choose(as_(aram), price())
    assert response.status_code == 400
    assert "Your payments are in USD." in text(response)


def test_too_many_tries_are_challenged_and_the_challenge_leads_on_to_stripe(shop, as_, aram):
    browser = as_(aram)
    for _again in range(15):
        choose(browser)
    response = choose(browser)
    assert response.status_code == 429
    assert shop.url in response.headers["Content-Security-Policy"]


# One's own price


@pytest.fixture
def own_price(shop):
    plan = sold("Patron", 300, level=10, position=3, names_own_price=True)
    return plan.prices.get()


def test_who_names_a_price_pays_it(shop, own_price, as_, aram):
    browser = as_(aram)
    said = page(browser)
    assert "From €3 a month Your price for a month At least €3 Join for this price" in said
    left = choose(browser, own_price, amount="7,50")
    assert left.status_code == 303
    assert Intent.objects.get().amount == 750
    assert "7.50" in shop.page(left.url)


@pytest.mark.parametrize("typed", ["2.99", "0", "-5", "1e9", "100000", "five", "4.999", "\0"])
def test_less_than_the_least_and_what_is_no_amount_is_refused(shop, own_price, as_, aram, typed):
    response = choose(as_(aram), own_price, amount=typed)
    assert response.status_code == 400
    assert 'role="alert"' in response.content.decode()
    assert not Intent.objects.exists()


def test_the_least_is_taken_by_the_price_itself(shop, own_price, as_, aram):
    choose(as_(aram), own_price, amount="3")
    own_price.refresh_from_db()
    assert own_price.stripe_id


def test_a_fixed_price_stays_what_it_is_whatever_is_typed(shop, as_, aram):
    choose(as_(aram), amount="1")
    assert Intent.objects.get().amount == 500


def test_whose_payment_is_disputed_is_told_that_and_not_that_all_is_open(shop, as_, aram):
    joined(shop, aram)
    Membership.objects.filter(user=aram).update(status=Status.SUSPENDED)
    said = text(as_(aram).get("/join/"))
    assert "You have a membership A payment is disputed with your bank." in said
    assert "open to you." not in said.partition("What happens next")[0]
