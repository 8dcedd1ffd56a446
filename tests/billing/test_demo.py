"""The demo's payments: a sandbox beside the newsroom, its plans on sale, and a member who pays."""

import urllib.request
from urllib.parse import urlsplit

import pytest

from members.accounts.demo import MEMBER
from members.models import Membership, Plan, Price, User
from newsroom.management.commands import _cast as cast
from newsroom.management.commands import _readiness as readiness
from newsroom.management.commands import _sandbox as till
from tests.test_demo import free_port, room  # noqa: F401 (a fixture)

pytestmark = pytest.mark.django_db


@pytest.fixture
def demo(db, settings, sandbox):
    settings.STRIPE_SECRET_KEY, settings.STRIPE_API_BASE = till.KEY, sandbox.url
    cast.make("a word for today")


def test_the_demos_member_pays_and_is_no_longer_given_anything(demo, sandbox, now):
    till.furnish()
    member = User.objects.get(email=MEMBER)
    assert (member.membership.status, member.membership.amount) == ("active", 500)
    assert not member.grants.running(now).exists()
    assert Membership.objects.get().standing_at(now).member
    till.furnish()
    assert len(sandbox.client.v1.subscriptions.list().data) == 1
    cast.make(cast.password())
    assert not member.grants.running(now).exists()


def test_what_the_desk_offers_is_on_sale(demo, sandbox):
    till.furnish()
    assert not Price.objects.offered().filter(plan__slug="friend", stripe_id=None).exists()


def test_where_nothing_is_on_offer_the_member_stays_a_guest(demo, sandbox, now):
    Plan.objects.update(archived_at=now)
    till.furnish()
    assert User.objects.get(email=MEMBER).grants.running(now).exists()
    assert not Membership.objects.exists()


def test_the_sandbox_lives_as_long_as_the_demo(request, settings):
    folder = request.getfixturevalue("room")
    settings.STRIPE_SECRET_KEY = settings.STRIPE_API_BASE = ""
    port = free_port()
    with till.running("127.0.0.1", port) as told:
        assert set(told) == {"STRIPE_SECRET_KEY", "STRIPE_API_BASE", "STRIPE_WEBHOOK_SECRET"}
        assert urllib.request.urlopen(f"{told['STRIPE_API_BASE']}/control/").status == 200  # noqa: S310 our own sandbox
        assert (folder / "sandbox.sqlite3").exists()
    assert readiness.port_is_free("127.0.0.1", urlsplit(told["STRIPE_API_BASE"]).port)
    assert settings.STRIPE_SECRET_KEY == ""


@pytest.mark.parametrize("key", ["sk_test_of_somebody", "sk_live_of_somebody"])
def test_where_a_key_is_set_payments_go_where_it_leads_and_no_sandbox_starts(request, settings, key):
    folder = request.getfixturevalue("room")
    settings.STRIPE_SECRET_KEY = key
    with till.running("127.0.0.1", free_port()) as told:
        assert told == {}
    assert not (folder / "sandbox.sqlite3").exists()
    assert key == settings.STRIPE_SECRET_KEY
