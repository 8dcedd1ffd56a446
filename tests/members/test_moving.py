"""Members move in from other systems' files, and out into a table that moves in again."""

import csv
from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import CommandError, call_command
from django_tasks_db.models import DBTaskResult

from members.accounts.moving import export, formats, load, table
from members.billing.models import Customer
from members.models import Grant, Membership, Note, Plan, User
from newsroom.ground.models import Deed
from tests.members.moving import (
    GHOST,
    PATREON,
    SUBSTACK,
    SUBSTACK_LIST,
    counts,
    file,
    imported,
    only_failure,
)
from tests.plans import sold

pytestmark = pytest.mark.django_db

ANA = "ana@example.com"
NOW = datetime(2026, 9, 1, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def september(time_machine):
    time_machine.move_to(NOW, tick=False)


def ana():
    return User.objects.get(email=ANA)


def format_of(heading):
    return formats.of(table.read(heading.encode()))[0]


# Which format


def test_each_format_is_known_by_its_columns_in_any_order_and_case():
    for name, heading in {"ghost": GHOST, "substack": SUBSTACK, "substack_list": SUBSTACK_LIST,
                          "patreon": PATREON, "ours": ",".join(export.COLUMNS)}.items():  # fmt: skip
        assert format_of(heading) == name
        assert format_of(",".join(reversed(heading.upper().replace("_", " ").split(",")))) == name


def test_older_exports_are_known_too():
    assert format_of("id,email,name,note,subscribed_to_emails,complimentary_plan,stripe_customer_id,created_at,deleted_at,"
                     "labels,products") == "ghost"  # fmt: skip
    assert format_of("email,active_subscription,expiry,email_disabled,prefer_digests,created_at") == "substack_list"
    assert format_of("Name,Email,Twitter,Discord,Patron Status,Follows You,Lifetime Amount,Pledge Amount,Charge Frequency,"
                     "Tier,Last Charge Date,Last Charge Status,Currency") == "patreon"  # fmt: skip


def test_any_table_with_addresses_is_one_of_ours():
    assert format_of("Telephone;E-Mail;EMAIL") == "ours"


# Ghost


def ghost(**cells):
    return {"id": "64f", "email": ANA, "name": "Ana", "subscribed_to_emails": "true", "complimentary_plan": "false",
            "created_at": "2024-03-01T09:30:00.000Z", **cells}  # fmt: skip


def test_a_reader_of_ghosts_has_an_account_since_the_same_day_and_no_membership():
    report = imported(file(GHOST, ghost(note="Sent us the mill's plans.", labels="VIP")))
    assert counts(report) == {"created": 1}
    user = ana()
    assert (user.display_name, user.language) == ("Ana", "en")
    assert user.date_joined == datetime(2024, 3, 1, 9, 30, tzinfo=UTC)
    assert not user.has_usable_password()
    assert [note.text for note in user.notes.all()] == ["Sent us the mill's plans."]
    assert not Grant.objects.exists()
    assert report.left == ["id", "subscribed_to_emails", "labels"]


def test_who_is_on_a_complimentary_plan_of_ghosts_has_a_grant_of_the_plan_that_is_called_so():
    gold = sold("Gold")
    imported(file(GHOST, ghost(complimentary_plan="true", tiers="Old tier,gold")))
    grant = ana().grants.get()
    assert (grant.plan, grant.reason, grant.ends_at) == (gold, "Ghost: complimentary", None)
    assert grant.starts_at == ana().date_joined


def test_else_of_the_plan_that_was_chosen_else_of_none():
    friend = sold("Friend")
    imported(file(GHOST, ghost(complimentary_plan="true", tiers="Unknown")), plan=friend)
    imported(file(GHOST, ghost(complimentary_plan="true", email="beka@example.com")))
    assert ana().grants.get().plan == friend
    assert User.objects.get(email="beka@example.com").grants.get().plan is None


def test_who_pays_is_known_by_the_customer_at_stripe_and_told_to_be_adopted():
    report = imported(file(GHOST, ghost(stripe_customer_id="cus_GdsYH4fZbHx9hF", tiers="Gold")))
    assert Customer.objects.get(user=ana()).stripe_id == "cus_GdsYH4fZbHx9hF"
    assert list(report.remarks) == ["has a customer at Stripe: adopt_subscriptions takes over what it pays"]
    assert not Grant.objects.exists()
    assert not Membership.objects.exists()


def test_of_whom_was_deleted_there_and_of_customers_that_ghost_looks_for_nothing_is_taken():
    report = imported(file(GHOST, ghost(deleted_at="2025-01-01T00:00:00Z"),
                           ghost(email="beka@example.com", stripe_customer_id="auto")))  # fmt: skip
    assert counts(report) == {"left out": 1, "created": 1}
    assert not Customer.objects.exists()


@pytest.mark.parametrize(("cells", "why"), [
    ({"stripe_customer_id": "sub_123456"}, "starts with cus_"),
    ({"complimentary_plan": "perhaps"}, "neither true nor false"),
    ({"created_at": "March"}, "no date"),
])  # fmt: skip
def test_a_cell_that_says_nothing_fails_its_row(cells, why):
    assert why in only_failure(imported(file(GHOST, ghost(**cells))))[1]
    assert not User.objects.exists()


def test_a_customer_belongs_to_one_account(aram, leyla):
    Customer.objects.create(user=aram, stripe_id="cus_123456")
    Customer.objects.create(user=leyla, stripe_id="cus_654321")
    report = imported(file(GHOST, ghost(stripe_customer_id="cus_123456"),
                           ghost(email=leyla.email, stripe_customer_id="cus_777777"),
                           ghost(email=aram.email, stripe_customer_id="cus_123456x")))  # fmt: skip
    assert counts(report) == {"failed": 3}
    assert not User.objects.filter(email=ANA).exists()


# Substack


def substack(**cells):
    return {"Email": ANA, "Name": "Ana", "Start date": "2025-02-01T00:00:00.000Z", "Type": "Free"} | {
        name.replace("_", " "): cell for name, cell in cells.items()
    }


def test_a_free_subscriber_of_substacks_has_an_account():
    report = imported(file(SUBSTACK, substack()))
    assert counts(report) == {"created": 1}
    assert ana().date_joined == datetime(2025, 2, 1, tzinfo=UTC)
    assert "Emails opened (6mo)" in report.left


@pytest.mark.parametrize("kind", ["Comp", "gift", "Free trial", "iap", "Lifetime"])
def test_what_was_given_or_paid_there_holds_until_it_ends(kind):
    imported(file(SUBSTACK, substack(Type=kind, Expiration_date="2027-02-01T00:00:00Z")))
    grant = ana().grants.get()
    assert grant.ends_at == datetime(2027, 2, 1, tzinfo=UTC)
    assert grant.reason.startswith("Substack: ")
    assert (grant.paid_through, grant.amount) == ("", None)


def test_who_pays_by_stripe_there_is_told_and_given_nothing():
    report = imported(file(SUBSTACK, substack(Type="Paid", Stripe_plan="Monthly")))
    assert list(report.remarks) == ["pays by Stripe: adopt_subscriptions takes the subscription over"]
    assert not Grant.objects.exists()


def test_a_type_that_nobody_knows_fails():
    assert "no type of Substack's" in only_failure(imported(file(SUBSTACK, substack(Type="Patron"))))[1]


@pytest.mark.parametrize(("active", "plan", "given", "told"), [
    ("false", "other", False, False), ("true", "yearly", False, True), ("true", "monthly", False, True),
    ("true", "other", True, False), ("true", "", True, False),
])  # fmt: skip
def test_substacks_list_of_addresses_tells_who_was_given_a_membership(active, plan, given, told):
    report = imported(file(SUBSTACK_LIST, {"email": ANA, "active_subscription": active, "plan": plan,
                                           "created_at": "2026-06-01T00:00:00.000Z"}))  # fmt: skip
    assert Grant.objects.exists() == given
    assert bool(report.remarks) == told


# Patreon


def patreon(**cells):
    return {"Name": "Ana", "Email": ANA, "Patron Status": "Active patron", "Pledge Amount": "5.00", "Tier": "Friend",
            "Charge Frequency": "monthly", "Patronage Since Date": "2025-01-31 10:00:00.5",
            "Last Charge Date": "2026-08-31 07:46:37", "Last Charge Status": "Paid", "Currency": "USD"} | {
        name.replace("_", " "): cell for name, cell in cells.items()
    }  # fmt: skip


def test_what_a_patron_paid_last_is_a_paid_grant_until_the_next_charge(davit):
    friend = sold("Friend")
    imported(file(PATREON, patreon(Next_Charge_Date="2026-09-30 00:00:00")), by=davit)
    grant = ana().grants.get()
    assert (grant.paid_through, grant.amount, grant.currency, grant.plan) == ("patreon", 500, "USD", friend)
    assert grant.starts_at == datetime(2026, 8, 31, 7, 46, 37, tzinfo=UTC)
    assert grant.ends_at == datetime(2026, 9, 30, tzinfo=UTC)
    assert (grant.granted_by, grant.reason) == (davit, "Patreon: Friend")
    assert Grant.objects.running(NOW).exists()


@pytest.mark.parametrize(
    ("frequency", "ends"), [("monthly", (2026, 9, 30)), ("annual", (2027, 8, 31)), ("", (2026, 9, 30))]
)
def test_without_a_next_charge_it_holds_as_long_as_a_charge_pays_for(frequency, ends):
    imported(file(PATREON, patreon(Charge_Frequency=frequency)))
    assert ana().grants.get().ends_at == datetime(*ends, 7, 46, 37, tzinfo=UTC)


@pytest.mark.parametrize("cells", [{"Last_Charge_Status": "Declined", "Patron_Status": "Declined patron"},
                                   {"Patron_Status": "Former patron"}, {"Last_Charge_Date": ""},
                                   {"Pledge_Amount": "0.00"}, {"Patron_Status": "", "Last_Charge_Status": ""}])  # fmt: skip
def test_who_paid_nothing_has_an_account_alone(cells):
    assert counts(imported(file(PATREON, patreon(**cells)))) == {"created": 1}
    assert not Grant.objects.exists()


def test_who_left_reads_until_what_was_paid_is_over():
    imported(file(PATREON, patreon(Patron_Status="Former patron", Access_Expiration="2026-09-12 00:00:00")))
    assert ana().grants.get().ends_at == datetime(2026, 9, 12, tzinfo=UTC)


def test_each_months_file_records_that_months_payment_once():
    august, september = patreon(), patreon(Last_Charge_Date="2026-09-01 08:00:00")
    assert counts(imported(file(PATREON, august))) == {"created": 1}
    assert counts(imported(file(PATREON, august))) == {"unchanged": 1}
    assert counts(imported(file(PATREON, september))) == {"updated": 1}
    assert counts(imported(file(PATREON, september))) == {"unchanged": 1}
    assert ana().grants.count() == 2


def test_a_payment_that_is_recorded_already_keeps_its_amount():
    imported(file(PATREON, patreon()))
    report = imported(file(PATREON, patreon(Pledge_Amount="7.00")))
    assert "another amount" in only_failure(report)[1]
    assert ana().grants.get().amount == 500


@pytest.mark.parametrize(("cells", "why"), [({"Currency": ""}, "in which currency"), ({"Currency": "dollars"}, "currency"),
                                            ({"Pledge_Amount": "much"}, "Type an amount"),
                                            ({"Charge_Frequency": "per poem"}, "frequency")])  # fmt: skip
def test_a_payment_that_cannot_be_understood_fails_its_row(cells, why):
    assert why in only_failure(imported(file(PATREON, patreon(**cells))))[1]


def test_yen_have_no_parts():
    imported(file(PATREON, patreon(Currency="JPY", Pledge_Amount="500.00")))
    assert ana().grants.get().amount == 500


# Tables of our own


@pytest.mark.parametrize("way", ["bank", "paypal", "cash", "other"])
def test_payments_that_came_another_way_are_recorded_from_a_table(davit, way):
    sold("Friend")
    line = f'{ANA},{way},friend,"49,50",eur,2026-01-01,2027-01-01,By letter'
    imported(["email,grant,plan,amount,currency,from,until,reason", line], by=davit)
    grant = ana().grants.get()
    assert (grant.paid_through, grant.amount, grant.currency) == (way, 4950, "EUR")
    assert (grant.plan.slug, grant.reason, grant.granted_by) == ("friend", "By letter", davit)


@pytest.mark.parametrize(("cells", "why"), [
    ({"grant": "bank", "amount": "5", "currency": "EUR", "from": "2026-01-01"}, "from"),
    ({"grant": "bank", "currency": "EUR", "from": "2026-01-01", "until": "2026-02-01"}, "amount"),
    ({"grant": "bank", "amount": "5", "from": "2026-01-01", "until": "2026-02-01"}, "currency"),
    ({"grant": "bitcoin"}, "no grant"),
    ({"grant": "complimentary", "amount": "5"}, "complimentary and has an amount"),
    ({"until": "2027-01-01"}, "no “grant”"),
    ({"grant": "complimentary", "plan": "Gold"}, "there is no plan “Gold”"),
    ({"language": "tlh"}, "no language of this site"),
])  # fmt: skip
def test_a_row_that_says_half_of_it_fails_with_the_remedy(cells, why):
    report = imported(file("email,grant,plan,amount,currency,from,until,language", {"email": ANA, **cells}))
    assert why in only_failure(report)[1]
    assert not User.objects.exists()


def test_what_was_given_lasts_longer_by_a_later_file_and_never_shorter():
    def given(until):
        return imported(["email,grant,until", f"{ANA},complimentary,{until}"])

    assert counts(given("2027-01-01")) == {"created": 1}
    assert counts(given("2026-12-01")) == {"unchanged": 1}
    assert counts(given("2028-01-01")) == {"updated": 1}
    assert counts(given("")) == {"updated": 1}
    assert counts(given("2029-01-01")) == {"unchanged": 1}
    assert ana().grants.get().ends_at is None


def test_what_was_ended_stays_ended_by_the_same_file():
    told = file(GHOST, ghost(complimentary_plan="true"))
    imported(told)
    ana().grants.get().revoke()
    assert counts(imported(told)) == {"unchanged": 1}
    assert not Grant.objects.running(NOW).exists()


# As a whole


def test_a_dry_run_tells_the_same_and_writes_nothing():
    told = file(GHOST, ghost(), ghost(email="nobody"), ghost(email="beka@example.com", complimentary_plan="true",
                                                             note="x", stripe_customer_id="cus_123456"))  # fmt: skip
    dry = imported(told, dry=True)
    for model in (User, Grant, Note, Customer, Deed):
        assert not model.objects.exists()
    real = imported(told)
    assert (dry.counts, dry.failures, dry.remarks) == (real.counts, real.failures, real.remarks)


def test_a_second_import_changes_nothing():
    told = file(GHOST, ghost(note="x", complimentary_plan="true", stripe_customer_id="cus_123456"))
    imported(told)
    assert counts(imported(told)) == {"unchanged": 1}
    assert (Note.objects.count(), Grant.objects.count()) == (1, 1)


def test_no_mail_is_sent(mailoutbox):
    imported(file(GHOST, ghost(complimentary_plan="true"), ghost(email="beka@example.com")))
    assert not mailoutbox
    assert not DBTaskResult.objects.exists()


def test_an_import_that_is_killed_leaves_whole_people_and_goes_on(monkeypatch):
    told = file(GHOST, *(ghost(email=f"reader{n}@example.com", note="x", complimentary_plan="true") for n in range(6)))
    monkeypatch.setattr(load, "BATCH", 2)
    made = []
    bulk_create = Note.objects.bulk_create

    def killed(notes):
        made.append(len(notes))
        if len(made) == 2:
            raise KeyboardInterrupt
        return bulk_create(notes)

    with monkeypatch.context() as patched:
        patched.setattr(Note.objects, "bulk_create", killed)
        with pytest.raises(KeyboardInterrupt):
            imported(told)
    assert (User.objects.count(), Grant.objects.count(), Note.objects.count()) == (2, 2, 2)
    assert counts(imported(told)) == {"unchanged": 2, "created": 4}
    assert (User.objects.count(), Grant.objects.count(), Note.objects.count()) == (6, 6, 6)


def test_who_signs_up_meanwhile_is_found_and_not_doubled(monkeypatch):
    of, tried = load.Known.of, []

    def known(people, plan):
        found = of(people, plan)
        if not tried:
            User.objects.create_user(ANA, display_name="Ana herself")
        tried.append(found)
        return found

    monkeypatch.setattr(load.Known, "of", known)
    # What was made here in the transaction that broke went with it; a real one would stay, and be found.
    report = imported(file(GHOST, ghost()))
    assert counts(report) == {"created": 1}
    assert len(tried) == 2
    assert User.objects.filter(email=ANA).count() == 1


def test_it_stands_in_the_audit_log_who_imported_how_much_and_nobodys_address(davit):
    imported(file(GHOST, ghost()), by=davit)
    last, first = Deed.objects.all()
    assert (first.deed, last.deed) == ("imports members", "imported members")
    assert last.actor == davit.key
    assert "1 created" in last.note
    assert ANA not in f"{first.note}{last.note}{last.key}"


def test_an_import_costs_a_few_queries_a_batch(django_assert_max_num_queries):
    told = file(
        GHOST, *(ghost(email=f"reader{n}@example.com", note="x", complimentary_plan="true") for n in range(200))
    )
    with django_assert_max_num_queries(30):
        imported(told)
    with django_assert_max_num_queries(20):
        imported(told)


# Out, and in again


@pytest.fixture
def everybody(aram, leyla, davit):
    """An account of each kind."""
    friend = sold("Friend")
    aram.display_name = "=Aram"
    aram.save()
    User.objects.create_user("beka@example.com", language="ru", display_name='Beka "the, mill"')
    day = timedelta(days=1)
    paid = {"paid_through": "bank", "amount": 4950, "currency": "EUR", "plan": friend}
    Grant.objects.create(user=aram, reason="By letter", starts_at=NOW - day, ends_at=NOW + 300 * day, **paid)
    Grant.objects.create(user=aram, reason="Long ago", starts_at=NOW - 900 * day, ends_at=NOW - 800 * day)
    Customer.objects.create(user=leyla, stripe_id="cus_123456")
    Membership.objects.create(
        user=leyla, plan=friend, status="active", amount=500, currency="EUR", interval="month",
        stripe_subscription="sub_1", renews_at=NOW + 20 * day,
    )  # fmt: skip
    gone = User.objects.create_user("gone@example.com")
    User.objects.filter(pk=gone.pk).update(erased_at=NOW, email="erased-x@invalid")


def exported(**options):
    return "".join(export.lines(**options))


def test_an_export_imported_again_changes_nothing(everybody):
    report = imported(exported().encode())
    assert counts(report) == {"unchanged": 4}


def test_an_export_imported_elsewhere_exports_the_same(everybody):
    before = exported()
    told = before.encode()
    for model in (Grant, Membership, Customer, User):
        model.objects.all().delete()
    imported(told)
    stripe = len(export.STRIPE) - 1

    def without_keys(text):
        """Keys are new, and what Stripe tells comes from Stripe."""
        return [[*row[:1], *row[2:-stripe]] for row in csv.reader(text.splitlines())]

    assert without_keys(exported()) == without_keys(before)


def test_an_export_tells_what_somebody_pays_and_nothing_of_who_was_erased(everybody):
    rows = {line.split(",")[0]: line for line in exported().splitlines()}
    assert set(rows) == {"email", "aram@example.com", "beka@example.com", "leyla@example.com", "davit@example.com"}
    assert "cus_123456,sub_1,active," in rows["leyla@example.com"]
    assert ",5,EUR,1 month," in rows["leyla@example.com"]
    assert ",bank,friend," in rows["aram@example.com"]
    assert "'=Aram" in rows["aram@example.com"]


@pytest.mark.parametrize("status", [None, "incomplete", "paused", "suspended", "canceled"])
def test_members_alone_can_be_exported(everybody, status):
    if status:
        beka = User.objects.get(email="beka@example.com")
        Membership.objects.create(user=beka, plan=Plan.objects.first(), status=status)
    assert {line.split(",")[0] for line in exported(members_only=True).splitlines()} == {
        "email", "aram@example.com", "leyla@example.com",
    }  # fmt: skip


def test_an_export_costs_the_same_however_many_there_are(everybody, django_assert_num_queries):
    with django_assert_num_queries(2):
        exported()
    User.objects.bulk_create(User(email=f"reader{n}@example.com") for n in range(50))
    with django_assert_num_queries(2):
        exported()


# Commands


def test_the_commands_move_everybody_out_and_in(everybody, tmp_path, capsys):
    path = tmp_path / "members.csv"
    call_command("export_members", path)
    assert "4 accounts" in capsys.readouterr().out
    assert path.stat().st_mode & 0o077 == 0
    call_command("import_members", path, "--dry-run")
    assert "Dry run: ours: 0 created, 0 updated, 4 unchanged" in capsys.readouterr().out
    assert [deed.deed for deed in Deed.objects.all()] == ["exported members"]


def test_an_export_overwrites_no_file(tmp_path):
    (tmp_path / "members.csv").write_text("mine")
    with pytest.raises(CommandError, match="exists"):
        call_command("export_members", tmp_path / "members.csv")
    assert (tmp_path / "members.csv").read_text() == "mine"


def test_the_command_tells_each_failure_with_file_and_line_and_fails(tmp_path, capsys):
    path = tmp_path / "members.csv"
    path.write_text("email\nana@example.com\nnobody\n")
    with pytest.raises(SystemExit):
        call_command("import_members", path)
    told = capsys.readouterr()
    assert f"{path}:3: “nobody” is no address" in told.err
    assert "1 created" in told.out
    assert ana()


@pytest.mark.parametrize(("content", "arguments", "why"), [
    ("name\nAna", [], "A column is missing"), ("email\na@example.com", ["--plan", "gold"], "no such plan"),
    (None, [], "No such file"),
])  # fmt: skip
def test_what_the_command_cannot_do_it_says_in_a_line(tmp_path, content, arguments, why):
    path = tmp_path / "members.csv"
    if content is not None:
        path.write_text(content)
    with pytest.raises(CommandError, match=why):
        call_command("import_members", path, *arguments)
