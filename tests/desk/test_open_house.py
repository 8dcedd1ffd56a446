"""Opening everything to everybody from the desk, and closing it again."""

import logging

import pytest
from django.urls import reverse

from members.accounts.roles import appoint
from members.models import OpenHouse, User
from newsroom.ground.models import Deed
from tests.conftest import GATED_WORD

pytestmark = pytest.mark.django_db

PAGE = reverse("admin:members_openhouse_changelist")
OPEN = {"open": "now", "reason": "The quake"}
BAND = "Everything is open to everybody, since"


@pytest.fixture
def publisher(as_):
    """A browser of Tamta, who publishes, and owns nothing."""
    user = User.objects.create_user("tamta@example.com", display_name="Tamta")
    appoint(user, User.Role.PUBLISHER)
    return as_(user)


def page(client, address=PAGE, **sent):
    response = client.post(address, sent, follow=True) if sent else client.get(address)
    assert response.status_code == 200
    return response.content.decode()


def test_a_publisher_opens_everything_with_a_reason_and_everybody_reads_it(publisher, stranger, story):
    live = story(audience=2)
    assert GATED_WORD not in page(stranger, live.get_absolute_url())
    assert "Everything is open to everybody now." in page(publisher, **OPEN)
    assert GATED_WORD in page(stranger, live.get_absolute_url())
    row = OpenHouse.objects.get()
    assert (row.reason, str(row.opened_by), row.closed_at) == ("The quake", "Tamta", None)


def test_it_is_closed_again_and_the_walls_stand(publisher, stranger, story):
    live = story(audience=2)
    page(publisher, **OPEN)
    assert "walls and meter stand again" in page(publisher, close=OpenHouse.objects.get().pk)
    assert GATED_WORD not in page(stranger, live.get_absolute_url())
    row = OpenHouse.objects.get()
    assert row.closed_at is not None
    assert str(row.closed_by) == "Tamta"


def test_without_a_reason_nothing_is_opened(publisher):
    assert "This field is required" in page(publisher, open="now", reason=" ")
    assert not OpenHouse.objects.exists()


def test_a_reason_that_is_too_long_is_refused_and_kept(publisher):
    assert "x" * 201 in page(publisher, open="now", reason="x" * 201)
    assert not OpenHouse.objects.exists()


@pytest.mark.parametrize("address", ["/admin/", "/admin/articles/article/", "/admin/articles/article/add/", PAGE])
def test_while_it_runs_every_page_of_the_desk_says_since_when_by_whom_and_why(publisher, address):
    page(publisher, **OPEN)
    html = page(publisher, address)
    assert BAND in html
    assert "by Tamta: The quake" in html
    assert "Close it again" in html
    page(publisher, close=OpenHouse.objects.get().pk)
    assert BAND not in page(publisher, address)


def test_who_may_not_close_it_sees_that_it_runs_and_no_button(publisher, reporter):
    page(publisher, **OPEN)
    html = page(reporter, "/admin/")
    assert BAND in html
    assert "Close it again" not in html


def test_the_page_is_found_on_the_desks_first_page_by_those_who_may_open_it(publisher, reporter, editor):
    for client in (publisher, editor):
        assert PAGE in page(client, "/admin/")
    assert PAGE not in page(reporter, "/admin/")


def test_nobody_else_opens_or_closes_anything(publisher, reporter, as_, aram):
    for sent in (OPEN, {"close": "1"}):
        assert reporter.post(PAGE, sent).status_code == 403
        for person in (aram, None):
            assert as_(person).post(PAGE, sent).status_code == 302
    assert not OpenHouse.objects.exists()
    page(publisher, **OPEN)
    reporter.post(PAGE, {"close": OpenHouse.objects.get().pk})
    assert OpenHouse.objects.running().exists()


def test_the_second_of_two_who_open_is_told_and_opens_nothing(publisher):
    page(publisher, **OPEN)
    assert "Somebody was faster: everything is open already." in page(publisher, open="now", reason="The flood")
    assert OpenHouse.objects.get().reason == "The quake"


def test_the_second_of_two_who_close_is_told_and_a_later_night_stays_open(publisher):
    page(publisher, **OPEN)
    first = OpenHouse.objects.get()
    page(publisher, close=first.pk)
    page(publisher, open="now", reason="The flood")
    assert "Somebody was faster: it is closed already." in page(publisher, close=first.pk)
    assert OpenHouse.objects.running().get().reason == "The flood"


@pytest.mark.parametrize("pk", ["0", "4711", "one", "-1", "²"])
def test_a_forged_number_closes_nothing(publisher, pk):
    page(publisher, **OPEN)
    page(publisher, close=pk)
    assert OpenHouse.objects.running().exists()


def test_who_did_it_and_why_is_in_the_audit_log_and_in_one_line_of_the_servers_log(publisher, caplog):
    with caplog.at_level(logging.WARNING, "newsroom"):
        page(publisher, **OPEN)
        row = OpenHouse.objects.get()
        page(publisher, close=row.pk)
        page(publisher, close=row.pk)
    deeds = Deed.objects.order_by("pk").values_list("actor", "deed", "kind", "key", "note")
    assert list(deeds) == [
        (row.opened_by.key, "opened everything", "open house", str(row.pk), "The quake"),
        (row.opened_by.key, "closed everything again", "open house", str(row.pk), ""),
    ]
    assert [record.levelname for record in caplog.records] == ["WARNING", "WARNING"]


def test_the_page_lists_the_nights_that_were(publisher):
    page(publisher, **OPEN)
    page(publisher, close=OpenHouse.objects.get().pk)
    html = page(publisher)
    assert "The quake" in html
    assert "Open everything to everybody now" in html


@pytest.mark.parametrize("name", ["add", "change", "delete", "history"])
def test_no_form_of_djangos_changes_the_log(publisher, as_, name):
    owner = as_(User.objects.create_superuser("owner@example.com", "the river rises at noon"))
    page(publisher, **OPEN)
    row = OpenHouse.objects.get()
    address = reverse(f"admin:members_openhouse_{name}", args=[] if name == "add" else [row.pk])
    for client in (publisher, owner):
        client.post(address, {"reason": "Forged", "post": "yes"})
    assert list(OpenHouse.objects.values_list("reason", flat=True)) == ["The quake"]


def test_while_nothing_is_open_no_page_of_the_desk_asks_for_it(editor, django_assert_max_num_queries):
    page(editor, "/admin/articles/section/")
    with django_assert_max_num_queries(20) as asked:
        page(editor, "/admin/articles/section/")
    assert not [query for query in asked if OpenHouse._meta.db_table in query["sql"]]


def test_the_page_itself_says_so_at_once_also_where_other_pages_hear_of_it_a_second_later(publisher, serving):
    assert BAND in page(publisher, **OPEN)
    assert BAND not in page(publisher, "/admin/")
    serving()
    assert BAND in page(publisher, "/admin/")
    assert BAND not in page(publisher, close=OpenHouse.objects.get().pk)
