"""Coming back from Stripe's page: whatever comes first, and whoever comes (the list of faults, A 31 to 35)."""

import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from members.access import Audience
from members.billing.models import Intent, Notice, Payment
from members.billing.pages.done import Came, outcome
from members.models import Membership, Plan
from members.standing import Status
from tests.billing.sandboxed import SLOW
from tests.billing.shop import choose, comes_back, pays, text
from tests.conftest import GATED_WORD

pytestmark = pytest.mark.django_db

WELCOME = "Welcome: you are a member"


@pytest.fixture
def paid(shop, as_, aram):
    """(a browser that has paid and not come back yet, the address that it is led to)."""
    browser = as_(aram)
    return browser, shop.pay(choose(browser).url)


def one_membership(user):
    """What has to be so however the news came: one row, by the subscription that was bought, and one welcome."""
    held = Membership.objects.get(user=user)
    intent = Intent.objects.get(user=user)
    assert (held.status, held.stripe_subscription) == (Status.ACTIVE, intent.subscription)
    assert intent.state == Intent.State.PAID
    assert Payment.objects.filter(user=user, state=Payment.State.PAID).count() == 1
    assert Notice.objects.filter(user=user, kind="welcome").count() == 1
    return True


def test_who_pays_is_a_member_and_is_led_back_to_the_paragraph(shop, as_, aram, story):
    path = story(audience=Audience.MEMBERS).get_absolute_url()
    browser = as_(aram)
    page = pays(browser, shop, next=f"{path}#rest", source="wall")
    assert WELCOME in text(page)
    assert f'href="{path}#rest"' in page.content.decode()
    assert "Reader €5 a month Next payment" in text(page)
    assert GATED_WORD in browser.get(path).content.decode()


def test_the_page_that_welcomes_shows_a_member_and_asks_nobody_to_join(shop, as_, aram):
    page = pays(as_(aram), shop).content.decode()
    assert f'href="{reverse("join")}"' not in page


def test_the_story_is_told_once_and_then_forgotten(shop, as_, aram):
    browser = as_(aram)
    left = choose(browser, next="/articles/x/#rest")
    there = shop.pay(left.url)
    assert "/articles/x/" in comes_back(browser, there).content.decode()
    again = comes_back(browser, there)
    assert WELCOME in text(again)
    assert "/articles/x/" not in again.content.decode()


def test_a31_the_return_page_comes_before_the_webhook(shop, paid, stranger, aram):
    browser, there = paid
    assert WELCOME in text(comes_back(browser, there))
    assert one_membership(aram)
    assert {response.status_code for response in shop.deliver(stranger)} == {200}
    assert one_membership(aram)


def test_a32_the_webhook_comes_before_the_return_page(shop, paid, stranger, aram):
    browser, there = paid
    assert {response.status_code for response in shop.deliver(stranger)} == {200}
    assert one_membership(aram)
    assert WELCOME in text(comes_back(browser, there))
    assert one_membership(aram)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_a33_return_page_and_webhook_come_at_the_same_time(shop, as_, aram, stranger):
    browser = as_(aram)
    there = shop.pay(choose(browser).url)
    notes = shop.pending()
    answers, together = [], threading.Barrier(1 + len(notes))

    def do(deed):
        together.wait()
        try:
            answers.append(deed())
        finally:
            connection.close()

    deeds = [lambda: comes_back(browser, there), *(lambda note=note: note.post(stranger) for note in notes)]
    threads = [threading.Thread(target=do, args=[deed]) for deed in deeds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {answer.status_code for answer in answers} == {200}
    assert one_membership(aram)


def test_a34_the_buyer_never_returns(shop, paid, stranger, aram, as_, story):
    shop.deliver(stranger)
    assert one_membership(aram)
    path = story(audience=Audience.MEMBERS).get_absolute_url()
    assert GATED_WORD in as_(aram).get(path).content.decode()


# Somebody else's, forged, expired, unpaid (A 35)


def refused(response):
    return response.status_code == 404 and WELCOME not in text(response)


def test_a35_somebody_elses_session_is_refused_and_nothing_is_told(shop, paid, as_, leyla, aram):
    _browser, there = paid
    asked = len(shop.requests())
    assert refused(comes_back(as_(leyla), there))
    assert len(shop.requests()) == asked, "Stripe is not even asked"
    assert not Membership.objects.exists()


@pytest.mark.parametrize(
    "forged", ["", "cs_test_forged", "%00", "x" * 300, "../../v1/customers", "{CHECKOUT_SESSION_ID}"]
)
def test_a35_a_forged_session_is_refused(shop, as_, aram, forged):
    assert refused(as_(aram).get(f"/join/done/?session_id={forged}"))
    assert refused(as_(aram).get("/join/done/"))
    assert not shop.requests()


def test_a35_a_contribution_of_ones_own_is_no_membership(shop, as_, aram):
    Intent.objects.create(user=aram, kind=Intent.Kind.CONTRIBUTION, amount=500, currency="EUR", session="cs_1")
    assert refused(as_(aram).get("/join/done/?session_id=cs_1"))


def test_a35_an_expired_session_says_that_nothing_was_charged(shop, as_, aram):
    browser = as_(aram)
    choose(browser)
    intent = Intent.objects.get()
    shop.client.v1.checkout.sessions.expire(intent.session)
    response = browser.get(f"/join/done/?session_id={intent.session}")
    assert "This payment page is closed Nothing was charged." in text(response)
    intent.refresh_from_db()
    assert intent.state == Intent.State.EXPIRED
    assert not Membership.objects.exists()


def test_a35_an_unpaid_session_leads_back_to_its_page(shop, as_, aram):
    browser = as_(aram)
    left = choose(browser)
    response = browser.get(f"/join/done/?session_id={Intent.objects.get().session}")
    assert "Nothing is paid yet" in text(response)
    assert f'href="{left.url}"' in response.content.decode()
    assert not Membership.objects.exists()


def test_who_was_signed_out_meanwhile_signs_in_and_comes_back(shop, paid, stranger):
    _browser, there = paid
    response = comes_back(stranger, there)
    assert response.url.startswith(reverse("account_login"))
    assert "session_id%3D" in response.url


# Money that needs days


def test_a_bank_that_needs_days_is_said_and_the_member_reads_meanwhile(shop, as_, aram):
    page = pays(as_(aram), shop, SLOW)
    assert WELCOME in text(page)
    assert "Your bank tells us in a few days" in text(page)


def test_whether_money_is_on_its_way_is_looked_for_among_ones_own_payments(shop, paid):
    """Of a million members' payments a walk through all would be a page that never comes."""
    browser, there = paid
    with CaptureQueriesContext(connection) as asked:
        comes_back(browser, there)
    looks = [one["sql"] for one in asked if one["sql"].startswith("SELECT") and 'FROM "billing_payment"' in one["sql"]]
    assert looks
    assert all('"billing_payment"."user_id" = ' in sql for sql in looks)


def test_a_trial_says_until_when_it_is_free(shop, as_, aram):
    Plan.objects.filter(name="Reader").update(trial_days=7)
    said = text(pays(as_(aram), shop))
    assert WELCOME in said
    assert "Free until" in said
    assert Membership.objects.get().status == Status.TRIALING


# Stripe is away


@pytest.mark.parametrize("what", ["500", "429", "reset", "timeout"])
def test_where_stripe_cannot_be_asked_nothing_is_lost_and_nobody_pays_twice(shop, paid, aram, what, monkeypatch):
    monkeypatch.setattr("members.billing.client.TIMEOUT", (1, 1))
    from members.billing import client

    client._client.cache_clear()
    browser, there = paid
    shop.faults({"what": what, "path": "/v1/checkout/sessions", "times": 4, "seconds": 3})
    response = comes_back(browser, there)
    assert response.status_code == 503
    assert "Nothing is lost" in text(response)
    assert "Do not pay again." in text(response)
    client._client.cache_clear()
    shop.faults()
    assert WELCOME in text(comes_back(browser, there))
    assert one_membership(aram)


def test_where_the_webhook_came_before_stripe_went_away_the_member_is_welcome(shop, paid, stranger):
    browser, there = paid
    shop.deliver(stranger)
    shop.faults({"what": "500", "path": "/v1/", "times": 40})
    assert WELCOME in text(comes_back(browser, there))


# What came of it, as a table


def held(status=Status.ACTIVE, subscription="sub_1", ends_at=None):
    return Membership(plan=Plan(pk=1, level=10), status=status, stripe_subscription=subscription, ends_at=ends_at)


NOW = timezone.now()


@pytest.mark.parametrize(
    ("state", "membership", "on_its_way", "heard", "came"),
    [
        ("paid", held(), False, True, Came.WELCOME),
        ("paid", held(), False, False, Came.WELCOME),
        ("paid", held(Status.TRIALING), False, True, Came.WELCOME),
        ("paid", held(), True, True, Came.LATER),
        ("paid", held(Status.INCOMPLETE), True, True, Came.LATER),
        ("paid", held(Status.INCOMPLETE), False, True, Came.WAITS),
        ("paid", None, False, True, Came.WAITS),
        ("paid", held(subscription="sub_2"), False, True, Came.TWICE),
        ("paid", held(ends_at=NOW - timedelta(days=1)), False, True, Came.WAITS),
        ("paid", None, False, False, Came.UNHEARD),
        ("open", None, False, True, Came.OPEN),
        ("open", held(), False, False, Came.UNHEARD),
        ("open", held(), False, True, Came.OPEN),
        ("expired", None, False, True, Came.EXPIRED),
    ],
)
def test_what_came_of_it(state, membership, on_its_way, heard, came):
    intent = Intent(state=state, subscription="sub_1")
    assert outcome(intent, membership, on_its_way, heard, NOW) == came


def test_who_loads_the_page_again_and_again_does_not_ask_stripe_each_time(shop, as_, aram):
    browser = as_(aram)
    page = pays(browser, shop)
    assert page.status_code == 200
    last = shop.requests()[-1]["id"]
    address = page.request["PATH_INFO"] + "?" + page.request["QUERY_STRING"]
    for _again in range(5):
        assert "Welcome" in text(browser.get(address))
    assert shop.requests(after=last) == []
