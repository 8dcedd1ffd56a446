"""Who is asking is worked out once a request, and an account that is closed is a stranger's."""

import pytest
from django.contrib.auth.models import AnonymousUser

from members import gifts
from members.access import Audience
from members.meter import AccountsMeter, StrangersMeter
from members.models import Membership, Plan
from members.reader import Reader

pytestmark = pytest.mark.django_db


@pytest.fixture
def asked_by(rf):
    def request_of(user):
        request = rf.get("/", headers={"host": "localhost:8000"})
        request.user = user
        return request

    return request_of


def test_a_stranger_has_reached_nothing_and_costs_no_question(asked_by, metered, django_assert_num_queries):
    request = asked_by(AnonymousUser())
    Reader.of(request)
    with django_assert_num_queries(0):
        reader = Reader.of(request)
    assert (reader.level, reader.known, reader.desk, reader.plans) == (Audience.EVERYONE, False, False, frozenset())
    assert (reader.gifts, reader.open_house, reader.crawler) == (gifts.NONE, False, False)
    assert type(reader.meter) is StrangersMeter


def test_who_asks_is_worked_out_once_a_request(asked_by, aram):
    request = asked_by(aram)
    assert Reader.of(request) is Reader.of(request)


def test_an_account_has_what_it_holds(asked_by, metered, aram, leyla, nino, now):
    found = {user: Reader.of(asked_by(user)) for user in (aram, leyla, nino)}
    assert [one.level for one in found.values()] == [Audience.REGISTERED, Audience.MEMBERS, Audience.REGISTERED]
    assert [one.desk for one in found.values()] == [False, False, True]
    # Members and the desk meet no meter.
    assert [type(one.meter) for one in found.values()] == [AccountsMeter, type(None), type(None)]
    plan = Plan.objects.create(name="Reader", slug="reader")
    Membership.objects.create(user=aram, plan=plan, status="past_due", failed_at=now)
    reader = Reader.of(asked_by(type(aram).objects.get(pk=aram.pk)))
    assert (reader.level, reader.plans, reader.owes) == (Audience.MEMBERS, {plan.rank}, False)
    assert reader.grace_until > now
    Membership.objects.update(status="unpaid")
    reader = Reader.of(asked_by(type(aram).objects.get(pk=aram.pk)))
    assert (reader.level, reader.plans, reader.owes) == (Audience.REGISTERED, frozenset(), True)


@pytest.mark.parametrize("field", ["banned_at", "erased_at"])
def test_a_closed_account_is_a_strangers_whatever_it_holds(asked_by, metered, leyla, nino, now, field):
    for user in (leyla, nino):
        setattr(user, field, now)
        user.save()
        reader = Reader.of(asked_by(user))
        assert (reader.level, reader.known, reader.desk) == (Audience.EVERYONE, False, False)
        assert type(reader.meter) is StrangersMeter


def test_an_account_at_a_moment_is_what_it_is_without_any_request(leyla, aram, now):
    assert Reader.of_user(leyla, now).level == Audience.MEMBERS
    assert Reader.of_user(leyla, now.replace(year=now.year - 1)).level == Audience.REGISTERED
    leyla.banned_at = now
    for nobody in (leyla, AnonymousUser()):
        assert Reader.of_user(nobody, now) == Reader.stranger(now)
