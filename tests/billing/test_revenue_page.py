"""The desk's page of revenue: for owners, in words, with a file for spreadsheets."""

import re
from datetime import UTC, datetime

import pytest
from django.urls import reverse

from members.billing import revenue
from members.billing.models import Movement
from members.models import Grant, Membership, User
from tests.plans import sold

pytestmark = pytest.mark.django_db

PAGE, FILE = reverse("admin:billing_movement_changelist"), reverse("admin:billing_movement_csv")
NOW = datetime(2026, 9, 15, 12, tzinfo=UTC)


@pytest.fixture
def desk(as_, time_machine, settings):
    settings.TIME_ZONE = "UTC"
    time_machine.move_to(NOW, tick=False)
    return as_(User.objects.create_superuser("owner@example.com", "the river rises at noon"))


@pytest.fixture
def story(desk, aram, leyla):
    """Two who joined in July, one of whom left in August; and one who paid by bank."""
    friend = sold("Friend")
    held = {"plan": friend, "amount": 500, "currency": "EUR", "interval": "month"}
    Membership.objects.create(user=aram, status="active", stripe_subscription="sub_1", **held)
    Membership.objects.create(user=leyla, status="canceled", stripe_subscription="sub_2", **held)
    for user, kind, amount, month in ((aram, "new", 500, 7), (leyla, "new", 500, 7), (leyla, "churned", -500, 8)):
        told = {"kind": kind, "amount": amount, "at": datetime(2026, month, 3, tzinfo=UTC)}
        Movement.objects.create(user=user, plan=friend, interval="month", currency="EUR", **told)
    Grant.objects.create(user=leyla, reason="x", paid_through="bank", amount=5000, currency="GEL",
                         starts_at=datetime(2026, 9, 2, tzinfo=UTC), ends_at=datetime(2027, 9, 2, tzinfo=UTC))  # fmt: skip


def words(response):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", response.content.decode()))


def test_before_anybody_pays_it_says_so(desk):
    said = words(desk.get(PAGE))
    assert "Nobody pays yet." in said
    assert "Together" not in said


def test_it_tells_what_there_is_how_it_came_about_and_how_each_figure_is_made(desk, story):
    said = words(desk.get(PAGE))
    assert "Now, in EUR" in said
    assert "Friend 1 €5" in said
    assert "Together 1 €5" in said
    assert "September 2026 €5 €5" in said
    assert "August 2026 €10 −€5 (1) €5" in said
    assert "July 2026 €0 +€10 (2) €10" in said
    assert "September 2026 Bank transfer ₾50 1" in said
    for how in revenue.HOW.values():
        assert re.sub(r"\s+", " ", str(how)).replace("'", "&#x27;") in said


def test_by_plan_there_are_its_movements_without_sums_that_nobody_pays(desk, story):
    sold("Patron")
    said = words(desk.get(PAGE, {"plan": "friend"}))
    assert "By month, in EUR: Friend" in said
    assert "At its end" not in said
    assert "July 2026 +€10 (2)" in said
    assert "July 2026" not in words(desk.get(PAGE, {"plan": "patron"}))
    assert "July 2026 €0" in words(desk.get(PAGE, {"plan": "no-such-plan"}))


def test_the_file_has_every_month_in_whole_units(desk, story):
    answer = desk.get(FILE)
    assert answer["Content-Disposition"] == 'attachment; filename="revenue-2026-09-15.csv"'
    assert answer.content.decode().splitlines() == [
        "month,currency,plan,kind,amount,count", "2026-07,EUR,friend,new,10.00,2", "2026-08,EUR,friend,churned,-5.00,1",
    ]  # fmt: skip


def test_it_names_nobody(desk, story):
    for path in (PAGE, FILE):
        said = desk.get(path).content.decode()
        assert "aram" not in said.lower()
        assert "leyla" not in said.lower()


def test_nobody_writes_there(desk, story):
    movement = Movement.objects.first()
    for page in ("change", "delete"):
        path = reverse(f"admin:billing_movement_{page}", args=[movement.pk])
        desk.post(path, {"amount": "0", "post": "yes"})
    assert desk.get(reverse("admin:billing_movement_add")).status_code == 403
    assert Movement.objects.get(pk=movement.pk).amount == movement.amount


def test_it_costs_the_same_however_many_members(desk, story, django_assert_max_num_queries):
    desk.get(PAGE)
    with django_assert_max_num_queries(16):
        desk.get(PAGE)
