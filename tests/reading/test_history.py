"""The reading history: nobody's unless switched on, the reader's own alone, gone at a click."""

import threading
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from articles import publishing
from articles.reading import history
from articles.reading.models import Visit
from members.access import Audience
from members.accounts import personal_data
from members.models import User
from tests.conftest import BROWSER, PASSWORD
from tests.members.test_account_pages import check

pytestmark = pytest.mark.django_db

HISTORY = "/account/history/"


@pytest.fixture(autouse=True)
def _nothing_waits():
    history.forget()


@pytest.fixture(params=["long", "short"])
def way(request):
    """Both ways of answering."""
    if request.param == "short":
        request.getfixturevalue("serving")()


@pytest.fixture
def keeper(leyla):
    """Leyla, who keeps a history."""
    history.switch_on(leyla)
    return leyla


def kept(user):
    """The headlines in an account's history, newest first, once what waits is written."""
    history.flush()
    return list(Visit.objects.filter(user=user).newest_first().values_list("article__headline", flat=True))


def read(browser, article, **headers):
    return browser.get(article.get_absolute_url(), headers=headers)


def test_by_default_nothing_tells_who_read_what(way, story, as_, leyla, aram, nino):
    stories = [story(f"Story {n}", audience=n % 3) for n in range(3)]
    for user in (None, leyla, aram, nino):
        browser = as_(user)
        for article in [*stories, *stories]:
            assert read(browser, article).status_code == 200
    history.flush()
    assert not Visit.objects.exists()


def test_a_reader_who_switched_it_on_finds_what_was_read(way, story, as_, leyla, aram):
    story_one, story_two = story("One"), story("Two", audience=Audience.MEMBERS)
    browser, other = as_(leyla), as_(aram)
    page = check(browser.post(HISTORY, {"do": "on"}, follow=True))
    assert "Your reading history is on" in page
    for article in (story_one, story_two):
        read(browser, article)
        read(other, article)
    assert kept(leyla) == ["Two", "One"]
    page = check(browser.get(HISTORY))
    assert page.index(story_two.get_absolute_url()) < page.index(story_one.get_absolute_url())
    assert Visit.objects.exclude(user=leyla).count() == 0


def test_a_story_read_again_stands_once_and_first(way, story, as_, keeper):
    one, two = story("One"), story("Two")
    browser = as_(keeper)
    for article in (one, two, one):
        read(browser, article)
        history.flush()
    assert kept(keeper) == ["One", "Two"]


def test_a_signed_in_readers_page_costs_no_query_more(story, as_, keeper, serving, django_assert_num_queries):
    article, browser = story(), as_(keeper)
    serving()
    read(browser, article)
    with django_assert_num_queries(1):
        read(browser, article)
    assert kept(keeper) == ["The mill road reopens"]


def test_what_no_reader_asked_for_is_not_kept(way, story, as_, keeper):
    article, browser = story(), as_(keeper)
    browser.head(article.get_absolute_url())
    read(browser, article, **{"sec-purpose": "prefetch"})
    read(browser, article, **{"user-agent": "curl/8.5"})
    browser.get("/")
    browser.get("/articles/no-such-story/")
    assert kept(keeper) == []
    assert read(browser, article).status_code == 200
    assert len(kept(keeper)) == 1


def test_what_was_read_before_it_was_switched_on_stays_unknown(way, story, as_, leyla):
    browser = as_(leyla)
    read(browser, story())
    browser.post(HISTORY, {"do": "on"})
    assert kept(leyla) == []


def test_switching_off_deletes_all_of_it_and_what_is_on_its_way(way, story, as_, keeper):
    browser = as_(keeper)
    read(browser, story("One"))
    history.flush()
    read(browser, story("Two"))
    page = check(browser.post(HISTORY, {"do": "off"}, follow=True))
    assert "what was in it is deleted" in page
    assert kept(keeper) == []
    read(browser, story("Three"))
    assert kept(keeper) == []
    assert not User.objects.get(pk=keeper.pk).keeps_history


def test_emptying_deletes_all_of_it_and_goes_on(way, story, as_, keeper):
    browser = as_(keeper)
    read(browser, story("One"))
    history.flush()
    read(browser, story("Two"))
    assert "Your reading history is empty" in check(browser.post(HISTORY, {"do": "wipe"}, follow=True))
    assert kept(keeper) == []
    read(browser, story("Three"))
    assert kept(keeper) == ["Three"]


def test_a_history_is_wiped_by_its_owner_alone(story, as_, keeper, aram):
    read(as_(keeper), story("One"))
    history.flush()
    for act in ("wipe", "off"):
        as_(aram).post(HISTORY, {"do": act})
    assert kept(keeper) == ["One"]


@pytest.mark.parametrize("act", ["", "ON", "delete", "on\0"])
def test_what_the_page_does_not_offer_does_nothing(as_, leyla, act):
    assert as_(leyla).post(HISTORY, {"do": act}).status_code == 302
    assert not User.objects.get(pk=leyla.pk).keeps_history


def test_neither_a_visit_nor_another_site_switches_it(leyla, as_):
    as_(leyla).get(f"{HISTORY}?do=on")
    browser = Client(enforce_csrf_checks=True, headers={"host": "localhost:8000", "user-agent": BROWSER})
    browser.force_login(leyla)
    assert browser.post(HISTORY, {"do": "on"}).status_code == 403
    assert not User.objects.get(pk=leyla.pk).keeps_history


def test_a_stranger_has_none(stranger):
    for answer in (stranger.get(HISTORY), stranger.post(HISTORY, {"do": "on"})):
        assert answer.url == f"{reverse('account_login')}?next={HISTORY}"


def test_the_account_says_whether_it_is_on_and_switches_it_on(as_, leyla):
    browser = as_(leyla)
    page = check(browser.get("/account/"))
    assert f'<form method="post" action="{HISTORY}">' in page
    assert '<button class="plain" name="do" value="on">Switch it on</button>' in page
    history.switch_on(leyla)
    page = check(browser.get("/account/"))
    assert "Switch it on" not in page
    assert f'<a href="{HISTORY}">See it, or delete it</a>' in page


def test_the_page_says_what_is_kept_and_that_off_deletes(as_, leyla):
    browser = as_(leyla)
    assert "Switched off again, all of it is deleted" in check(browser.get(HISTORY))
    history.switch_on(leyla)
    page = check(browser.get(HISTORY))
    assert "for 365 days, and no more than the newest 1000" in page
    assert "Switch it off and delete the list" in page


def test_a_story_that_is_withdrawn_is_not_named(story, as_, keeper):
    gone, there = story("Secret headline"), story("Open headline")
    browser = as_(keeper)
    for article in (gone, there):
        read(browser, article)
    history.flush()
    publishing.withdraw([gone])
    page = check(browser.get(HISTORY))
    assert "Open headline" in page
    assert "Secret headline" not in page


def test_a_story_deleted_meanwhile_stops_no_others(story, as_, keeper):
    gone, there = story("Gone"), story("There")
    for article in (gone, there):
        read(as_(keeper), article)
    gone.delete()
    assert kept(keeper) == ["There"]


def test_a_long_history_is_told_a_page_at_a_time(story, as_, keeper, now):
    stories = [story(f"Story {n:02}") for n in range(51)]
    # Of many read at one moment none is lost between two pages.
    Visit.objects.bulk_create([Visit(user=keeper, article=one, read_at=now) for one in stories])
    browser = as_(keeper)
    first = browser.get(HISTORY)
    older = first.content.decode().split('" rel="next"')[0].rpartition('href="')[2]
    assert older.startswith(f"{HISTORY}?after=")
    second = check(browser.get(older))
    on_first = {one.pk for one in stories if f'"{one.get_absolute_url()}"' in first.content.decode()}
    on_second = {one.pk for one in stories if f'"{one.get_absolute_url()}"' in second}
    assert (len(on_first), len(on_second)) == (50, 1)
    assert on_first | on_second == {one.pk for one in stories}
    assert 'rel="next"' not in second


@pytest.mark.parametrize("after", ["", "x", "1", "1-", "9" * 30 + "-1", "1-1; DROP"])
def test_a_made_up_page_of_it_is_not_found(as_, keeper, after):
    assert as_(keeper).get(HISTORY, {"after": after}).status_code == 404


def test_it_is_forgotten_after_a_year_and_beyond_a_thousand(story, keeper, aram, now, monkeypatch):
    monkeypatch.setattr(history, "VISITS_MAX", 3)
    stories = [story(f"Story {n}") for n in range(6)]
    ages = [timedelta(days=days) for days in (0, 1, 2, 3, 364, 366)]
    for user in (keeper, aram):
        mine = stories if user == keeper else stories[4:]
        Visit.objects.bulk_create(
            [
                Visit(user=user, article=one, read_at=now - age)
                for one, age in zip(stories, ages, strict=True)
                if one in mine
            ]
        )
    history.forget_old_visits(now)
    assert kept(keeper) == ["Story 0", "Story 1", "Story 2"]
    assert kept(aram) == ["Story 4"]


def test_it_goes_with_the_readers_data_and_tells_no_withdrawn_headline(story, as_, keeper):
    gone, there = story("Secret headline"), story("Open headline")
    with time_machine.travel(timezone.now(), tick=False) as clock:
        for article in (gone, there):
            read(as_(keeper), article)
            clock.shift(1)
    history.flush()
    publishing.withdraw([gone])
    told = personal_data.everything(keeper)["reading_history"]
    assert [row["story"] for row in told] == ["Open headline", ""]
    assert all(row["read_at"] for row in told)


def test_who_leaves_takes_it_away(story, as_, keeper, aram):
    history.switch_on(aram)
    article = story()
    for user in (keeper, aram):
        read(as_(user), article)
    history.flush()
    read(as_(keeper), story("Another"))
    personal_data.delete(keeper)
    assert kept(keeper) == []
    assert len(kept(aram)) == 1


def test_a_database_that_is_away_loses_no_visit(story, as_, keeper, monkeypatch):
    read(as_(keeper), story())

    def away(batch):
        raise connection.Database.OperationalError("away")

    with monkeypatch.context() as patch:
        patch.setattr(history, "_write", away)
        with pytest.raises(connection.Database.OperationalError):
            history.flush()
    assert len(kept(keeper)) == 1


def test_the_history_in_russian(story, as_, keeper):
    article = story("Дорога открыта", language="ru")
    browser = as_(keeper)
    read(browser, article)
    history.flush()
    page = check(browser.get(f"/ru{HISTORY}"))
    assert "Ваша история чтения" in page
    assert f'<a href="{article.get_absolute_url()}" lang="ru" dir="ltr">Дорога открыта</a>' in page
    assert 'lang="ru" dir="ltr">Дорога' in check(browser.get(HISTORY))


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_a_visit_that_is_written_while_it_is_switched_off_is_gone_with_the_rest(story):
    """The one waits for the other: whichever comes first, nothing is left."""
    assert connection.vendor == "postgresql", "Run by: make test-postgres"
    user = User.objects.create_user("leyla@example.com", PASSWORD, keeps_history=True)
    articles = [story(f"Story {n}") for n in range(20)]
    history.forget()
    for _round in range(10):
        history.switch_on(user)
        history._happened.extend((user.pk, article.pk, timezone.now()) for article in articles)
        gate = threading.Barrier(2)

        def together(act, gate=gate):
            gate.wait(timeout=30)
            try:
                act()
            finally:
                connection.close()

        threads = [
            threading.Thread(target=together, args=(act,)) for act in (history.flush, lambda: history.switch_off(user))
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=30)
            assert not thread.is_alive()
        assert not Visit.objects.exists()
