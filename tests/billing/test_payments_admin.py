"""All payments, for owners to look through: those of people without an account too."""

from datetime import UTC, datetime

import pytest
from django.urls import reverse

from members.billing.models import Payment
from members.models import User
from tests.members.factors import give_app

pytestmark = pytest.mark.django_db

LIST = reverse("admin:billing_payment_changelist")


@pytest.fixture
def payments(aram):
    told = {"state": "paid", "currency": "EUR", "at": datetime(2026, 11, 20, tzinfo=UTC)}
    Payment.objects.create(stripe_id="pi_1", user=aram, kind="membership", amount=500, refunded=120, **told)
    return Payment.objects.create(stripe_id="pi_2", kind="contribution", amount=2550, **told)


@pytest.fixture
def owner(as_):
    user = User.objects.create_superuser("owner@example.com")
    give_app(user)
    return as_(user)


def test_owners_see_what_was_paid_by_whomever(owner, payments):
    page = owner.get(LIST).content.decode()
    for said in ("€5", "€1.20", "€25.50", "Aram"):
        assert said in page
    assert "pi_2" in owner.get(reverse("admin:billing_payment_change", args=[payments.pk])).content.decode()


@pytest.mark.parametrize(("asked", "found"), [("pi_2", "€25.50"), ("aram@example.com", "€1.20")])
def test_a_payment_is_found_by_its_id_or_by_who_paid(owner, payments, asked, found):
    page = owner.get(LIST, {"q": asked}).content.decode()
    assert found in page
    assert page.count('class="field-paid') == 1


def test_nobody_else_sees_them_and_nobody_writes_there(as_, owner, payments, davit, nino):
    for user in (davit, nino):
        give_app(user)
        assert as_(user).get(LIST).status_code in (302, 403)
    assert owner.post(reverse("admin:billing_payment_delete", args=[payments.pk])).status_code == 403
    assert owner.post(reverse("admin:billing_payment_change", args=[payments.pk]), {"amount": "1"}).status_code == 403
