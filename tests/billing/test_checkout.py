"""The way to Stripe: one customer an account, one open page a person, and what was chosen is what is paid (the list of
faults, A 36 and 37)."""

import threading

import pytest
from allauth.account.models import EmailAddress
from django.db import connection, transaction
from django.urls import reverse
from django.utils import timezone

from members.billing import checkout, client, customers
from members.billing.models import Customer, Intent, Payment
from members.billing.refresh import fetch, refresh, write
from members.models import Membership, Plan
from members.standing import Status
from tests.billing.sandboxed import WORKS, NotPaid
from tests.billing.shop import choose, comes_back, pays, price, text
from tests.members.factors import just_signed_in
from tests.members.mail import code_in, delivered, work

pytestmark = pytest.mark.django_db


def sessions(shop):
    return shop.client.v1.checkout.sessions.list({"limit": 100}).data


def test_a37_a_double_click_opens_one_page(shop, as_, aram):
    browser = as_(aram)
    first, second = choose(browser), choose(browser)
    assert first.url == second.url
    assert len(sessions(shop)) == 1
    assert Intent.objects.count() == 1


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_a37_two_clicks_at_the_same_moment_open_one_page(shop, as_, aram):
    browsers = [as_(aram) for _click in range(4)]
    answers, together = [], threading.Barrier(len(browsers))

    def click(browser):
        together.wait()
        try:
            answers.append(choose(browser))
        finally:
            connection.close()

    threads = [threading.Thread(target=click, args=[browser]) for browser in browsers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {answer.status_code for answer in answers} == {303}
    assert len({answer.url for answer in answers}) == 1
    assert len([one for one in sessions(shop) if one.status == "open"]) == 1
    assert len(shop.client.v1.customers.list().data) == 1


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_click_whose_answer_got_lost_is_tried_again_and_makes_nothing_twice(shop, as_, aram, when):
    browser = as_(aram)
    shop.faults({"what": "reset", "path": "/v1/checkout/sessions", "method": "POST", "times": 2, "when": when})
    lost = choose(browser)
    assert lost.status_code == 503
    assert "cannot be reached just now. Nothing was charged: try again." in text(lost)
    assert "Your choice Reader: €5 a month" in text(lost), "the page holds a button to try again"
    assert choose(browser).status_code == 303
    assert len(sessions(shop)) == 1
    assert Intent.objects.count() == 1


def test_a36_two_tabs_in_two_languages_at_the_same_moment_open_one_page(shop, as_, aram, monkeypatch):
    """Both set out before either had a page: a page whose session nobody kept could be paid, and its payer was told
    that there is no such thing."""
    tabs, made = [as_(aram), as_(aram)], checkout._made

    def crossed(*told):
        monkeypatch.setattr(checkout, "_made", made)
        urls.append(choose(tabs[1], source="wall", currency="EUR").url)
        return made(*told)

    urls = []
    monkeypatch.setattr(checkout, "_made", crossed)
    urls.append(choose(tabs[0], source="mail").url)
    assert urls[0] == urls[1]
    assert [one.url for one in sessions(shop) if one.status == "open"] == urls[:1]


def test_what_was_true_of_a_deleted_customer_is_not_of_the_next(shop, as_, aram):
    """A picture of the one that is late, and comes after the account has become another."""
    choose(as_(aram))
    row = Customer.objects.get()
    shop.client.v1.customers.delete(row.stripe_id)
    late = fetch(row.pk)
    assert choose(as_(aram), price("Friend")).status_code == 303
    with transaction.atomic():
        assert not write(late, timezone.now())
    now = Customer.objects.get()
    assert now.stripe_id != row.stripe_id
    assert customers.is_good(now)


def test_another_choice_ends_the_page_that_was_open(shop, as_, aram):
    browser = as_(aram)
    first = choose(browser).url
    second = choose(browser, price("Friend")).url
    assert first != second
    assert [one.status for one in sessions(shop)] == ["open", "expired"]
    assert list(Intent.objects.order_by("pk").values_list("state", flat=True)) == ["expired", "open"]
    with pytest.raises(NotPaid):
        shop.pay(first)
    comes_back(browser, shop.pay(second))
    assert Membership.objects.get().plan.name == "Friend"


def test_a_page_that_has_ended_by_itself_is_followed_by_a_new_one(shop, as_, aram):
    browser = as_(aram)
    first = choose(browser).url
    shop.advance(hours=25)
    second = choose(browser).url
    assert first != second
    assert list(Intent.objects.order_by("pk").values_list("state", flat=True)) == ["expired", "open"]


def test_a36_two_tabs_the_second_finds_that_the_first_has_paid(shop, as_, aram):
    browser = as_(aram)
    shop.pay(choose(browser).url)
    response = choose(browser, price("Friend"))
    assert response.url == "/account/membership/"
    assert "nothing was charged" in text(browser.get(response.url))
    assert Membership.objects.get().plan.name == "Reader"
    assert len(sessions(shop)) == 1


def test_a36_two_tabs_both_pay_one_membership_stays_and_the_newer_is_given_back(shop, as_, aram):
    """It takes a page that was open before ours could end it, as when two hosts stand on two databases."""
    browser = as_(aram)
    first = choose(browser).url
    intent = Intent.objects.get()
    second = shop.client.v1.checkout.sessions.create(
        {
            "mode": "subscription",
            "customer": Customer.objects.get().stripe_id,
            "line_items": [{"price": price().stripe_id, "quantity": 1}],
            "subscription_data": {"metadata": {"intent": intent.key}},
            "success_url": "http://localhost:8000/join/done/",
        }
    )
    there = shop.pay(first)
    shop.advance(seconds=5)
    shop.pay(second.url)
    assert "Welcome" in text(comes_back(browser, there))
    work()
    refresh(Customer.objects.get().pk)
    older, newer = sorted(
        shop.client.v1.subscriptions.list({"status": "all"}).data, key=lambda one: (one.status != "active", one.created)
    )
    assert (older.status, newer.status) == ("active", "canceled")
    assert Membership.objects.get().stripe_subscription == older.id
    states = Payment.objects.filter(user=aram).values_list("subscription", "state", "refunded")
    assert set(states) == {(older.id, "paid", 0), (newer.id, "refunded", 500)}


def test_a_running_subscription_that_no_event_has_told_of_is_found_at_stripe(shop, as_, aram):
    browser = as_(aram)
    pays(browser, shop)
    Membership.objects.all().delete()
    Intent.objects.update(state="expired")
    assert choose(browser).url == "/account/membership/"
    assert Membership.objects.get().status == Status.ACTIVE


def test_another_applications_subscription_stands_in_nobodys_way(shop, as_, aram):
    customer, _new = customers.of(aram)
    other = shop.price(900, name="Somebody else's")
    shop.subscribe(price=other, customer=customer.stripe_id, customer_email="")
    assert choose(as_(aram)).status_code == 303


def test_whose_membership_is_over_joins_again_without_another_trial(shop, as_, aram):
    Plan.objects.filter(name="Reader").update(trial_days=7)
    browser = as_(aram)
    pays(browser, shop)
    held = Membership.objects.get()
    assert held.status == Status.TRIALING
    shop.client.v1.subscriptions.cancel(held.stripe_subscription)
    refresh(Customer.objects.get().pk)
    assert "Join for €5 a month" in text(browser.get("/join/"))
    pays(browser, shop)
    again = Membership.objects.get()
    assert (again.status, again.stripe_subscription != held.stripe_subscription) == (Status.ACTIVE, True)
    assert Intent.objects.latest("pk").trial_days == 0


# What Stripe refuses


def test_a_price_that_was_archived_at_stripe_is_said_and_told_to_the_newsroom(shop, as_, aram, caplog):
    browser = as_(aram)
    choose(browser)
    shop.control("archive", price=price().stripe_id)
    shop.client.v1.checkout.sessions.expire(Intent.objects.get().session)
    response = choose(browser)
    assert response.status_code == 503
    assert "Stripe does not take this price just now. Nothing was charged, and the newsroom has been told." in text(
        response
    )
    assert "Stripe refuses price" in caplog.text
    assert aram.email not in caplog.text
    assert not Intent.objects.filter(state="open").exists()
    assert choose(browser, price("Friend")).status_code == 303


def test_c10_stripe_is_down_the_page_to_join_says_so_and_readers_notice_nothing(shop, as_, aram, story, stranger):
    path = story().get_absolute_url()
    shop.faults({"what": "500", "path": "/v1/", "times": 100})
    asked = len(shop.requests())
    assert stranger.get(path).status_code == 200
    assert "Join for €5 a month" in text(stranger.get("/join/"))
    assert len(shop.requests()) == asked, "no page that only shows asks Stripe"
    response = choose(as_(aram))
    assert response.status_code == 503
    assert "cannot be reached just now" in text(response)
    shop.faults()
    assert choose(as_(aram)).status_code == 303


def test_a_customer_that_was_deleted_at_stripe_is_made_anew(shop, as_, aram):
    browser = as_(aram)
    choose(browser)
    gone = Customer.objects.get().stripe_id
    shop.client.v1.customers.delete(gone)
    shop.client.v1.checkout.sessions.expire(Intent.objects.get().session)
    assert choose(browser).status_code == 303
    customer = Customer.objects.get()
    assert customer.stripe_id != gone
    assert customer.deleted_at is None


# The customer


def test_an_account_is_made_a_customer_once_whatever_gets_lost(shop, aram):
    shop.faults({"what": "reset", "path": "/v1/customers", "method": "POST", "times": 2, "when": "after"})
    with pytest.raises(client.Unavailable):
        customers.of(aram)
    aram.email = "aram.new@example.com"
    aram.save()
    row, new = customers.of(aram)
    assert new
    assert customers.of(aram) == (row, False)
    told = shop.client.v1.customers.list().data
    assert [(one.id, one.email) for one in told] == [(row.stripe_id, "aram.new@example.com")]


def test_a_customer_of_the_test_mode_is_none_of_the_live_one(shop, aram, settings):
    row, _new = customers.of(aram)
    assert customers.is_good(row)
    settings.STRIPE_LIVE = True
    assert not customers.is_good(row)


def test_a45_an_address_that_was_changed_here_is_told_to_stripe(shop, aram):
    row, _new = customers.of(aram)
    aram.email = "aram.new@example.com"
    aram.save()
    customers.tell_address.enqueue(aram.pk)
    work()
    assert shop.client.v1.customers.retrieve(row.stripe_id).email == "aram.new@example.com"


def test_who_is_no_customer_has_nothing_told(shop, aram):
    customers.tell_address.enqueue(aram.pk)
    work()
    assert not shop.requests()


# What comes back is held against what was set out for


def test_what_a_session_says_of_itself_is_not_believed(shop, aram):
    customers.of(aram)
    forged = shop.client.v1.checkout.sessions.create(
        {
            "mode": "subscription",
            "line_items": [{"price": shop.price(1).id, "quantity": 1}],
            "metadata": {"intent": "guessed", "user": aram.key},
            "client_reference_id": "guessed",
            "success_url": "http://localhost:8000/join/done/",
        }
    )
    assert checkout.settle(forged.id) is None
    assert not Intent.objects.exists()


def test_a_session_whose_answer_never_came_is_known_by_its_key(shop, aram):
    customer, _new = customers.of(aram)
    intent = Intent.objects.create(
        user=aram, kind="membership", plan=price().plan, price=price(), amount=500, currency="EUR"
    )
    session = shop.subscribe(customer=customer.stripe_id, customer_email="", client_reference_id=intent.key)
    assert checkout.settle(session.id) == customer.pk
    intent.refresh_from_db()
    assert (intent.state, intent.session, intent.subscription) == ("paid", session.id, session.subscription.id)


def test_settling_again_and_again_changes_nothing(shop, as_, aram):
    pays(as_(aram), shop, WORKS)
    intent = Intent.objects.get()
    before = list(Intent.objects.values())
    assert {checkout.settle(intent.session) for _again in range(3)} == {Customer.objects.get().pk}
    assert list(Intent.objects.values()) == before


def test_a45_whoever_proves_a_new_address_on_their_own_page_has_it_told_to_stripe(shop, as_, aram):
    EmailAddress.objects.create(user=aram, email=aram.email, verified=True, primary=True)
    row, _new = customers.of(aram)
    browser = just_signed_in(as_(aram))
    browser.post(reverse("account_email"), {"action_add": "", "email": "aram.new@example.com"})
    browser.post(reverse("account_email_verification_sent"), {"code": code_in(delivered()[-1])})
    work()
    assert shop.client.v1.customers.retrieve(row.stripe_id).email == "aram.new@example.com"
