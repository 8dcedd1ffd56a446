"""Ways to Stripe that something crosses at the worst moment: another tab, a payment, a session that is gone."""

import pytest
from django.utils.translation import override

from members.billing import checkout, client
from members.billing.models import Customer, Intent
from members.models import Membership
from tests.billing.shop import choose, price, text

pytestmark = pytest.mark.django_db

OWN_PAGE = "/account/membership/"


def before(monkeypatch, path, deed):
    """Do something once, right before Stripe is asked for `path`."""
    ask, done = client.ask, []

    def crossed(asked, *ids, **given):
        if asked == path and not done:
            done.append(True)
            deed()
        return ask(asked, *ids, **given)

    monkeypatch.setattr(client, "ask", crossed)


def test_a_page_that_is_paid_while_it_is_being_ended_makes_a_member_and_no_second_page(shop, as_, aram, monkeypatch):
    browser = as_(aram)
    first = choose(browser).url
    before(monkeypatch, "checkout.sessions.expire", lambda: shop.pay(first))
    assert choose(browser, price("Friend")).url == OWN_PAGE
    assert Membership.objects.get().plan.name == "Reader"
    assert Intent.objects.get().state == "paid"


def test_a_page_that_ends_by_itself_while_it_is_being_ended_is_no_trouble(shop, as_, aram, monkeypatch):
    browser = as_(aram)
    choose(browser)
    before(monkeypatch, "checkout.sessions.expire", lambda: shop.advance(hours=25))
    assert choose(browser, price("Friend")).status_code == 303
    assert list(Intent.objects.order_by("pk").values_list("state", flat=True)) == ["expired", "open"]


def test_a_page_that_cannot_be_ended_is_not_followed_by_another(shop, as_, aram, monkeypatch):
    browser = as_(aram)
    choose(browser)

    def refuse():
        raise client.Refused("not now")

    before(monkeypatch, "checkout.sessions.expire", refuse)
    assert choose(browser, price("Friend")).status_code == 503
    assert Intent.objects.get().state == "open"


def test_what_was_bought_and_has_ended_since_stands_in_nobodys_way(shop, as_, aram):
    browser = as_(aram)
    shop.pay(choose(browser).url)
    (subscription,) = shop.client.v1.subscriptions.list().data
    shop.client.v1.subscriptions.cancel(subscription.id)
    assert choose(browser).status_code == 303
    assert list(Intent.objects.order_by("pk").values_list("state", flat=True)) == ["paid", "open"]


def test_a_session_that_stripe_does_not_know_any_more_is_given_up(shop, as_, aram):
    browser = as_(aram)
    choose(browser)
    Intent.objects.update(session="cs_test_gone")
    assert choose(browser).status_code == 303
    assert list(Intent.objects.order_by("pk").values_list("state", flat=True)) == ["expired", "open"]


def test_an_intent_that_another_tab_has_made_meanwhile_is_taken(shop, as_, aram, monkeypatch):
    """As two clicks of one moment meet at the constraint."""
    browser, create = as_(aram), Intent.objects.create

    def crossed(**fields):
        monkeypatch.setattr(Intent.objects, "create", create)
        create(**fields)
        return create(**fields)

    monkeypatch.setattr(Intent.objects, "create", crossed)
    assert choose(browser).status_code == 303
    assert Intent.objects.count() == 1


def test_a_page_whose_intent_was_given_up_meanwhile_is_ended_and_another_opens(shop, as_, aram, monkeypatch):
    give_up = lambda: Intent.objects.update(state="expired")  # noqa: E731
    before(monkeypatch, "checkout.sessions.create", give_up)
    assert choose(as_(aram)).status_code == 303
    told = shop.client.v1.checkout.sessions.list().data
    assert sorted(one.status for one in told) == ["expired", "open"]
    assert Intent.objects.get(state="open").session == next(one.id for one in told if one.status == "open")


def test_who_is_crossed_again_and_again_is_told_to_try_again(shop, as_, aram, monkeypatch):
    monkeypatch.setattr(checkout, "_open_page", lambda *_what: False)
    response = choose(as_(aram))
    assert response.status_code == 503
    assert "try again" in text(response)


def test_a_price_that_stripe_does_not_know_is_said_and_told_to_the_newsroom(shop, as_, aram, caplog):
    wanted = price()
    wanted.stripe_id = "price_of_another_account"
    wanted.save()
    response = choose(as_(aram), wanted)
    assert response.status_code == 503
    assert "Stripe does not take this price just now." in text(response)
    assert "Run sync_plans" in caplog.text
    assert Customer.objects.get().deleted_at is None


def test_taxes_are_worked_out_where_the_newsroom_has_them_worked_out(shop, as_, aram, stranger, settings):
    settings.STRIPE_TAX = True
    choose(as_(aram))
    stranger.post("/contribute/", {"amount": "10", "currency": "EUR"})
    as_(aram).post("/contribute/", {"amount": "10", "currency": "EUR"})
    told = shop.client.v1.checkout.sessions.list().data
    assert [one.automatic_tax.enabled for one in told] == [True] * 3
    asked = [one["body"] for one in shop.requests("POST", "/v1/checkout/sessions")]
    assert ["customer_update" in body for body in asked] == [True, False, True]


@pytest.mark.parametrize(("language", "asked"), [("ru", "ru"), ("pt-br", "pt-BR"), ("ka", "auto"), (None, "auto")])
def test_a_page_of_stripes_is_asked_for_in_a_language_that_it_speaks(language, asked):
    with override(language):
        assert client.page_language() == asked


def test_a_language_that_stripes_pages_do_not_speak_is_left_to_them(shop, as_, aram, monkeypatch):
    monkeypatch.setattr(client, "LANGUAGES", ("de",))
    browser = as_(aram)
    browser.get(shop.pay(choose(browser).url).removeprefix("http://localhost:8000"))
    browser.post(f"{OWN_PAGE}portal/", {"all": ""})
    assert shop.client.v1.checkout.sessions.list().data[0].locale == "auto"
    assert "locale=auto" in shop.requests("POST", "/v1/billing_portal/sessions")[0]["body"]
