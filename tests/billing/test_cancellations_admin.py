"""Why members leave, for owners to read."""

import pytest
from django.urls import reverse

from members.billing.models import Cancellation
from members.models import User
from tests.members.factors import give_app

pytestmark = pytest.mark.django_db

LIST = "admin:billing_cancellation_changelist"


@pytest.fixture
def answer(aram):
    return Cancellation.objects.create(user=aram, reason="time", text="I read on paper.")


def test_owners_read_the_answers_and_not_whose_they_are(as_, answer):
    owner = User.objects.create_superuser("owner@example.com")
    give_app(owner)
    browser = as_(owner)
    for address in (reverse(LIST), reverse("admin:billing_cancellation_change", args=[answer.pk])):
        page = browser.get(address).content.decode()
        assert "I read too little of it" in page
        assert "I read on paper." in page
        assert "Aram" not in page
        assert "aram@" not in page


def test_nobody_else_does(as_, answer, davit, nino):
    for user in (davit, nino):
        give_app(user)
        assert as_(user).get(reverse(LIST)).status_code in (302, 403)


def test_nothing_is_written_there(as_, answer):
    owner = User.objects.create_superuser("owner@example.com")
    give_app(owner)
    assert as_(owner).post(reverse("admin:billing_cancellation_delete", args=[answer.pk])).status_code == 403
    assert Cancellation.objects.exists()
