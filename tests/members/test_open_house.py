"""The night when everybody must be able to read: open at the next poll, shut at the next poll, and nothing beside."""

from datetime import timedelta

import pytest
from django.db import IntegrityError
from django.utils import timezone

from articles import publishing
from articles.models import Article, ArticlePlan
from articles.reading import recipes, store
from members import open_house
from members.access import Audience, Reason, Terms, decide
from members.models import Opened, OpenHouse, Plan
from members.reader import Reader
from newsroom.ground import counters
from newsroom.ground.models import Count
from tests.conftest import FREE_WORD, GATED_WORD

pytestmark = pytest.mark.django_db

UNLOCKS = "to unlock the audio version"


@pytest.fixture(autouse=True)
def _metered(metered):
    metered.METER_STRANGERS = 1


@pytest.fixture
def stories(story, now):
    """The address of a story for each kind of terms, its audio for members."""
    plan = Plan.objects.create(name="Patron", slug="patron", level=20)
    audio = {"audio": "members"}
    made = {
        "members": story("For members", audience=Audience.MEMBERS, **audio),
        "registered": story("For readers", audience=Audience.REGISTERED, **audio),
        "early": story("First", early_access_until=now + timedelta(days=1), **audio),
        "early for members": story(
            "First too", audience=Audience.MEMBERS, early_access_until=now + timedelta(days=1), **audio
        ),
        "plan": story("For patrons", audience=Audience.MEMBERS, **audio),
        "metered": story("On the meter", metered=True, **audio),
    }
    ArticlePlan.objects.create(article=made["plan"], plan=plan)
    return {name: article.get_absolute_url() for name, article in made.items()}


@pytest.fixture
def spent(as_, story):
    """A stranger who has opened the one free article."""
    browser = as_(None)
    path = story("Another on the meter", metered=True).get_absolute_url()
    assert GATED_WORD in browser.get(path).content.decode()
    return browser


def begin():
    return OpenHouse.objects.create(reason="The dam has broken")


def end(row):
    row.closed_at = timezone.now()
    row.save()


def is_open(browser, path):
    page = browser.get(path).content.decode()
    assert FREE_WORD in page
    whole = GATED_WORD in page
    assert page.count("data-wall") == (not whole)
    return whole


def is_heard(browser, path):
    return UNLOCKS not in browser.get(path).content.decode()


def test_everything_opens_at_the_next_poll_and_shuts_at_the_next_poll(stories, spent, as_, aram, serving):
    browsers = [spent, as_(aram)]
    walled = {(browser, path) for browser in browsers for path in stories.values() if not is_open(browser, path)}
    assert {path for browser, path in walled if browser is spent} == set(stories.values())
    for _night in range(2):
        row = begin()
        assert not any(is_open(*pair) for pair in walled), "not before it was told"
        serving()
        assert all(is_open(*pair) and is_heard(*pair) for pair in walled)
        end(row)
        assert all(is_open(*pair) for pair in walled), "nor shut before it was told"
        serving()
        assert not any(is_open(*pair) or is_heard(*pair) for pair in walled)


def test_a_process_that_does_not_poll_knows_it_at_once(stories, spent):
    row = begin()
    assert all(is_open(spent, path) for path in stories.values())
    end(row)
    assert not any(is_open(spent, path) for path in stories.values())


def test_a_process_that_starts_meanwhile_knows_it(stories, spent):
    begin()
    open_house._switch.is_open = False
    store.default.follower.forget()
    assert all(is_open(spent, path) for path in stories.values())


def test_nothing_is_spent_meanwhile(stories, stranger, as_, aram, serving):
    begin()
    serving()
    for browser in (stranger, as_(aram)):
        for path in stories.values():
            assert is_open(browser, path)
            assert "reader" not in browser.cookies
    assert not Opened.objects.exists()


def test_what_is_not_published_opens_to_nobody(story, stranger, aram, as_, serving, now):
    hidden = [
        story("Tomorrow's", published_at=now + timedelta(days=1)).get_absolute_url(),
        story("Withdrawn").get_absolute_url(),
    ]
    publishing.withdraw([Article.objects.get(headline="Withdrawn")])
    draft = Article(headline="A draft", slug="a-draft")
    publishing.save([publishing.Draft(draft, "<p>x</p>")])
    begin()
    serving()
    for browser in (stranger, as_(aram)):
        for path in [*hidden, "/articles/a-draft/"]:
            assert browser.get(path).status_code == 404
        assert browser.get("/admin/").status_code in (302, 403)


def test_what_is_open_for_the_night_is_kept_nowhere(stories, stranger, as_, aram, serving):
    begin()
    serving()
    for browser in (stranger, as_(aram)):
        for _again in range(2):
            for path in stories.values():
                response = browser.get(path)
                assert (response["Cache-Control"], response["Vary"]) == ("private, no-store", "Cookie")
                assert "ETag" not in response


def test_a_tag_of_the_walled_page_does_not_keep_the_wall_standing(stories, stranger, serving):
    tag = stranger.get(stories["members"])["ETag"]
    row = begin()
    serving()
    response = stranger.get(stories["members"], headers={"if-none-match": tag})
    assert (response.status_code, GATED_WORD in response.content.decode()) == (200, True)
    end(row)
    serving()
    assert stranger.get(stories["members"], headers={"if-none-match": tag}).status_code == 304


def test_pages_that_are_compiled_stay_so(stories, stranger, as_, nino, serving, monkeypatch):
    """A night of many readers is no night to compile everything anew."""
    browsers = [stranger, as_(nino)]
    for browser in browsers:
        for path in stories.values():
            browser.get(path)

    def compiled(*args, **kwargs):
        pytest.fail("A page was compiled.")

    for name in ("compile_article", "compile_list"):
        monkeypatch.setattr(recipes, name, compiled)
    metered = stories.pop("metered")
    for _night in range(2):
        row = begin()
        serving()
        assert all(is_open(stranger, path) for path in stories.values())
        assert is_open(stranger, metered)
        end(row)
        serving()
        assert not any(is_open(stranger, path) for path in stories.values())


def test_the_short_way_needs_no_database_for_it(stories, stranger, as_, nino, serving, django_assert_num_queries):
    for path in stories.values():
        as_(nino).get(path)
    begin()
    serving()
    with django_assert_num_queries(0):
        for path in stories.values():
            assert is_open(stranger, path)


def test_the_reason_is_said_where_nothing_else_opens(now):
    for audience in (Audience.REGISTERED, Audience.MEMBERS):
        reader = Reader(Audience.EVERYONE, now, open_house=True)
        assert decide(Terms("article:1", audience), reader, now).reason is Reason.OPEN_HOUSE
    assert decide(Terms("article:1", Audience.EVERYONE), reader, now).reason is Reason.OPEN


def test_there_is_one_night_at_a_time():
    begin()
    with pytest.raises(IntegrityError):
        begin()


def test_the_rows_are_its_log(davit):
    row = OpenHouse.objects.create(reason="The dam has broken", opened_by=davit)
    row.closed_by = davit
    end(row)
    begin()
    first, second = OpenHouse.objects.order_by("pk")
    assert (first.reason, first.opened_by, first.closed_by) == ("The dam has broken", davit, davit)
    assert first.opened_at <= first.closed_at <= second.opened_at
    assert second.closed_at is None


def test_reads_are_counted_as_on_any_night(stories, stranger, serving):
    begin()
    serving()
    stranger.get(stories["members"])
    counters.flush()
    assert Count.objects.get(series="read").number == 1
