"""Once a day everything is held against Stripe: whatever was lost or changed is found, told in a line, and put right."""

import io
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from members.billing import customers, drift, quotes, reconcile
from members.billing.arrival import Arrival
from members.billing.checkout import Places, contribute, start
from members.billing.models import Comparison, Customer, Event, Intent, Movement, Notice, Payment, comparison, intent
from members.billing.refresh import refresh
from members.models import Membership, User
from members.standing import Status
from tests.billing.paying import joined, subscription_of
from tests.billing.sandboxed import FAILS_LATER, WORKS
from tests.billing.shop import price
from tests.billing.truth import holds, known, mails
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db
PLACES = Places("http://localhost:8000/join/done/", "http://localhost:8000/join/")


def sync(*arguments):
    """(exit status, lines)."""
    out = io.StringIO()
    try:
        call_command("sync_memberships", *arguments, stdout=out)
        status = 0
    except SystemExit as ended:
        status = ended.code
    return status, out.getvalue().splitlines()


def heard_and_lost(shop):
    """All that Stripe told was kept, and nothing came of it."""
    now = timezone.now()
    for told in shop.client.v1.events.list({"limit": 100}).auto_paging_iter():
        Event.objects.get_or_create(stripe_id=told.id, defaults={"status": "done", "made_at": now, "received_at": now})


@pytest.fixture
def compared(time, shop, leyla):
    """Leyla pays each month, and an hour ago all was as it is at Stripe. The value is her Customer."""
    customer = joined(shop, leyla)
    sync()
    time.passes(hours=1)
    return customer


@pytest.fixture(params=["by lists", "everybody"])
def either(request, compared):
    """After a comparison of yesterday, and after none."""
    if request.param == "everybody":
        Comparison.objects.all().delete()
    return compared


def test_where_nothing_differs_nothing_is_told_and_nothing_written(either, leyla):
    before, written = known(leyla), mails()
    assert sync("--dry-run")[0] == 0
    status, lines = sync()
    assert (status, known(leyla), mails()) == (0, before, written)
    assert len(lines) == 1
    assert ", 0 differed" in lines[0]


def test_who_is_confirmed_by_stripes_lists_is_not_asked_for_one_by_one(compared, shop):
    last = shop.requests()[-1]["id"]
    sync()
    asked = [one["path"] for one in shop.requests(after=last)]
    assert sorted(asked) == ["/v1/customers", "/v1/events", "/v1/subscriptions"]


def change_membership(leyla):
    Membership.objects.filter(user=leyla).update(status=Status.CANCELED, ends_at=timezone.now())


def change_amount(leyla):
    Membership.objects.filter(user=leyla).update(amount=1)


def lose_membership(leyla):
    Membership.objects.filter(user=leyla).delete()


def change_card(leyla):
    Customer.objects.filter(user=leyla).update(card_last4="0000")


def change_subscription(leyla):
    Membership.objects.filter(user=leyla).update(stripe_subscription="sub_of_nobody")


def owe(leyla):
    Customer.objects.filter(user=leyla).update(owed_amount=500, owes_a_word=True)


@pytest.mark.parametrize(
    "damage", [change_membership, change_amount, lose_membership, change_card, change_subscription, owe]
)
def test_whatever_differs_is_told_with_whose_and_what_and_put_right(either, leyla, damage, now):
    before = known(leyla)
    damage(leyla)
    damaged = known(leyla)
    status, told = sync("--dry-run")
    assert status == 1
    assert known(leyla) == damaged, "a dry run changes nothing"
    assert all(line.startswith(f"{leyla.key}: ") and " → " in line for line in told[:-1])
    status, lines = sync()
    assert (status, lines[:-1]) == (0, told[:-1])
    assert known(leyla) == before
    assert sync("--dry-run")[0] == 0


def test_no_line_names_anybody(either, leyla):
    change_membership(leyla)
    said = "\n".join(sync()[1])
    assert "membership status: canceled → active" in said
    assert "@" not in said
    assert "Leyla" not in said


def test_a_payment_that_is_not_written_down_is_found_by_looking_at_everybody(compared, leyla):
    Comparison.objects.all().delete()
    Payment.objects.all().delete()
    _status, lines = sync()
    assert "nothing → paid, 0 refunded" in lines[0]
    assert Payment.objects.get().state == "paid"


def test_events_that_never_came_run_late(compared, shop, leyla, now):
    """A refund, of which no list of subscriptions tells."""
    (charge,) = shop.client.v1.charges.list({"customer": compared.stripe_id}).data
    shop.client.v1.refunds.create({"charge": charge.id})
    shop.discard(*shop.pending())
    assert Membership.objects.get().status == Status.ACTIVE
    status, lines = sync()
    assert status == 0
    assert lines[-1].split(";")[1] != " 0 events had never come."
    assert Membership.objects.get().status == Status.CANCELED
    assert not Event.objects.filter(status=Event.State.WAITING).exists()
    assert holds(leyla, now)
    assert "; 0 events" in sync()[1][-1], "and each of them once"


def test_an_event_that_was_given_up_runs_again_at_the_next_comparison(compared, shop, leyla, now):
    """Four days without a way to Stripe, and in them a refund: once it is back, nothing else is needed."""
    (charge,) = shop.client.v1.charges.list({"customer": compared.stripe_id}).data
    shop.client.v1.refunds.create({"charge": charge.id})
    heard_and_lost(shop)
    (refunded,) = [one for one in shop.pending() if one.type == "charge.refunded"]
    given_up = {"type": refunded.type, "about": refunded.object, "status": Event.State.FAILED, "attempts": 9}
    Event.objects.filter(stripe_id=refunded.event).update(**given_up)
    sync("--dry-run")
    assert Membership.objects.get().status == Status.ACTIVE
    assert sync()[0] == 0
    assert Membership.objects.get().status == Status.CANCELED
    assert Event.objects.get(stripe_id=refunded.event).status == Event.State.DONE


def test_where_the_last_comparison_is_too_long_ago_for_events_everybody_is_looked_at(compared, shop, time):
    (charge,) = shop.client.v1.charges.list({"customer": compared.stripe_id}).data
    shop.client.v1.refunds.create({"charge": charge.id})
    time.passes(days=20)
    Comparison.objects.update(started_at=timezone.now() - reconcile.STRIPE_KEEPS - timedelta(days=1))
    heard_and_lost(shop)
    sync()
    assert Membership.objects.get().status == Status.CANCELED


def test_a_customer_who_was_deleted_at_stripe_is_a_member_no_more(either, shop, leyla, now):
    shop.client.v1.customers.delete(either.stripe_id)
    heard_and_lost(shop)
    sync()
    assert Customer.objects.get().deleted_at
    assert Membership.objects.get().status == Status.CANCELED
    assert holds(leyla, now)


def test_a_customer_without_a_membership_who_was_deleted_at_stripe(compared, shop, aram):
    row, _new = customers.of(aram)
    refresh(row.pk)
    shop.client.v1.customers.delete(row.stripe_id)
    heard_and_lost(shop)
    sync()
    assert Customer.objects.get(pk=row.pk).deleted_at


def test_a_subscription_of_somebody_we_know_makes_a_member_though_nothing_told_of_it(compared, shop, aram, now):
    customer = joined(shop, aram)
    Membership.objects.filter(user=aram).delete()
    heard_and_lost(shop)
    status, lines = sync("--dry-run")
    assert (status, lines[0]) == (
        1,
        f"{aram.key}: membership stripe_subscription: nothing → {subscription_of(shop, customer)['id']}",
    )
    sync()
    assert Membership.objects.get(user=aram).status == Status.ACTIVE


def test_subscriptions_of_people_whom_nobody_knows_are_counted(compared, shop):
    shop.subscribe(price=shop.client.v1.prices.retrieve(price().stripe_id), email="moving-in@example.com")
    shop.subscribe(email="buys-a-hat@example.com")
    assert "1 live subscriptions belong to nobody here: adopt_subscriptions takes them over." in sync()[1]


def test_somebody_who_cannot_be_asked_for_stops_nobody_else(compared, shop, aram, leyla):
    joined(shop, aram)
    Membership.objects.filter(user__in=[aram, leyla]).update(amount=1)
    shop.faults({"what": "500", "path": f"/v1/customers/{compared.stripe_id}", "times": 9})
    status, lines = sync()
    assert status == 1
    assert f"{leyla.key}: could not be compared (Unavailable)." in lines
    assert Membership.objects.get(user=aram).amount == 500
    assert Comparison.objects.first().finished_at is None, "so the next one begins where the last good one did"
    shop.faults()
    assert sync()[0] == 0
    assert Membership.objects.get(user=leyla).amount == 500


def test_where_stripe_is_away_it_is_not_asked_for_everybody(compared, shop, leyla):
    for number in range(10):
        user = User.objects.create_user(f"m{number}@example.com", PASSWORD)
        Customer.objects.create(user=user, stripe_id=f"cus_{number}")
    shop.faults({"what": "500", "path": "/v1/customers/", "times": 100})
    status, lines = sync()
    assert status == 1
    assert "broken off" in lines[-2]
    assert len([line for line in lines if "could not be compared" in line]) == reconcile.IN_A_ROW
    shop.faults({"what": "500", "path": "/v1/events", "times": 2})
    assert "broken off" in sync()[1][0]


def test_a_key_of_another_account_ends_nobodys_membership(compared, shop, leyla):
    shop.control("reset")
    for _again in range(2):
        status, lines = sync()
        assert status == 1
        assert "Stripe knows none of our customers. Is STRIPE_SECRET_KEY of another account?" in lines[-2]
        assert Membership.objects.get().status == Status.ACTIVE
        Comparison.objects.all().delete()
    assert not Customer.objects.get().deleted_at


def test_what_was_paid_with_test_money_ends_once_real_money_is_taken(compared, leyla, settings):
    settings.STRIPE_LIVE = True
    _status, lines = sync("--dry-run")
    assert f"{leyla.key}: membership status: active → canceled" in lines
    assert Membership.objects.get().status == Status.ACTIVE
    sync()
    assert Membership.objects.get().status == Status.CANCELED
    assert sum(Movement.objects.values_list("amount", flat=True)) == 0
    settings.STRIPE_LIVE = False
    sync()
    assert Membership.objects.get().status == Status.ACTIVE


# What somebody set out to buy.


def test_who_paid_and_never_came_back_is_a_member_though_nothing_was_delivered(compared, shop, aram, now):
    url = start(aram, quotes.quote(price()), PLACES, Arrival("wall"), now)
    shop.pay(url)
    heard_and_lost(shop)
    _status, lines = sync()
    assert f"{aram.key}: intent {Intent.objects.get(user=aram).pk}: open → paid" in lines
    assert Membership.objects.get(user=aram).status == Status.ACTIVE


def test_a_page_that_nobody_paid_on_is_given_up_when_stripe_ends_it(compared, shop, aram, time):
    start(aram, quotes.quote(price()), PLACES, Arrival("wall"), timezone.now())
    sync()
    assert Intent.objects.get(user=aram).state == Intent.State.OPEN
    time.passes(days=2)
    heard_and_lost(shop)
    sync()
    assert Intent.objects.get(user=aram).state == Intent.State.EXPIRED


@pytest.mark.parametrize(
    ("session", "days", "state"), [(None, 1, "open"), (None, 3, "expired"), ("cs_gone", 0, "expired")]
)
def test_an_intent_whose_page_never_was_or_is_no_more(compared, aram, session, days, state):
    made = timezone.now() - timedelta(days=days)
    Intent.objects.create(user=aram, kind="membership", amount=500, currency="EUR", session=session, made_at=made)
    sync()
    assert Intent.objects.get(user=aram).state == state


def test_a_strangers_gift_that_nobody_told_of(compared, shop, now):
    shop.pay(contribute(None, 2000, "EUR", PLACES, "A gift"), WORKS)
    heard_and_lost(shop)
    lines = sync()[1]
    assert f"a stranger: intent {Intent.objects.get(user=None).pk}: open → paid" in lines
    assert Payment.objects.get(user=None).amount == 2000


# Mails that nothing but the time calls for.


def test_a47_grace_that_runs_out_with_no_event_at_all_ends_it_and_is_told_once(time, shop, leyla, as_, now):
    customer = joined(shop, leyla, FAILS_LATER)
    shop.set(after_dunning="past_due")
    time.passes(days=30, hours=2)
    refresh(customer.pk)
    held = Membership.objects.get()
    assert held.status == Status.PAST_DUE
    kinds = list(Notice.objects.order_by("pk").values_list("kind", flat=True))
    assert kinds[-1] == "payment_failed"
    shop.discard(*shop.pending())
    time.passes(days=14)
    assert not held.standing_at(timezone.now()).member
    sync()
    assert Notice.objects.latest("pk").kind == "ended"
    count = mails()
    sync()
    assert mails() == count
    assert holds(leyla, timezone.now())


def test_a_card_that_soon_expires_is_told_by_the_daily_look_and_once(compared, leyla):
    Customer.objects.update(card_expires_on=timezone.now().date() + timedelta(days=20))
    before = mails()
    report = reconcile.Report(print)
    reconcile._write_letters(report)
    reconcile._write_letters(report)
    assert (mails(), Notice.objects.latest("pk").kind) == (before + 1, "card_expiring")


# When.


def test_the_worker_compares_once_a_day_whoever_comes_first(compared, time, shop):
    Comparison.objects.all().delete()
    reconcile.daily(timezone.now())
    reconcile.daily(timezone.now())
    assert Comparison.objects.count() == 1
    reconcile.daily(timezone.now() + reconcile.A_DAY - timedelta(minutes=1))
    assert Comparison.objects.count() == 1
    reconcile.daily(timezone.now() + reconcile.A_DAY + timedelta(minutes=1))
    assert Comparison.objects.count() == 2


def test_a_comparison_that_failed_is_begun_anew_the_same_day(compared):
    Comparison.objects.update(finished_at=None)
    reconcile.daily(timezone.now() + reconcile.JUST_NOW - timedelta(hours=2))
    assert Comparison.objects.count() == 1
    reconcile.daily(timezone.now() + reconcile.JUST_NOW)
    assert Comparison.objects.exclude(finished_at=None).count() == 1


def test_without_a_key_the_worker_compares_nothing_and_the_command_says_why(settings, db):
    settings.STRIPE_SECRET_KEY = ""
    reconcile.daily(timezone.now())
    assert not Comparison.objects.exists()
    with pytest.raises(CommandError, match="Set STRIPE_SECRET_KEY"):
        call_command("sync_memberships")


def test_a_long_run_says_how_far_it_is(compared, monkeypatch, caplog, leyla):
    Comparison.objects.all().delete()
    monkeypatch.setattr(reconcile, "PROGRESS", 1)
    with caplog.at_level("INFO", "newsroom"):
        sync()
    assert "1 customers are compared with Stripe." in caplog.text


def test_many_members_are_read_a_page_at_a_time(compared, shop, monkeypatch):
    monkeypatch.setattr(drift, "CHUNK", 1)
    monkeypatch.setattr("members.billing.client.PAGE", 1)
    for name in ("a", "b", "c"):
        joined(shop, User.objects.create_user(f"{name}@example.com", PASSWORD))
    status, lines = sync()
    assert (status, len(lines)) == (0, 1)
    lose_membership(User.objects.get(email="b@example.com"))
    assert len(sync()[1]) > 1
    assert Membership.objects.count() == 4


def test_old_comparisons_and_old_ways_that_nobody_went_are_forgotten(db, aram, now):
    Comparison.objects.create(started_at=now - timedelta(days=366))
    Comparison.objects.create(started_at=now - timedelta(days=364))
    comparison.forget_old_comparisons(now)
    assert Comparison.objects.count() == 1
    for days, state in ((91, "expired"), (89, "expired"), (91, "paid"), (91, "open")):
        Intent.objects.create(
            kind="contribution", amount=1, currency="EUR", state=state, made_at=now - timedelta(days=days)
        )
    intent.forget_expired_intents(now)
    assert Intent.objects.count() == 3


def test_an_id_that_stripe_never_had_is_told_once_and_stops_no_later_comparison(compared, aram):
    """As it comes with a file of members of another account."""
    Customer.objects.create(user=aram, stripe_id="cus_from_elsewhere")
    status, lines = sync()
    assert (status, Comparison.objects.latest("pk").failed) == (0, 0)
    assert f"{aram.key}: Stripe never had the customer that is named here: let go of" in "\n".join(lines)
    status, lines = sync()
    assert "from_elsewhere" not in "\n".join(lines)
    assert ", 0 differed" in lines[-1]


def test_an_id_that_stripe_never_had_is_left_where_it_is_by_a_dry_run(compared, aram):
    Customer.objects.create(user=aram, stripe_id="cus_from_elsewhere")
    assert sync("--dry-run")[0] == 1
    assert not Customer.objects.get(user=aram).deleted_at


def test_a_customer_whom_stripe_had_and_has_no_more_is_left_to_a_person(compared, aram, now):
    """It is there that something is wrong: who is deleted is told as deleted."""
    Customer.objects.create(user=aram, stripe_id="cus_that_was", fetched_at=now)
    status, lines = sync()
    assert (status, Customer.objects.get(user=aram).deleted_at) == (1, None)
    assert f"{aram.key}: could not be compared (Missing)." in lines


def test_many_events_that_never_came_are_all_run(compared, shop, time, monkeypatch):
    monkeypatch.setattr("members.billing.inbox.MANY", 1)
    time.passes(days=31)
    sync()
    assert not Event.objects.filter(status=Event.State.WAITING).exists()
    assert Payment.objects.count() == 2


def test_what_stripe_lists_and_is_no_event_stops_nothing(compared, monkeypatch):
    Event.objects.all().delete()
    monkeypatch.setattr("members.billing.inbox.event_of", lambda *_told: None)
    status, lines = sync()
    assert (status, lines[-1].split("; ")[1]) == (0, "0 events had never come.")


def test_an_event_that_names_nothing_breaks_no_comparison_off(compared, monkeypatch):
    Event.objects.all().delete()
    monkeypatch.setattr(reconcile.inbox, "event_of", lambda told, now: None)
    status, lines = sync()
    assert (status, Event.objects.count()) == (0, 0)
    assert ", 0 differed" in lines[-1]
