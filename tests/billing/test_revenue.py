"""Revenue: what memberships bring in a month, why that changed, and that both agree."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from members.billing import ledger, revenue
from members.billing.ledger import Worth
from members.billing.models import Movement
from members.billing.revenue import Line, Moved
from members.models import Grant, Membership, User
from tests.plans import sold

Kind = Movement.Kind
JULY, AUGUST, SEPTEMBER = date(2026, 7, 1), date(2026, 8, 1), date(2026, 9, 1)


def moved(month, kind, amount, currency="EUR", count=1):
    return datetime(month.year, month.month, 1, tzinfo=UTC), currency, kind, amount, count


# What there is now


def test_a_year_is_a_twelfth_a_month_rounded_for_each_membership():
    rows = [(1, "EUR", "month", 1, 500, 3), (1, "EUR", "year", 1, 5000, 2), (1, "EUR", "month", 3, 1000, 1)]
    assert revenue.lines(rows, {1: "Friend"}) == {"EUR": [Line("Friend", 6, 1500 + 2 * 417 + 333)]}


def test_currencies_are_never_added_up_and_plans_stand_as_they_are_listed():
    rows = [(2, "EUR", "month", 1, 900, 1), (1, "GEL", "month", 1, 1500, 1), (1, "EUR", "month", 1, 500, 1)]
    told = revenue.lines(rows, {1: "Friend", 2: "Patron"})
    assert told == {"EUR": [Line("Friend", 1, 500), Line("Patron", 1, 900)], "GEL": [Line("Friend", 1, 1500)]}
    assert revenue.total(told["EUR"]) == Line("", 2, 1400)


# How it came about


def test_each_month_begins_with_what_the_last_one_ended_with_and_none_is_left_out():
    rows = [
        moved(JULY, Kind.NEW, 1000, count=2),
        moved(SEPTEMBER, Kind.CHURNED, -500),
        moved(SEPTEMBER, Kind.EXPANSION, 400),
    ]
    july, august, september = revenue.months(rows, SEPTEMBER)["EUR"]
    assert (july.before, july.moved[Kind.NEW], july.after) == (0, Moved(1000, 2), 1000)
    assert (august.month, august.before, august.after) == (AUGUST, 1000, 1000)
    assert (september.before, september.after) == (1000, 900)
    assert september.moved[Kind.RECOVERED] == Moved(0, 0)


def test_the_last_month_is_this_one_though_nothing_moved_in_it():
    assert [month.month for month in revenue.months([moved(JULY, Kind.NEW, 500)], SEPTEMBER)["EUR"]] == [
        JULY,
        AUGUST,
        SEPTEMBER,
    ]


def test_without_a_movement_there_is_nothing_to_tell():
    assert revenue.months([], SEPTEMBER) == {}
    assert revenue.lines([], {}) == {}


MOMENTS = some.none() | some.builds(
    Worth, some.sampled_from([1, 2]), some.just("month"), some.integers(1, 5000), some.sampled_from(["EUR", "GEL"])
)


@given(people=some.lists(some.lists(MOMENTS, max_size=8), max_size=5))
@settings(deadline=None)
def test_the_sum_of_all_movements_is_what_memberships_bring_now(people):
    """Whatever becomes of whom: each goes from one worth to the next, perhaps none, and ends with the last."""
    rows, brought = [], {}
    for states in people:
        before, counted = None, False
        for number, after in enumerate(states):
            month = date(2026, 1 + number, 1)
            told = ledger.movements(before, after, counted)
            rows += [moved(month, kind, change, worth.currency) for kind, worth, change in told]
            before, counted = after, counted or bool(told)
        if before:
            brought[before.currency] = brought.get(before.currency, 0) + before.monthly
    told = revenue.months(rows, SEPTEMBER)
    assert {currency: months[-1].after for currency, months in told.items() if months[-1].after} == brought


# From the database


@pytest.fixture
def plans(db):
    return sold("Friend"), sold("Patron", amount=1500, currency="GEL")


def member(name, plan, status="active", amount=500, currency="EUR", interval="month"):
    user = User.objects.create_user(f"{name}@example.com")
    held = {"status": status, "amount": amount, "currency": currency, "interval": interval}
    return Membership.objects.create(user=user, plan=plan, stripe_subscription=f"sub_{name}", **held)


def test_what_counts_is_what_is_paid_or_owed_while_stripe_still_tries(plans):
    friend, _patron = plans
    for status in ("active", "past_due"):
        member(status, friend, status)
    for status in ("trialing", "unpaid", "incomplete", "paused", "canceled", "suspended"):
        member(status, friend, status)
    member("free", friend, amount=0)
    # By hand: nobody pays for it.
    Membership.objects.create(user=User.objects.create_user("hand@example.com"), plan=friend, status="active")
    assert revenue.now() == {"EUR": [Line("Friend", 2, 1000)]}


def test_months_are_those_of_the_sites_time_zone(plans, settings):
    settings.TIME_ZONE = "Asia/Tbilisi"
    friend, _patron = plans
    user = User.objects.create_user("ana@example.com")
    at = datetime(2026, 7, 31, 21, tzinfo=UTC)
    Movement.objects.create(user=user, kind=Kind.NEW, plan=friend, interval="month", amount=500, currency="EUR", at=at)
    assert revenue.by_month()["EUR"][0].month == AUGUST
    assert revenue.table()[0]["month"] == "2026-08"


def test_by_plan_there_are_its_movements_alone(plans):
    user = User.objects.create_user("ana@example.com")
    for plan, amount in zip(plans, (500, 700), strict=True):
        told = {"plan": plan, "interval": "month", "amount": amount, "currency": "EUR"}
        Movement.objects.create(user=user, kind=Kind.NEW, at=datetime(2026, 7, 5, tzinfo=UTC), **told)
    assert revenue.by_month()["EUR"][0].moved[Kind.NEW] == Moved(1200, 2)
    assert revenue.by_month(plans[0])["EUR"][0].moved[Kind.NEW] == Moved(500, 1)


def test_what_was_paid_another_way_stands_apart_by_way_month_and_currency(plans, aram):
    until = datetime(2027, 8, 1, tzinfo=UTC)
    for day, way, amount in ((3, "bank", 5000), (9, "bank", 2500), (9, "cash", 900)):
        told = {"starts_at": datetime(2026, 8, day, tzinfo=UTC), "ends_at": until, "currency": "EUR"}
        Grant.objects.create(user=aram, reason="x", paid_through=way, amount=amount, **told)
    Grant.objects.create(user=aram, reason="a friend of the house")
    assert revenue.elsewhere() == [(AUGUST, "Bank transfer", "EUR", 7500, 2), (AUGUST, "Cash", "EUR", 900, 1)]
    assert revenue.now() == {}


def test_the_table_has_whole_units_that_spreadsheets_add_up(plans):
    user = User.objects.create_user("ana@example.com")
    for amount, currency in ((-450, "EUR"), (500, "JPY"), (1500, "KWD")):
        told = {"plan": plans[0], "interval": "month", "amount": amount, "currency": currency}
        Movement.objects.create(user=user, kind=Kind.CHURNED, at=datetime(2026, 7, 5, tzinfo=UTC), **told)
    assert [(row["currency"], str(row["amount"])) for row in revenue.table()] == [
        ("EUR", "-4.50"), ("JPY", "500"), ("KWD", "1.500"),
    ]  # fmt: skip


def test_the_figures_cost_a_few_queries_however_many_members(plans, django_assert_num_queries):
    for number in range(20):
        member(f"reader{number}", plans[number % 2])
    with django_assert_num_queries(2):
        revenue.now()
    with django_assert_num_queries(1):
        revenue.by_month()


def test_every_figure_says_how_it_is_made():
    assert set(revenue.HOW) == {"mrr", "elsewhere", *Kind}
    assert all(str(words).endswith(".") for words in revenue.HOW.values())
