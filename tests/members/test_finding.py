"""How the desk finds accounts: by what it knows of them, by filters, and no more than its finder may know."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse

from members.accounts.admin import finding
from members.billing.models import Customer, Payment
from members.models import Grant, Membership, User
from tests.plans import sold

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 10, 12, tzinfo=UTC)
DAY = timedelta(days=1)
LIST = "/admin/members/user/"


@pytest.fixture(autouse=True)
def november(time_machine):
    time_machine.move_to(NOW, tick=False)


@pytest.fixture
def desk(as_):
    return as_(User.objects.create_superuser("owner@example.com", "the river rises at noon"))


def member(name, status="active", plan=None, expires=None, **fields):
    user = User.objects.create_user(f"{name}@example.com", display_name=f"{name.title()} Beridze")
    Customer.objects.create(user=user, stripe_id=f"cus_{name}", card_expires_on=expires and expires.date())
    plan = plan or sold(f"Plan of {name}")
    Membership.objects.create(user=user, plan=plan, status=status, stripe_subscription=f"sub_{name}", **fields)
    return user


def listed(browser, **query):
    """The names before the @ of the accounts that the list shows."""
    answer = browser.get(LIST, query)
    assert answer.status_code == 200, answer
    return set(re.findall(r'field-email">\s*(?:<a[^>]*>)?(\w+)@', answer.content.decode())) - {"owner"}


# By words


@pytest.fixture
def people(db):
    member("ana")
    User.objects.create_user("beka@example.com", display_name="ანა მელაძე")
    return User.objects.create_user("gia.ana@example.com", display_name="de la Cruz")


@pytest.mark.parametrize(("words", "found"), [
    ("ana@", {"ana"}), ("ANA@example.com", {"ana"}), ("ana", {"ana"}), ("Ana Ber", {"ana"}), ("ana beridze", {"ana"}),
    ("  ana  ", {"ana"}), ("ანა", {"beka"}), ("beka@example.com", {"beka"}), ("nobody", set()), ("%", set()),
])  # fmt: skip
def test_an_account_is_found_by_how_address_or_name_begins(people, desk, words, found):
    assert listed(desk, q=words) == found


@pytest.mark.parametrize(
    ("words", "found"), [("beridze", {"ana"}), ("cruz", {"gia"}), (".ana@", {"gia"}), ("მელაძე", {"beka"})]
)
def test_where_none_begins_so_by_any_part(people, desk, words, found):
    answer = desk.get(LIST, {"q": words}).content.decode()
    assert {name for name in ("ana", "beka", "gia") if f">{name}@" in answer or f">{name}." in answer} == found


def test_by_the_key(people, desk):
    assert f">{people.email}<" in desk.get(LIST, {"q": people.key}).content.decode()


def test_owners_find_by_the_ids_at_stripe_and_nobody_else_does(desk, as_, nino):
    user = member("ana")
    Payment.objects.create(
        user=user, stripe_id="pi_ana", kind="membership", state="paid", amount=1, currency="EUR", at=NOW
    )
    for words in ("cus_ana", "sub_ana", "pi_ana"):
        assert listed(desk, q=words) == {"ana"}, words
        assert listed(as_(nino), q=words) == set(), words


def test_a_million_are_found_by_index(people, django_assert_num_queries):
    """Two questions where something begins so, three where nothing does; each by index but the last."""
    with django_assert_num_queries(2):
        assert len(finding.found(User.objects.all(), "ana@", sees_payments=True)) == 1
    with django_assert_num_queries(1):
        assert len(finding.found(User.objects.all(), "cus_ana", sees_payments=True)) == 1


# By filters


def test_by_the_state_of_the_membership(desk, leyla, aram):
    for status in ("active", "past_due", "canceled"):
        member(status, status)
    assert listed(desk, membership="past_due") == {"past_due"}
    assert listed(desk, membership="canceled") == {"canceled"}
    assert listed(desk, membership="grant") == {"leyla"}
    assert listed(desk, membership="none") == {"aram", "canceled", "past_due"}
    assert len(listed(desk, membership="forged")) == 5


def test_by_plan_whether_paid_or_given(desk, aram, leyla):
    friend = sold("Friend")
    member("ana", plan=friend)
    Grant.objects.create(user=aram, reason="x", plan=friend)
    assert listed(desk, plan="friend") == {"ana", "aram"}
    assert listed(desk, plan="no-such-plan") == set()


def test_by_what_may_go_wrong(desk, aram):
    member("fine", expires=NOW + 400 * DAY, renews_at=NOW + 5 * DAY)
    member("owing", "past_due", failed_at=NOW)
    member("card", expires=NOW + 20 * DAY)
    member("leaving", expires=NOW + 20 * DAY, ends_at=NOW + 3 * DAY)
    member("later", ends_at=NOW + 20 * DAY)
    member("gone", "canceled", expires=NOW + 20 * DAY, ends_at=NOW - DAY)
    member("trying", "trialing", trial_ends_at=NOW + 2 * DAY)
    member("tried", "trialing", trial_ends_at=NOW + 10 * DAY)
    member("disputed", "suspended")
    Grant.objects.create(user=aram, reason="x", ends_at=NOW + 2 * DAY)
    assert {name: listed(desk, risk=name) for name in finding.RISKS} == {
        "failed": {"owing"}, "card": {"card"}, "ends": {"leaving", "aram"}, "trial": {"trying"},
        "disputed": {"disputed"},
    }  # fmt: skip


def test_by_when_they_joined(desk, aram):
    User.objects.filter(pk=aram.pk).update(date_joined=NOW - 400 * DAY)
    member("ana", started_at=NOW - 400 * DAY)
    year = {"date_joined__gte": "2026-01-01 00:00:00+00:00", "date_joined__lt": "2027-01-01 00:00:00+00:00"}
    assert listed(desk, **year) == {"ana"}
    assert listed(desk, **{f"membership__started_at__{how.split('__')[1]}": at for how, at in year.items()}) == set()


def test_what_tells_of_payments_filters_for_owners_alone(as_, nino, desk):
    member("ana", "past_due")
    said = as_(nino).get(LIST).content.decode()
    for told in ("what may go wrong", "By membership", "past_due", "Plan of ana"):
        assert told not in said
        assert told in desk.get(LIST).content.decode() or told == "By membership"
    for query in ({"membership": "past_due"}, {"risk": "failed"}, {"plan": "plan-of-ana"},
                  {"membership__started_at__gte": "2026-01-01"}, {"membership__status": "past_due"}):  # fmt: skip
        assert as_(nino).get(LIST, query).status_code in (302, 400), query


@pytest.mark.parametrize("query", [{"membership__status": "past_due"}, {"membership__plan__id__exact": "1"},
                                   {"customer__stripe_id": "cus_ana"}, {"key__startswith": "a"}])  # fmt: skip
def test_nor_do_owners_filter_by_what_no_filter_offers(desk, query):
    assert desk.get(LIST, query).status_code in (302, 400)


def test_a_list_costs_the_same_however_many_there_are(desk, django_assert_max_num_queries):
    friend = sold("Friend")
    for number in range(30):
        member(f"reader{number}", plan=friend)
    desk.get(LIST)
    with django_assert_max_num_queries(12):
        desk.get(LIST)
    with django_assert_max_num_queries(14):
        desk.get(LIST, {"q": "reader", "risk": "failed", "membership": "active"})


def test_the_list_says_what_each_holds_and_leads_to_the_story(desk, leyla):
    user = member("ana", "past_due")
    said = desk.get(LIST).content.decode()
    assert "Plan of ana: Payment failed" in said
    assert "By a grant" in said
    assert reverse("admin:members_user_member", args=[user.pk]) in said
