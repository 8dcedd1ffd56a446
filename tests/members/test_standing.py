"""What a membership and its grants come to, to the microsecond, and that every way to ask says the same."""

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest
from django.conf import settings
from django.test import RequestFactory

from members.accounts.roles import appoint
from members.models import Grant, Membership, Plan, User
from members.sessions import signed_in, standing_of
from members.standing import NONE, Rank, Standing, Status, of_membership, with_grant

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
MOMENT = timedelta(microseconds=1)
GRACE = timedelta(days=14)
RANK, GIVEN = Rank(1, 10), Rank(2, 20)

# When the payment first failed -> whether the days of grace still run.
FAILED = {None: False, NOW: True, NOW - GRACE + MOMENT: True, NOW - GRACE: False, NOW - GRACE - MOMENT: False}
# When it ends -> whether it is over.
ENDS = {None: False, NOW + MOMENT: False, NOW: True, NOW - MOMENT: True}
MEMBER, OWES, NOTHING = Standing(True, frozenset({RANK})), Standing(owes=True), NONE


def expected(status, failed_at, ends_at):
    """The rules once more, in other words."""
    if ENDS[ends_at] or status == "canceled":
        return NOTHING if status.startswith("incomplete") else Standing(lapsed=True)
    if status in ("trialing", "active"):
        return MEMBER
    if status == "past_due":
        return Standing(True, frozenset({RANK}), failed_at + GRACE) if FAILED[failed_at] else OWES
    return OWES if status == "unpaid" else NOTHING


@pytest.mark.parametrize("status", [str(status) for status in Status])
def test_each_state_gives_what_the_rules_say_at_every_boundary(status):
    for failed_at, ends_at in product(FAILED, ENDS):
        held = of_membership(status, failed_at, ends_at, RANK, NOW, GRACE)
        assert held == expected(status, failed_at, ends_at), (failed_at, ends_at)


def test_a_state_that_nobody_knows_gives_nothing():
    assert of_membership("something new", None, None, RANK, NOW, GRACE) == NONE


def test_without_days_of_grace_a_failed_payment_closes_at_once():
    assert of_membership(Status.PAST_DUE, NOW, None, RANK, NOW, timedelta(0)) == OWES


def test_a_grant_makes_a_member_of_whoever_has_it_and_owes_nothing():
    for failed_at, ends_at, status in product(FAILED, ENDS, Status):
        own = of_membership(status, failed_at, ends_at, RANK, NOW, GRACE)
        for rank, plans in ((None, own.plans), (GIVEN, own.plans | {GIVEN})):
            assert with_grant(own, rank) == Standing(True, plans, own.grace_until, owes=False)


# Grants as (from, until, revoked at, whether they name the plan) -> whether they run now.
GRANTS = {
    None: False,
    (NOW - GRACE, None, None, False): True,
    (NOW - GRACE, None, None, True): True,
    (NOW, NOW + MOMENT, None, True): True,
    (NOW + MOMENT, None, None, True): False,
    (NOW - GRACE, NOW, None, True): False,
    (NOW - GRACE, None, NOW - MOMENT, False): False,
}


@pytest.fixture
def plans(db):
    low = Plan.objects.create(name="Reader", slug="reader", level=10)
    return low, Plan.objects.create(name="Patron", slug="patron", level=20)


@pytest.fixture
def at_now(time_machine):
    time_machine.move_to(NOW, tick=False)


def by_session(browser):
    """The standing that one query for session, account, membership and grants tells."""
    request = RequestFactory().get("/")
    request.COOKIES["sessionid"] = browser.cookies["sessionid"].value
    return standing_of(signed_in(request), NOW)


@pytest.mark.parametrize("status", [str(status) for status in Status])
def test_session_account_and_membership_tell_the_same(at_now, plans, aram, as_, status):
    browser, (plan, given) = as_(aram), plans
    Membership.objects.create(user=aram, plan=plan, status=status)
    for failed_at, ends_at, grant in product(FAILED, ENDS, GRANTS):
        Membership.objects.update(failed_at=failed_at, ends_at=ends_at)
        Grant.objects.all().delete()
        if grant is not None:
            starts_at, until, revoked_at, named = grant
            named = given if named else None
            Grant.objects.create(user=aram, starts_at=starts_at, ends_at=until, revoked_at=revoked_at, plan=named)
        held = Membership.objects.get().standing_at(NOW)
        if GRANTS[grant]:
            held = with_grant(held, given.rank if grant[3] else None)
        assert held == standing_of(User.objects.get(pk=aram.pk), NOW) == by_session(browser), (
            failed_at,
            ends_at,
            grant,
        )
    assert settings.GRACE == GRACE


def test_an_account_without_a_membership_has_what_its_grants_give(at_now, plans, aram, as_):
    browser, (low, high) = as_(aram), plans
    assert standing_of(aram, NOW) == by_session(browser) == NONE
    Grant.objects.create(user=aram, reason="for all", starts_at=NOW)
    assert standing_of(aram, NOW) == by_session(browser) == Standing(True)
    Grant.objects.create(user=aram, reason="low", starts_at=NOW, plan=low)
    assert standing_of(aram, NOW) == by_session(browser) == Standing(True, frozenset({low.rank}))
    # All that run count: of two plans of one level neither includes the other.
    beside = Plan.objects.create(name="Listener", slug="listener", level=10)
    Grant.objects.create(user=aram, reason="high", starts_at=NOW, plan=high)
    Grant.objects.create(user=aram, reason="beside", starts_at=NOW, plan=beside)
    Grant.objects.create(user=aram, reason="low again", starts_at=NOW, plan=low)
    held = frozenset({low.rank, high.rank, beside.rank})
    assert standing_of(aram, NOW) == by_session(browser) == Standing(True, held)


def test_what_another_account_has_is_of_no_use(at_now, plans, aram, leyla, as_):
    Membership.objects.create(user=leyla, plan=plans[1], status=Status.ACTIVE)
    assert standing_of(aram, NOW) == by_session(as_(aram)) == NONE


def test_the_database_finds_those_who_are_members_and_no_others(plans, at_now):
    states = list(product(Status, FAILED, ENDS))
    users = User.objects.bulk_create([User(email=f"{n}@example.com") for n in range(len(states))])
    held = [
        Membership(user=user, plan=plans[0], status=status, failed_at=failed_at, ends_at=ends_at)
        for user, (status, failed_at, ends_at) in zip(users, states, strict=True)
    ]
    Membership.objects.bulk_create(held)
    running = set(Membership.objects.running(NOW).values_list("user", flat=True))
    assert running == {one.user_id for one in held if one.standing_at(NOW).member}


def test_the_desks_list_shows_who_pays_as_a_member(plans, as_, aram):
    """Owners read by what and how it stands; whoever does not see payments, whether somebody is one."""
    owner = as_(User.objects.create_superuser("owner@example.com", "the river rises at noon"))
    editor = User.objects.create_user("editor@example.com")
    appoint(editor, User.Role.EDITOR)
    listed = "/admin/members/user/?q=aram"
    Membership.objects.create(user=aram, plan=plans[0], status=Status.ACTIVE)
    assert f"{plans[0].name}: Active</a>" in owner.get(listed).content.decode()
    assert 'class="field-member"><img src="/static/admin/img/icon-yes.svg"' in as_(editor).get(listed).content.decode()
    Membership.objects.update(status=Status.PAUSED)
    assert f"{plans[0].name}: Paused</a>" in owner.get(listed).content.decode()
    assert "icon-no.svg" in as_(editor).get(listed).content.decode()
