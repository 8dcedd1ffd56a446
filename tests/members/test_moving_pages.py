"""Moving members in and out in the desk: looked at first, taken over at a second click, by owners alone."""

import random
import re
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from members.accounts.admin import moving
from members.models import Grant, User
from newsroom.ground.models import Deed
from tests.members.moving import GHOST, file
from tests.plans import sold

pytestmark = pytest.mark.django_db

IMPORT, EXPORT = "/admin/members/user/import/", "/admin/members/user/export/"
ANA = {"email": "ana@example.com", "name": "Ana", "created_at": "2024-03-01T09:30:00Z", "complimentary_plan": "true"}


@pytest.fixture
def owner(db):
    return User.objects.create_superuser("owner@example.com", "the river rises at noon")


@pytest.fixture
def desk(as_, owner):
    return as_(owner)


def upload(browser, told, **chosen):
    sent = SimpleUploadedFile("members.csv", told, "text/csv")
    return browser.post(IMPORT, {"file": sent, "format": "auto", "plan": "", **chosen})


def words(response):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", response.content.decode()))


def looked_at(response):
    return re.search(r'name="looked_at" value="([^"]+)"', response.content.decode())[1]


def test_the_list_of_accounts_leads_there_for_owners_alone(desk, as_, nino):
    for path in (IMPORT, EXPORT):
        assert path in desk.get("/admin/members/user/").content.decode()
        assert path not in as_(nino).get("/admin/members/user/").content.decode()
        assert as_(nino).get(path).status_code == 403


def test_a_file_is_looked_at_and_nothing_is_written(desk):
    told = words(upload(desk, file(GHOST, ANA, {**ANA, "email": "nobody"})))
    assert "Format: Ghost. Nothing is written yet." in told
    assert "New accounts 1" in told
    assert "3 “nobody” is no address" in told
    assert "Columns that nothing is taken from: id, subscribed_to_emails, labels" in told
    assert not User.objects.filter(email="ana@example.com").exists()
    assert not Deed.objects.exists()


def test_a_second_click_takes_over_what_was_looked_at(desk, owner):
    friend = sold("Friend")
    seen = looked_at(upload(desk, file(GHOST, ANA), plan=friend.pk))
    said = words(desk.post(IMPORT, {"looked_at": seen}))
    assert "Imported: 1 created" in said
    grant = Grant.objects.get()
    assert (grant.user.email, grant.plan, grant.granted_by) == ("ana@example.com", friend, owner)
    assert {deed.actor for deed in Deed.objects.all()} == {owner.key}
    assert "Here already, and unchanged 1" in words(desk.post(IMPORT, {"looked_at": seen}))


def test_letters_of_all_scripts_survive_the_way(desk):
    told = 'email;name\r\nana@example.com;"Ანა ""Ana"" Бека"\r\n'.encode("utf-16")
    desk.post(IMPORT, {"looked_at": looked_at(upload(desk, told))})
    assert User.objects.get(email="ana@example.com").display_name == 'Ანა "Ana" Бека'


@pytest.mark.parametrize("forge", [lambda seen: seen[:-2] + "xx", lambda seen: "", lambda seen: "x" * 500])
def test_nothing_but_what_was_looked_at_is_taken_over(desk, forge):
    answer = desk.post(IMPORT, {"looked_at": forge(looked_at(upload(desk, file(GHOST, ANA))))}, follow=True)
    assert "Look at the file again" in words(answer)
    assert not User.objects.filter(email="ana@example.com").exists()


def test_nor_what_was_looked_at_long_ago(desk, time_machine, now):
    time_machine.move_to(now)
    seen = looked_at(upload(desk, file(GHOST, ANA)))
    time_machine.move_to(now + timedelta(seconds=moving.HOLDS + 60))
    assert "Look at the file again" in words(desk.post(IMPORT, {"looked_at": seen}, follow=True))


def test_what_is_no_table_is_said_beside_the_file(desk):
    assert "Export it as CSV" in words(upload(desk, b"PK\x03\x04 and so on"))
    assert "A column is missing" in words(upload(desk, b"Vorname\nAna\n"))
    assert "The submitted file is empty" in words(upload(desk, b""))


def test_a_file_larger_than_a_page_should_be_is_left_to_the_command(desk, monkeypatch):
    monkeypatch.setattr(moving, "BYTES_MAX", 1_000)
    assert "import_members" in words(upload(desk, b"email\n" + b"ana@example.com\n" * 100))


def test_the_largest_file_fits_through_though_it_cannot_be_packed(desk, settings):
    """Letters without any order: nothing about them can be told shorter."""
    letters = "abcdefghijklmnopqrstuvwxyz0123456789"
    chance = random.Random(7)  # noqa: S311 (the same in every run)
    lines = ["email,phone"] + [
        f"r{n}@example.com,{''.join(chance.choices(letters, k=9_900))}" for n in range(moving.BYTES_MAX // 10_000)
    ]
    answer = upload(desk, "\n".join(lines).encode())
    assert len(looked_at(answer)) < settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    assert "Imported: 200 created" in words(desk.post(IMPORT, {"looked_at": looked_at(answer)}))


def test_a_file_in_which_nothing_can_be_taken_over_offers_no_second_click(desk):
    assert 'name="looked_at"' not in upload(desk, b"email\nnobody\n").content.decode()


def test_more_failures_than_a_page_should_show_are_counted(desk, monkeypatch):
    monkeypatch.setattr(moving, "FAILURES_SHOWN", 3)
    said = words(upload(desk, b"email\n" + b"nobody\n" * 10))
    assert said.count("is no address") == 3
    assert "and 7 more" in said


def test_a_hostile_name_is_text_on_the_page(desk):
    told = file("email,name,joined", {"email": "<script>alert(1)</script>", "name": "x"})
    assert "<script>alert" not in upload(desk, told).content.decode()


def test_the_page_says_who_is_in_an_export_and_hands_nothing_out_by_itself(desk, aram):
    answer = desk.get(EXPORT)
    assert "aram@" not in answer.content.decode()
    assert "Never what was read" in words(answer)
    assert not Deed.objects.exists()


@pytest.mark.parametrize(("who", "found"), [("all", {"aram", "leyla", "owner"}), ("members", {"leyla"})])
def test_an_export_is_a_table_that_nobody_keeps_and_the_log_knows_of(desk, owner, aram, leyla, who, found):
    answer = desk.post(EXPORT, {"who": who})
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert "no-store" in answer["Cache-Control"]
    assert re.fullmatch(r'attachment; filename="members-[\w.-]+\.csv"', answer["Content-Disposition"])
    told = b"".join(answer.streaming_content).decode()
    assert {line.partition("@")[0] for line in told.splitlines()[1:]} == found
    deed = Deed.objects.get()
    assert (deed.actor, deed.deed) == (owner.key, "exported members")


def test_every_page_names_its_command_or_button_in_words_that_say_what_happens(desk):
    assert "Look what would happen" in words(desk.get(IMPORT))
    assert "Export all accounts" in words(desk.get(EXPORT))
    assert reverse("admin:members_user_import") == IMPORT
