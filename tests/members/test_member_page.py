"""The desk's page of one member: the whole story for owners, and never what was read."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from members import gifts
from members.accounts import personal_data, timeline
from members.accounts.roles import appoint
from members.billing.models import Cancellation, Customer, Event, Intent, Movement, Notice, Payment
from members.models import Grant, Membership, Note, User
from newsroom.ground import audit
from newsroom.ground.models import Deed
from tests.members.mail import delivered
from tests.plans import sold

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 10, 12, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def november(time_machine, settings):
    settings.TIME_ZONE = "UTC"
    time_machine.move_to(NOW, tick=False)


@pytest.fixture
def owner(db):
    return User.objects.create_superuser("owner@example.com", "the river rises at noon", display_name="Owner")


@pytest.fixture
def desk(as_, owner):
    return as_(owner)


@pytest.fixture
def ana(db, owner):
    """Somebody with one of each thing that is kept of a member."""
    user = User.objects.create_user("ana@example.com", display_name="Ana")
    User.objects.filter(pk=user.pk).update(date_joined=NOW - 90 * DAY)
    friend = sold("Friend")
    Customer.objects.create(user=user, stripe_id="cus_ana12345", card_brand="visa", card_last4="4242", fetched_at=NOW,
                            card_expires_on=(NOW + 400 * DAY).date())  # fmt: skip
    Membership.objects.create(user=user, plan=friend, status="active", amount=500, currency="EUR", interval="month",
                              stripe_subscription="sub_ana12345", started_at=NOW - 60 * DAY, renews_at=NOW + 3 * DAY)  # fmt: skip
    Intent.objects.create(user=user, kind="membership", plan=friend, amount=500, currency="EUR", interval="month",
                          state="paid", source="wall", made_at=NOW - 61 * DAY)  # fmt: skip
    Payment.objects.create(user=user, stripe_id="pi_ana12345", kind="membership", state="paid", amount=500,
                           refunded=200, currency="EUR", at=NOW - 59 * DAY)  # fmt: skip
    Movement.objects.create(user=user, kind="new", plan=friend, interval="month", amount=500, currency="EUR",
                            at=NOW - 58 * DAY)  # fmt: skip
    Notice.objects.create(user=user, kind="card_expiring", about="4242 2026-12", at=NOW - 20 * DAY)
    Event.objects.create(stripe_id="evt_ana12345", type="invoice.paid", customer="cus_ana12345", status="failed",
                         error="Unavailable", made_at=NOW, received_at=NOW - 57 * DAY)  # fmt: skip
    Grant.objects.create(user=user, reason="Helped at the fair", ends_at=NOW + 30 * DAY, granted_by=owner)
    Cancellation.objects.create(user=user, reason="price", text="Too dear for me.", at=NOW - 5 * DAY)
    Note.objects.create(user=user, author=owner, text="Wrote a letter to the editor.", at=NOW - 4 * DAY)
    audit.record(owner, "changed an account", "account", user.key, "banned_at: None → now")
    return user


def page(browser, user, **query):
    return browser.get(reverse("admin:members_user_member", args=[user.pk]), query)


def act(user, name):
    return reverse("admin:members_user_act", args=[user.pk, name])


def words(response):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", response.content.decode()))


# Who may


def test_owners_alone_see_it_and_do_anything_there(as_, ana, nino, davit, aram):
    for person in (nino, davit, aram, None):
        browser = as_(person)
        for path in (reverse("admin:members_user_member", args=[ana.pk]), act(ana, "grant"), act(ana, "note"),
                     reverse("admin:members_user_import"), reverse("admin:members_user_export"),
                     reverse("admin:billing_movement_changelist"), reverse("admin:billing_movement_csv")):  # fmt: skip
            assert browser.get(path).status_code in (302, 403), (person, path)
            answer = browser.post(path, {"reason": "x", "seen": "0", "who": "all"})
            assert answer.status_code in (302, 403), (person, path)
            assert b"ana@example.com" not in answer.content
    assert Grant.objects.count() == 1
    assert Note.objects.count() == 1


def test_a_newsroom_can_give_somebody_else_the_right_to_look_alone(as_, ana, nino):
    nino.user_permissions.add(Permission.objects.get(codename="view_membership"))
    seen = page(as_(User.objects.get(pk=nino.pk)), ana)
    assert seen.status_code == 200
    assert "<form" not in seen.content.decode().partition('id="content-main"')[2].partition("</main>")[0]
    assert as_(User.objects.get(pk=nino.pk)).get(act(ana, "grant")).status_code == 403


def test_it_is_found_from_the_account_and_from_the_list(desk, ana):
    link = reverse("admin:members_user_member", args=[ana.pk])
    assert link in desk.get(reverse("admin:members_user_change", args=[ana.pk])).content.decode()
    assert link in desk.get(reverse("admin:members_user_changelist")).content.decode()


# What it tells


def test_it_tells_the_whole_story_the_newest_first(desk, ana):
    said = words(page(desk, ana))
    for told in ("ana@example.com", "Friend, €5 a month", "Paid, and renewed on", "sub_ana12345", "cus_ana12345",
                 "Visa, ending in 4242", "Opened the account", "Became a member: Friend", "€5: paid", "€2 given back",
                 "New: +€5 a month", "Card expiring", "invoice.paid", "Given up · Unavailable", "Helped at the fair",
                 "Set out to pay: Friend, €5 a month. Paid", "wall", "Cancelled: It costs too much", "Too dear for me.",
                 "Wrote a letter to the editor.", "Changed an account", "Owner"):  # fmt: skip
        assert told in said, told
    order = [
        said.index(told) for told in ("Wrote a letter", "Card expiring", "New: +€5", "€5: paid", "Opened the account")
    ]
    assert order == sorted(order)


def test_stripes_own_pages_are_links_of_the_test_mode_until_money_is_real(desk, ana):
    assert "https://dashboard.stripe.com/test/customers/cus_ana12345" in page(desk, ana).content.decode()
    Customer.objects.update(live=True)
    assert "https://dashboard.stripe.com/customers/cus_ana12345" in page(desk, ana).content.decode()


def test_it_never_tells_what_was_read(desk, as_, ana, story, metered):
    read = [story(f"Hidden ibex {n}", slug=f"hidden-ibex-{n}", metered=True) for n in range(3)]
    ana.keeps_history = True
    ana.save()
    for one in read:
        as_(ana).get(one.get_absolute_url())
    gifts.give(ana, [read[0].terms.key], "a click", NOW)
    assert ana.opened.exists() or ana.gifts.exists()
    said = page(desk, ana).content.decode().lower()
    for told in ("ibex", "gift", "meter"):
        assert told not in said, told


def test_the_story_asks_no_table_of_what_was_read(ana):
    with CaptureQueriesContext(connection) as captured:
        timeline.of(User.objects.select_related("membership__plan", "customer").get(pk=ana.pk))
    asked = " ".join(query["sql"] for query in captured.captured_queries)
    for table in ("members_opened", "members_gift", "reading_visit", "members_session"):
        assert table not in asked
    assert len(captured.captured_queries) <= 14


def test_it_costs_the_same_however_much_there_is(desk, ana, django_assert_max_num_queries):
    for number in range(80):
        Notice.objects.create(user=ana, kind="welcome", about=str(number), at=NOW - number * DAY)
        Payment.objects.create(user=ana, stripe_id=f"pi_{number}", kind="membership", state="paid", amount=500,
                               currency="EUR", at=NOW - number * DAY)  # fmt: skip
    page(desk, ana)
    with django_assert_max_num_queries(32):
        page(desk, ana)


def test_older_pages_go_on_where_the_newer_ended_and_leave_nothing_out(desk, ana):
    for number in range(120):
        Notice.objects.create(user=ana, kind="welcome", about=str(number), at=NOW - number // 3 * DAY)
    seen, until, rounds = [], None, 0
    while rounds == 0 or until:
        told = timeline.of(ana, until)
        seen += told.entries
        until, rounds = told.older, rounds + 1
    assert rounds > 2
    assert sum(entry.words == "Welcome" for entry in seen) == 120
    assert [entry.at for entry in seen] == sorted((entry.at for entry in seen), reverse=True)
    second = timeline.of(ana).older
    assert "Welcome" in words(page(desk, ana, until=second.isoformat()))
    assert page(desk, ana, until="1999-01-01T00:00:00+00:00").status_code == 200


@pytest.mark.parametrize("moment", ["x", "2026-01-01", "2026-99-99T00:00:00+00:00", "9" * 400])
def test_a_moment_that_is_none_shows_the_newest(desk, ana, moment):
    assert "Wrote a letter" in words(page(desk, ana, until=moment))


def test_somebody_who_holds_nothing_has_a_short_page(desk, aram):
    said = words(page(desk, aram))
    assert "none that was paid for by Stripe" in said
    assert "Opened the account" in said
    assert "Refund" not in said


def test_of_who_was_erased_a_number_is_left_and_nothing_can_be_done(desk, ana):
    personal_data.delete(ana)
    said = page(desk, ana).content.decode()
    assert "erased" in said
    for gone in ("Ana", "ana@example.com", "Wrote a letter", "Helped at the fair"):
        assert gone not in said, gone
    assert desk.get(act(ana, "grant")).status_code == 404
    assert desk.post(act(ana, "note"), {"reason": "x", "seen": "0"}).status_code == 404


def test_it_holds_under_the_strict_policy(desk, ana):
    for path in (reverse("admin:members_user_member", args=[ana.pk]), act(ana, "refund"), act(ana, "grant")):
        answer = desk.get(path)
        assert "unsafe" not in answer["Content-Security-Policy"]
        main = answer.content.decode().partition('id="content-main"')[2].partition("<footer")[0]
        assert "style=" not in main
        assert "<script" not in main
        assert not re.search(r"\son\w+=", main)


# What can be done without Stripe


def send(browser, user, name, **fields):
    seen = user.notes.order_by("-pk").values_list("pk", flat=True).first() or 0
    return browser.post(act(user, name), {"reason": "She asked for it.", "seen": seen, **fields})


@pytest.mark.parametrize("name", ["grant", "extend", "cancel", "resume", "refund", "mail", "link", "look", "note"])
def test_nothing_is_done_without_a_reason(desk, ana, name):
    before = Deed.objects.count()
    answer = send(desk, ana, name, reason="  ", days=3, when="now", kind="welcome")
    assert answer.status_code == 200
    assert "This field is required" in words(answer)
    assert Deed.objects.count() == before
    assert not delivered()


def test_what_nobody_can_do_is_not_found(desk, ana):
    assert desk.get(act(ana, "promote")).status_code == 404
    assert desk.get(reverse("admin:members_user_act", args=[999_999, "grant"])).status_code == 404


def test_a_membership_is_given_with_a_reason_that_the_log_names_by_number(desk, owner, aram):
    friend = sold("Friend")
    assert desk.get(act(aram, "grant")).status_code == 200
    answer = send(desk, aram, "grant", plan=friend.pk, ends_on="2026-12-31")
    assert answer.status_code == 302
    grant = aram.grants.get()
    assert (grant.plan, grant.granted_by, grant.paid_through) == (friend, owner, "")
    assert grant.ends_at == datetime(2027, 1, 1, tzinfo=UTC)
    note = aram.notes.get()
    assert (note.text, note.author) == ("She asked for it.", owner)
    deed = Deed.objects.get()
    assert (deed.actor, deed.deed, deed.key) == (owner.key, "gave a grant", aram.key)
    assert deed.note == f"friend until 2027-01-01; note {note.pk}"


def test_the_log_holds_no_word_of_the_reason(desk, aram):
    send(desk, aram, "grant", reason="Her mother Nana is ill.")
    assert "Nana" not in Deed.objects.get().note
    personal_data.delete(aram)
    assert not Note.objects.exists()
    assert not Grant.objects.exclude(reason="").exists()


def test_a_second_click_does_nothing(desk, aram):
    """Whoever did something for this account since the form was drawn, this hand or another: look again."""
    seen = {"reason": "She asked.", "seen": "0", "days": "7"}
    assert desk.post(act(aram, "extend"), seen).status_code == 302
    answer = desk.post(act(aram, "extend"), seen, follow=True)
    assert "Something was done here meanwhile" in words(answer)
    assert aram.grants.count() == 1
    assert Deed.objects.count() == 1


def test_free_days_begin_where_what_is_held_ends(desk, aram):
    friend = sold("Friend")
    ends = NOW + 10 * DAY
    Membership.objects.create(user=aram, plan=friend, status="active", ends_at=ends)
    send(desk, aram, "extend", days=30)
    first = aram.grants.get()
    assert (first.plan, first.starts_at, first.ends_at) == (friend, ends, ends + 30 * DAY)
    send(desk, aram, "extend", days=5)
    assert aram.grants.order_by("-pk")[0].starts_at == ends + 30 * DAY


def test_of_who_holds_nothing_they_begin_now(desk, aram):
    send(desk, aram, "extend", days=14)
    assert (aram.grants.get().starts_at, aram.grants.get().ends_at) == (NOW, NOW + 14 * DAY)


def test_days_are_not_added_to_what_goes_on_by_itself(desk, ana, leyla):
    """They would be paid for all the same; and what has no end has none to add to."""
    for user in (ana, leyla):
        before = user.grants.count()
        assert "Add free days" not in words(page(desk, user))
        assert "does not fit" in words(send(desk, user, "extend", days=3, follow=True) and page(desk, user))
        assert user.grants.count() == before


@pytest.mark.parametrize("days", ["0", "-3", "367", "many"])
def test_so_many_days_are_a_mistake(desk, aram, days):
    assert send(desk, aram, "extend", days=days).status_code == 200
    assert not aram.grants.exists()


@pytest.mark.parametrize("day", ["2026-11-09", "yesterday", "2026-02-30"])
def test_a_last_day_that_is_over_or_none_is_refused(desk, aram, day):
    assert send(desk, aram, "grant", ends_on=day).status_code == 200
    assert not aram.grants.exists()


def test_a_note_is_written_and_never_changed(desk, owner, aram):
    send(desk, aram, "note", reason="Called; all is well.\nAsk again in May.")
    note = aram.notes.get()
    assert note.author == owner
    assert "Called; all is well." in words(page(desk, aram))
    note.text = "Never called."
    with pytest.raises(ValueError, match="never changed"):
        note.save()


def test_the_reader_is_told_the_notes_on_asking_for_all_that_is_kept(ana):
    assert [note["text"] for note in personal_data.everything(ana)["notes_by_the_desk"]] == [
        "Wrote a letter to the editor."
    ]


def test_a_link_to_sign_in_goes_to_the_accounts_own_address(desk, aram):
    assert send(desk, aram, "link").status_code == 302
    [message] = delivered()
    assert message.to == ["aram@example.com"]
    assert "/accounts/password/reset/key/" in message.body


def test_who_is_banned_is_sent_none(desk, aram):
    User.objects.filter(pk=aram.pk).update(banned_at=NOW)
    send(desk, aram, "link")
    assert not delivered()
    assert "Send a link" not in words(page(desk, aram))


def test_a_mail_that_was_sent_and_still_says_what_is_so_is_sent_again(desk, ana):
    Notice.objects.create(user=ana, kind="welcome", about="sub_ana12345", at=NOW - 59 * DAY)
    form = words(desk.get(act(ana, "mail")))
    assert "Welcome" in form
    assert "Card expiring" not in form
    assert send(desk, ana, "mail", kind="welcome").status_code == 302
    [message] = delivered()
    assert message.to == ["ana@example.com"]
    assert Notice.objects.filter(kind="welcome").count() == 1


@pytest.mark.parametrize("kind", ["ended", "payment_failed", "card_expiring", "win_back", "no_such_mail"])
def test_one_that_does_not_is_not(desk, ana, kind):
    Notice.objects.get_or_create(user=ana, kind=kind, defaults={"about": "x", "at": NOW})
    assert send(desk, ana, "mail", kind=kind).status_code == 200
    assert not delivered()


def test_what_is_at_stripe_is_not_changed_by_hand(desk, ana):
    """Membership's own form would be written over at the next look, and revenue would not add up."""
    path = reverse("admin:members_membership_change", args=[ana.membership.pk])
    desk.post(path, {"user": ana.pk, "plan": ana.membership.plan.pk, "status": "canceled"})
    ana.membership.refresh_from_db()
    assert ana.membership.status == "active"


def test_a_reporter_of_the_newsroom_is_no_owner(as_, ana, aram):
    appoint(aram, User.Role.REPORTER)
    assert page(as_(User.objects.get(pk=aram.pk)), ana).status_code == 403
