"""Migrations of the members' tables that carry rows over, forward and back."""

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

pytestmark = pytest.mark.django_db(transaction=True)

BEFORE_PRICES, PRICES = [("members", "0004_sessions_and_invitations")], [("members", "0005_prices")]


@pytest.fixture
def at():
    """at(targets) migrates there and is the apps as they were then."""

    def migrate(targets):
        MigrationExecutor(connection).migrate(targets)
        return MigrationExecutor(connection).loader.project_state(targets).apps

    yield migrate
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes())


def test_what_a_plan_costs_a_month_becomes_a_price_of_it_and_a_plans_cost_again(at):
    plans = at(BEFORE_PRICES).get_model("members", "Plan").objects
    plans.create(name="Friend", slug="friend", amount=500, currency="EUR")
    plans.create(name="Patron", slug="patron", amount=1250, currency="JPY", level=20)

    apps = at(PRICES)
    prices, plans = apps.get_model("members", "Price").objects, apps.get_model("members", "Plan").objects
    told = prices.order_by("plan__slug").values_list("plan__slug", "interval", "currency", "amount", "is_offered")
    assert list(told) == [("friend", "month", "EUR", 500, True), ("patron", "month", "JPY", 1250, True)]

    friend = plans.get(slug="friend").pk
    prices.filter(plan_id=friend).update(is_offered=False)
    prices.create(plan_id=friend, interval="month", currency="EUR", amount=600)
    prices.create(plan_id=friend, interval="year", currency="EUR", amount=6000)
    plans.create(name="New", slug="new")
    told = at(BEFORE_PRICES).get_model("members", "Plan").objects.order_by("slug")
    assert list(told.values_list("slug", "amount", "currency")) == [
        ("friend", 600, "EUR"), ("new", 0, "EUR"), ("patron", 1250, "JPY")
    ]  # fmt: skip
