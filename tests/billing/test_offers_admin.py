"""Offers in the desk."""

from datetime import UTC, datetime

import pytest
from django.urls import reverse

from members.billing.models import Intent, Offer
from members.models import User
from tests.members.desk import deeds, page_of, someone
from tests.plans import sold

pytestmark = pytest.mark.django_db

LIST, ADD = reverse("admin:billing_offer_changelist"), reverse("admin:billing_offer_add")
SPRING = {
    "name": "Spring", "code": "spring", "percent": "20", "amount": "", "currency": "", "lasts": "once", "months": "",
    "trial_days": "0", "starts_at_0": "", "starts_at_1": "", "ends_at_0": "", "ends_at_1": "", "times": "",
}  # fmt: skip


@pytest.fixture
def publisher(as_):
    return as_(someone(User.Role.PUBLISHER))


@pytest.fixture
def plan(db):
    return sold("Friend")


def taken(offer, user, state=Intent.State.PAID):
    return Intent.objects.create(user=user, offer=offer, kind="membership", state=state, amount=400, currency="EUR")


@pytest.mark.parametrize(
    ("sent", "kept", "said"),
    [
        ({}, {"percent": 20, "amount": None, "currency": ""}, "20 %"),
        (
            {"percent": "", "amount": "2,50", "currency": "eur"},
            {"percent": None, "amount": 250, "currency": "EUR"},
            "€2.50",
        ),
        ({"lasts": "repeating", "months": "3"}, {"lasts": "repeating", "months": 3}, "20 %"),
        ({"lasts": "forever", "percent": "100"}, {"lasts": "forever", "percent": 100}, "100 %"),
        ({"percent": "", "trial_days": "30"}, {"percent": None, "trial_days": 30}, "30 days on trial"),
        ({"times": "5"}, {"times": 5}, "20 %"),
        (
            {"starts_at_0": "2026-03-01", "starts_at_1": "00:00", "ends_at_0": "2026-04-01", "ends_at_1": "00:00"},
            {"starts_at": datetime(2026, 2, 28, 20, tzinfo=UTC), "ends_at": datetime(2026, 3, 31, 20, tzinfo=UTC)},
            "20 %",
        ),
    ],
)
def test_a_publisher_makes_an_offer_and_reads_in_the_list_what_it_gives(publisher, plan, sent, kept, said):
    assert publisher.post(ADD, SPRING | sent).status_code == 302
    offer = Offer.objects.get()
    assert {name: getattr(offer, name) for name in kept} == kept
    assert said in publisher.get(LIST).content.decode()


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"percent": ""}, "Say what it gives: percent off, an amount off, or days on trial."),
        ({"percent": "0"}, "Say what it gives"),
        ({"percent": "-5"}, "Ensure this value is greater than or equal to"),
        ({"percent": "101"}, "Ensure this value is less than or equal to 100."),
        ({"amount": "2", "currency": "EUR"}, "An offer takes off either percent or an amount."),
        ({"percent": "", "amount": "2"}, "Say in which currency the amount is."),
        ({"percent": "", "amount": "two", "currency": "EUR"}, "Type an amount such as 4.50."),
        ({"percent": "", "amount": "0", "currency": "EUR"}, "Type more than nothing."),
        ({"percent": "", "amount": "-2", "currency": "EUR"}, "Type an amount such as 4.50."),
        ({"percent": "", "amount": "2", "currency": "GEL"}, "No plan that it is for has a price in this currency."),
        ({"percent": "", "amount": "2", "currency": "euros"}, "A currency is three capital letters"),
        ({"currency": "EUR"}, "A currency goes with an amount off, and with nothing else."),
        ({"trial_days": "7"}, "takes money off or gives days on trial, which would use it up"),
        ({"lasts": "repeating"}, "Say for how many months."),
        ({"lasts": "repeating", "months": "0"}, "Say for how many months."),
        ({"months": "3"}, "Months go with an offer that lasts some months, and with no other."),
        ({"times": "0"}, "An offer that nobody can take: archive it instead."),
        (
            {"starts_at_0": "2026-04-01", "starts_at_1": "00:00", "ends_at_0": "2026-03-01", "ends_at_1": "00:00"},
            "An offer ends after it starts.",
        ),
        ({"code": "spring 26"}, "Enter a valid “slug”"),
        ({"name": ""}, "This field is required."),
        ({"name": "n" * 41}, "at most 40 characters"),
    ],
)
def test_an_offer_that_says_nothing_or_two_things_is_refused_in_words(publisher, plan, sent, said):
    response = publisher.post(ADD, SPRING | sent)
    assert response.status_code == 200
    assert said in response.content.decode()
    assert not Offer.objects.exists()


def test_an_amount_off_is_in_a_currency_of_the_plans_it_is_for(publisher, plan):
    other = sold("Patron", 3000, "GEL")
    sent = SPRING | {"percent": "", "amount": "5", "currency": "GEL"}
    assert publisher.post(ADD, sent | {"plans": [plan.pk]}).status_code == 200
    assert publisher.post(ADD, sent | {"plans": [plan.pk, other.pk]}).status_code == 302
    assert set(Offer.objects.get().plans.all()) == {plan, other}


def test_a_code_is_taken_in_whatever_letters(publisher, plan, now):
    Offer.objects.create(name="Old", code="Spring", percent=10, archived_at=now)
    assert "There is an offer of this code already" in publisher.post(ADD, SPRING).content.decode()


def test_an_offers_page_shows_its_link_and_how_often_it_was_taken(publisher, aram, leyla):
    offer = Offer.objects.create(name="Spring", code="spring", percent=20)
    taken(offer, leyla)
    taken(offer, aram, Intent.State.OPEN)
    page = publisher.get(page_of(offer)).content.decode()
    assert "http://localhost:8000/join/?offer=spring" in page
    assert '<div class="readonly">1</div>' in page, "by who paid; the other may yet think better of it"
    assert "leyla" not in page


@pytest.mark.parametrize("known", ["taken", "at Stripe"])
def test_what_an_offer_gives_stays_once_somebody_took_it_or_stripe_knows_it(publisher, plan, leyla, known):
    offer = Offer.objects.create(name="Spring", code="spring", percent=20)
    if known == "taken":
        taken(offer, leyla)
    else:
        Offer.objects.update(stripe_coupon="co_1")
    sent = SPRING | {"code": "other", "percent": "90", "lasts": "forever", "name": "Spring 2026", "times": "9"}
    sent |= {"ends_at_0": "2099-01-01", "ends_at_1": "00:00"}
    assert publisher.post(page_of(offer), sent).status_code == 302
    kept = Offer.objects.get()
    assert (kept.code, kept.percent, kept.lasts, kept.times) == ("spring", 20, "once", None)
    assert (kept.name, kept.ends_at.year) == ("Spring 2026", 2098)


def test_an_offer_that_nobody_knows_yet_may_still_change(publisher, plan):
    offer = Offer.objects.create(name="Spring", code="spring", percent=20)
    publisher.post(page_of(offer), SPRING | {"percent": "", "amount": "2", "currency": "EUR"})
    kept = Offer.objects.get()
    assert (kept.percent, kept.amount, kept.currency) == (None, 200, "EUR")
    publisher.post(page_of(offer), SPRING | {"percent": "15"})
    kept = Offer.objects.get()
    assert (kept.percent, kept.amount, kept.currency) == (15, None, "")


def test_offers_are_archived_from_the_list_once_and_never_deleted(publisher):
    offer = Offer.objects.create(name="Spring", code="spring", percent=20)
    for _again in range(2):
        publisher.post(LIST, {"action": "archive", "_selected_action": offer.pk})
    assert Offer.objects.get().archived_at
    assert deeds() == [("archived an offer", "offer", "spring", "")]
    assert publisher.post(page_of(offer, "delete"), {"post": "yes"}).status_code == 403
    publisher.post(LIST, {"action": "delete_selected", "_selected_action": offer.pk, "post": "yes"})
    assert Offer.objects.exists()
    assert "Spring" in publisher.get(LIST, {"state": "archived"}).content.decode()
    assert "Spring" not in publisher.get(LIST, {"state": "running"}).content.decode()


def test_who_changes_an_offer_is_in_the_audit_log(publisher, plan):
    publisher.post(ADD, SPRING)
    publisher.post(page_of(Offer.objects.get()), SPRING | {"times": "5"})
    assert ("made an offer", "offer", "spring", "percent: None → 20") in deeds()
    assert deeds()[-1] == ("changed an offer", "offer", "spring", "times: None → 5")


@pytest.mark.parametrize("role", [User.Role.EDITOR, User.Role.REPORTER])
def test_whoever_does_not_publish_sees_no_offers(as_, role):
    offer = Offer.objects.create(name="Spring", code="spring", percent=20)
    browser = as_(someone(role))
    for address in (LIST, ADD, page_of(offer)):
        assert browser.get(address).status_code == 403
        assert browser.post(address, SPRING).status_code == 403
