"""Plans and what they cost, in the desk."""

import threading

import pytest
from django.db import connection
from django.db.models import ProtectedError
from django.urls import reverse

from members.accounts.admin.plans import PlanAdmin
from members.models import Grant, Membership, Plan, Price, User
from tests.members.desk import deeds, page_of, someone
from tests.plans import sold

pytestmark = pytest.mark.django_db

PLANS, ADD = reverse("admin:members_plan_changelist"), reverse("admin:members_plan_add")
FRIEND = {
    "name": "Friend", "slug": "friend", "level": "10", "position": "100", "trial_days": "0", "text": "", "perks": "",
    "archived_at_0": "", "archived_at_1": "",
}  # fmt: skip


@pytest.fixture
def publisher(as_):
    """A browser of someone who publishes, and owns nothing."""
    return as_(someone(User.Role.PUBLISHER))


@pytest.fixture
def plan(db):
    return sold("Friend")


def lines(*rows):
    """What the lines of prices send: (price that there is or None, interval, currency, amount[, offered])."""
    sent = {"prices-TOTAL_FORMS": len(rows), "prices-INITIAL_FORMS": sum(row[0] is not None for row in rows)}
    for number, (price, interval, currency, amount, *offered) in enumerate(rows):
        fields = {"interval": interval, "currency": currency, "amount": amount, "id": price.pk if price else ""}
        fields |= {} if offered == [False] else {"is_offered": "on"}
        sent |= {f"prices-{number}-{name}": value for name, value in fields.items()}
    return sent


def prices(plan, **fields):
    return list(plan.prices.filter(**fields).order_by("pk").values_list("interval", "currency", "amount", "is_offered"))


def test_a_publisher_makes_a_plan_and_types_what_it_costs_as_people_do(publisher):
    sent = FRIEND | {"perks": "A letter a week\nA mug", "text": "For friends.", "trial_days": "14", "ad_free": "on"}
    rows = [(None, "month", "EUR", "5"), (None, "year", "eur", "50,00 €"), (None, "month", "JPY", "1,250"),
            (None, "month", "KWD", "1.5"), (None, "month", "GEL", "")]  # fmt: skip
    response = publisher.post(ADD, sent | lines(*rows))
    assert response.status_code == 200, "a price without an amount is no price"
    assert publisher.post(ADD, sent | lines(*rows[:4])).status_code == 302
    plan = Plan.objects.get()
    assert (plan.name, plan.slug, plan.level, plan.trial_days, plan.ad_free) == ("Friend", "friend", 10, 14, True)
    assert plan.perk_list == ["A letter a week", "A mug"]
    assert prices(plan) == [
        ("month", "EUR", 500, True), ("year", "EUR", 5000, True), ("month", "JPY", 1250, True),
        ("month", "KWD", 1500, True),
    ]  # fmt: skip


def test_lines_that_are_left_as_they_are_make_no_price(publisher, settings):
    settings.CURRENCY = "GEL"
    page = publisher.get(ADD).content.decode()
    assert page.count('value="GEL"') == 3, "two lines, and the one that is copied for more"
    assert (
        publisher.post(ADD, FRIEND | lines((None, "month", "GEL", ""), (None, "month", "GEL", ""))).status_code == 302
    )
    assert not Price.objects.exists()


@pytest.mark.parametrize(
    ("currency", "amount", "said"),
    [
        ("EURO", "5", "A currency is three capital letters"),
        ("€", "5", "A currency is three capital letters"),
        ("", "5", "This field is required."),
        ("XXX", "5", "No payments are taken in XXX."),
        ("EUR", "4,500", "Type it such as 4.50"),
        ("EUR", "five", "Type an amount such as 4.50."),
        ("EUR", "0", "Type more than nothing."),
        ("EUR", "-5", "Type an amount such as 4.50."),
        ("JPY", "5.5", "Type it such as 500"),
        ("KWD", "1.234", "nothing smaller than 0.010\u00a0KWD is paid"),
        ("EUR", "99999999999", "more than can be paid at once"),
    ],
)
def test_what_is_no_price_is_refused_in_words_and_what_was_typed_is_kept(publisher, currency, amount, said):
    page = publisher.post(ADD, FRIEND | lines((None, "month", currency, amount))).content.decode()
    assert said in page
    assert 'value="Friend"' in page
    assert f'value="{amount}"' in page
    assert not Plan.objects.exists()


def test_a_price_that_changes_is_another_and_who_pays_the_old_one_goes_on_paying_it(publisher, plan, leyla):
    paid = plan.prices.get()
    Membership.objects.create(user=leyla, plan=plan, price=paid, status="active")
    assert publisher.post(page_of(plan), FRIEND | lines((paid, "month", "EUR", "7"))).status_code == 302
    assert prices(plan) == [("month", "EUR", 500, False), ("month", "EUR", 700, True)]
    assert Membership.objects.get().price == paid
    page = publisher.get(page_of(plan)).content.decode()
    assert 'value="7"' in page
    assert "€5 a month" in page, "among the earlier ones"


def test_the_same_amount_in_other_letters_is_no_change(publisher, plan):
    price = plan.prices.get()
    publisher.post(page_of(plan), FRIEND | lines((price, "month", "eur", "5,00")))
    assert plan.prices.get() == price
    assert deeds() == []


def test_a_line_that_is_not_ticked_is_offered_to_nobody_new_and_stays_on_record(publisher, plan):
    price = plan.prices.get()
    publisher.post(page_of(plan), FRIEND | lines((price, "month", "EUR", "5", False)))
    assert prices(plan) == [("month", "EUR", 500, False)]
    assert plan.monthly_price() is None
    # What was withdrawn comes back as another.
    publisher.post(page_of(plan), FRIEND | lines((None, "month", "EUR", "5")))
    assert prices(plan) == [("month", "EUR", 500, False), ("month", "EUR", 500, True)]


def test_two_lines_may_change_places(publisher, plan):
    euros = plan.prices.get()
    lari = plan.offer_price("month", "GEL", 1500)
    publisher.post(page_of(plan), FRIEND | lines((euros, "month", "GEL", "16"), (lari, "month", "EUR", "6")))
    assert prices(plan, is_offered=True) == [("month", "GEL", 1600, True), ("month", "EUR", 600, True)]


def test_a_line_may_take_the_place_of_one_that_goes(publisher, plan):
    price = plan.prices.get()
    rows = lines((price, "month", "EUR", "5", False), (None, "month", "EUR", "8"))
    assert publisher.post(page_of(plan), FRIEND | rows).status_code == 302
    assert prices(plan) == [("month", "EUR", 500, False), ("month", "EUR", 800, True)]


def test_two_prices_for_one_thing_are_refused(publisher, plan):
    price = plan.prices.get()
    rows = lines((price, "month", "EUR", "5"), (None, "month", "EUR", "6"))
    page = publisher.post(page_of(plan), FRIEND | rows).content.decode()
    assert "A plan has one price on offer for each interval and currency." in page
    assert prices(plan) == [("month", "EUR", 500, True)]


def test_a_price_of_another_plan_is_not_touched_by_a_forged_line(publisher, plan):
    other = sold("Patron", 2000)
    publisher.post(page_of(plan), FRIEND | lines((other.prices.get(), "month", "EUR", "1")))
    assert prices(other) == [("month", "EUR", 2000, True)]
    assert prices(plan) == [("month", "EUR", 500, True)]


def test_a_line_that_somebody_else_withdrew_meanwhile_is_refused(publisher, plan):
    price = plan.prices.get()
    plan.offer_price("month", "EUR", 900)
    response = publisher.post(page_of(plan), FRIEND | lines((price, "month", "EUR", "7")))
    assert "Somebody changed what it costs meanwhile." in response.content.decode()
    assert prices(plan, is_offered=True) == [("month", "EUR", 900, True)]


def test_prices_are_listed_as_people_read_them_by_as_many_queries_however_many(
    publisher, plan, django_assert_max_num_queries
):
    sold("Patron", 1250, "JPY").offer_price("year", "EUR", 10000)
    plan.offer_price("month", "EUR", 550)
    for number in range(10):
        sold(f"Plan {number}")
    # What prompts and advertisements rest on is read anew at the first request after a change of plans.
    publisher.get("/admin/")
    with django_assert_max_num_queries(12):
        listed = publisher.get(PLANS).content.decode()
    for said in ("€5.50 a month", "¥1,250 a month", "€100 a year"):
        assert said in listed
    assert listed.count("€5 a month") == 10


def test_an_editor_looks_at_plans_and_changes_none(as_, nino, plan):
    editor = as_(nino)
    assert editor.get(PLANS).status_code == 200
    assert "Friend" in editor.get(page_of(plan)).content.decode()
    price = plan.prices.get()
    assert "€5" in editor.get(PLANS).content.decode()
    assert editor.post(page_of(plan), FRIEND | lines((price, "month", "EUR", "1"))).status_code == 403
    assert editor.post(ADD, FRIEND | lines()).status_code == 403
    assert editor.post(page_of(plan, "delete"), {"post": "yes"}).status_code == 403
    editor.post(PLANS, {"action": "archive", "_selected_action": plan.pk})
    assert Plan.objects.values("level", "archived_at").get() == {"level": 10, "archived_at": None}
    assert prices(plan) == [("month", "EUR", 500, True)]


def test_a_reporter_sees_no_plan(as_, plan):
    assert as_(someone(User.Role.REPORTER)).get(PLANS).status_code == 403


def test_a_plan_that_nobody_ever_had_is_deleted(publisher, plan):
    assert publisher.post(page_of(plan, "delete"), {"post": "yes"}).status_code == 302
    assert not Plan.objects.exists()


def test_a_plan_in_use_is_not_deleted_and_the_page_says_to_archive_it_without_naming_members(
    publisher, plan, leyla, aram
):
    Membership.objects.create(user=leyla, plan=plan, status="active")
    Grant.objects.create(user=aram, plan=plan, reason="a friend of the house")
    for response in (publisher.get(page_of(plan, "delete")), publisher.post(page_of(plan, "delete"), {"post": "yes"})):
        said = response.content.decode()
        assert response.status_code == 200
        assert "Memberships: 1" in said
        assert "Grants: 1" in said
        assert "Archive it instead" in said
        assert "Leyla" not in said
        assert "Aram" not in said
    assert Plan.objects.filter(pk=plan.pk).exists()


def test_a_plan_that_somebody_takes_while_it_is_being_deleted_stays(publisher, plan, leyla, monkeypatch):
    delete = PlanAdmin.delete_model

    def taken(admin, request, row):
        monkeypatch.setattr(PlanAdmin, "delete_model", delete)
        # In another transaction, which commits whatever becomes of this one.
        monkeypatch.setattr(PlanAdmin, "get_deleted_objects", lambda *given: ([], {}, set(), ["Memberships: 1"]))
        raise ProtectedError("taken", {row})

    monkeypatch.setattr(PlanAdmin, "delete_model", taken)
    response = publisher.post(page_of(plan, "delete"), {"post": "yes"})
    assert response.status_code == 200
    assert "Archive it instead" in response.content.decode()
    assert Plan.objects.exists()


def test_plans_are_not_deleted_many_at_once(publisher, plan):
    publisher.post(PLANS, {"action": "delete_selected", "_selected_action": plan.pk, "post": "yes"})
    assert Plan.objects.exists()


def test_plans_are_archived_and_offered_again_from_the_list(publisher, plan):
    publisher.post(PLANS, {"action": "archive", "_selected_action": plan.pk})
    assert not Plan.objects.offered().exists()
    first = Plan.objects.get().archived_at
    publisher.post(PLANS, {"action": "archive", "_selected_action": plan.pk})
    assert Plan.objects.get().archived_at == first
    publisher.post(PLANS, {"action": "offer", "_selected_action": plan.pk})
    assert Plan.objects.offered().exists()


@pytest.mark.parametrize(
    ("state", "listed"), [("offered", ["Friend"]), ("archived", ["Patron"]), ("", ["Friend", "Patron"])]
)
def test_plans_are_listed_by_whether_they_are_offered(publisher, plan, now, state, listed):
    Plan.objects.create(name="Patron", slug="patron", archived_at=now)
    html = publisher.get(PLANS, {"state": state} if state else {}).content.decode()
    assert [name for name in ("Friend", "Patron") if f">{name}</a>" in html] == listed


def test_a_plan_that_changes_is_in_the_audit_log_with_what_it_was(publisher, plan):
    price = plan.prices.get()
    publisher.post(page_of(plan), FRIEND | {"level": "30"} | lines((price, "month", "EUR", "5")))
    assert deeds() == [("changed a plan", "plan", "friend", "level: 10 → 30")]


def test_what_a_plan_costs_is_in_the_audit_log_whenever_it_changes(publisher, plan):
    price = plan.prices.get()
    publisher.post(page_of(plan), FRIEND | lines((price, "month", "EUR", "7"), (None, "year", "EUR", "70")))
    publisher.post(page_of(plan), FRIEND | lines((plan.monthly_price(), "month", "EUR", "7", False)))
    assert deeds() == [
        ("changed a price", "plan", "friend", "€5 a month → €7 a month"),
        ("changed a price", "plan", "friend", "– → €70 a year"),
        ("changed a price", "plan", "friend", "€7 a month → –"),
    ]


def test_a_plan_that_is_archived_or_offered_from_the_list_is_in_it_too_once(publisher, plan):
    for action in ("archive", "archive", "offer", "offer"):
        publisher.post(PLANS, {"action": action, "_selected_action": plan.pk})
    archived, offered = deeds()
    assert archived[:3] == offered[:3] == ("changed a plan", "plan", "friend")
    assert archived[3].startswith("archived_at: None → 20")
    assert offered[3].startswith("archived_at: 20")
    assert offered[3].endswith(" → None")


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_of_two_prices_that_are_offered_at_once_one_stands():
    plan, done = sold("Friend"), []

    def offer(amount):
        done.append(Plan.objects.get(pk=plan.pk).offer_price("month", "EUR", amount).amount)
        connection.close()

    threads = [threading.Thread(target=offer, args=[amount]) for amount in range(600, 608)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(done) == list(range(600, 608))
    assert plan.prices.offered().count() == 1
    assert plan.prices.count() == 9


def test_free_days_are_no_more_than_stripe_gives(publisher):
    page = publisher.post(ADD, FRIEND | lines((None, "month", "EUR", "5")) | {"trial_days": "731"}).content.decode()
    assert "less than or equal to 730" in page
    assert not Plan.objects.exists()
