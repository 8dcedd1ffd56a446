"""Home, section, tag, author: lists by key."""

import io
import re
from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree

import feedparser
import pytest
import time_machine as clock
from PIL import Image as Picture

from articles.models import Article, Image
from articles.reading.parts import keys

pytestmark = pytest.mark.django_db

MOMENT = datetime(2026, 11, 1, 12, tzinfo=UTC)


@pytest.fixture
def archive(story):
    """Forty-five stories, several of one moment."""
    return [
        story(
            f"Story {n:02}",
            published_at=MOMENT + timedelta(minutes=n // 3),
            section="Water",
            tags=["Dam"],
            authors=["Tamta"],
        )
        for n in range(45)
    ]


def walk(browser, path):
    """The headlines of all pages of a list, following its link to the older ones."""
    found = []
    while path:
        text = browser.get(path).content.decode()
        assert f'<link rel="canonical" href="http://localhost:8000{path}">' in text
        text = text[text.index("<main") :]
        found.append(re.findall(r">\s*(Story \d\d)\s*<", text))
        older = re.search(r'href="([^"]*\?after=[^"]*)"', text)
        path = older[1] if older else None
        assert len(found) < 10
    return found


@pytest.mark.parametrize("path", ["/sections/water/", "/tags/dam/", "/authors/tamta/"])
def test_a_list_shows_every_story_once_newest_first(archive, stranger, path):
    pages = walk(stranger, path)
    assert [len(page) for page in pages] == [20, 20, 5]
    assert [name for page in pages for name in page] == [f"Story {n:02}" for n in reversed(range(45))]


def test_home_leads_with_the_newest_and_goes_on_into_the_past(archive, stranger):
    first, *rest = walk(stranger, "/")
    assert first[0] == "Story 44"
    assert {name for page in [first, *rest] for name in page} == {f"Story {n:02}" for n in range(45)}


def test_the_newest_story_with_a_picture_leads_if_it_is_among_the_newest(archive, stranger):
    made = io.BytesIO()
    Picture.new("RGB", (600, 400), "teal").save(made, "PNG")
    image = Image.objects.store(io.BytesIO(made.getvalue()))
    Article.objects.filter(headline__in=["Story 40", "Story 41"]).update(image=image)
    assert walk(stranger, "/")[0][:3] == ["Story 41", "Story 44", "Story 43"]
    Article.objects.update(image=None)
    Article.objects.filter(headline="Story 30").update(image=image)
    assert walk(stranger, "/")[0][0] == "Story 44"


def test_a_story_stands_once_on_the_front_page(archive, stranger):
    first = walk(stranger, "/")[0]
    assert len(first) == len(set(first))


@pytest.mark.parametrize(
    "after", ["", "x", "1", "1-", "--1-1", "1--1", "9" * 30 + "-1", "999999999999999999-1", "1-1%27", "٣-٣"]
)
def test_a_key_that_no_list_made_is_an_honest_404(archive, stranger, after):
    assert stranger.get(f"/tags/dam/?after={after}").status_code == 404


def test_a_list_goes_back_before_1970(story, stranger):
    for n in range(25):
        story(f"Story {n:02}", published_at=datetime(1931, 5, 1, tzinfo=UTC) + timedelta(days=n), tags=["Dam"])
    assert [len(page) for page in walk(stranger, "/tags/dam/")] == [20, 5]


def test_a_key_names_its_place_to_the_microsecond(story):
    article = story(published_at=datetime(2026, 11, 1, 12, 30, 15, 123456, tzinfo=UTC))
    assert keys.parse(keys.key_of(article)) == (article.published_at, article.pk)


def test_an_empty_paper_says_so(stranger):
    response = stranger.get("/")
    assert response.status_code == 200
    assert "Nothing has been published yet" in response.content.decode()


def test_each_language_has_its_own_home(story, stranger):
    story("An English story")
    story("Русская история", language="ru")
    assert "Русская" not in stranger.get("/").content.decode()
    russian = stranger.get("/ru/")
    assert "An English story" not in russian.content.decode()
    assert "Русская история" in russian.content.decode()
    assert russian["Content-Language"] == "ru"
    assert "Accept-Language" not in stranger.get("/").get("Vary", "")


def test_what_is_not_there_is_said_and_the_newest_offered(story, stranger):
    story("Ferry fails again")
    response = stranger.get("/articles/no-such-story/")
    assert response.status_code == 404
    assert "Ferry fails again" in response.content.decode()


@pytest.mark.parametrize(
    ("path", "queries"), [("/", 21), ("/sections/water/", 12), ("/tags/dam/", 12), ("/authors/tamta/", 12)]
)
def test_lists_cost_few_queries_and_none_once_known(
    archive, story, stranger, serving, django_assert_max_num_queries, django_assert_num_queries, path, queries
):
    for n in range(30):
        story(f"More {n}", section=f"Section {n % 10}", authors=[f"Author {n}"], tags=["Dam"])
    stranger.get("/nothing/")
    # As many however many stories, sections and authors there are.
    with django_assert_max_num_queries(queries):
        stranger.get(path)
    with django_assert_num_queries(0):
        stranger.get(path)


def test_a_feed_bears_whatever_was_typed(story, stranger):
    nasty = "\x0b\x01\ufffe"
    story(
        f"A bell{nasty}", html=f"<p>One{nasty} & two</p><p>b</p>", standfirst=nasty, source=f"Hill{nasty} Radio",
        section=f"Wa{nasty}ter", tags=[f"Da{nasty}m"], authors=[f"Tam{nasty}ta"],
    )  # fmt: skip
    feed = feedparser.parse(stranger.get("/feed/").content)
    assert not feed.bozo
    assert feed.entries[0].title == "A bell"
    assert feed.entries[0].description == "One & two"


@pytest.mark.parametrize("path", ["/feed/", "/sections/water/feed/", "/tags/dam/feed/", "/authors/tamta/feed/"])
def test_a_feed_is_read_whole_by_a_real_parser(archive, stranger, path):
    feed = feedparser.parse(stranger.get(path).content)
    assert not feed.bozo
    assert feed.entries[0].title == "Story 44"
    assert feed.entries[0].link == "http://localhost:8000/articles/story-44/"


def test_the_sitemap_lists_what_is_public(archive, story, stranger):
    story("Tomorrow", published_at=datetime.now(UTC) + timedelta(days=1))
    tree = ElementTree.fromstring(stranger.get("/sitemap.xml").content)  # noqa: S314 our own
    found = {loc.text for loc in tree.iter("{http://www.sitemaps.org/schemas/sitemap/0.9}loc")}
    assert {
        "http://localhost:8000/",
        "http://localhost:8000/ru/",
        "http://localhost:8000/sections/water/",
        "http://localhost:8000/articles/story-07/",
    } <= found
    assert not any("tomorrow" in address for address in found)


def test_robots_are_told_where_the_sitemap_is(stranger):
    text = stranger.get("/robots.txt").content.decode()
    assert "Disallow: /ru/accounts/" in text
    assert "Sitemap: http://localhost:8000/sitemap.xml" in text
    assert "Disallow: /admin/" in text


def test_a_story_appears_at_its_second(story, stranger):
    moment = datetime(2026, 12, 24, 9, tzinfo=UTC)
    article = story("Embargoed", published_at=moment)
    with clock.travel(moment - timedelta(seconds=1), tick=False):
        assert stranger.get(article.get_absolute_url()).status_code == 404
    with clock.travel(moment, tick=False):
        assert stranger.get(article.get_absolute_url()).status_code == 200
