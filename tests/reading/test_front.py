"""The short way answers as the long way does, byte for byte, and takes nothing that is out of the ordinary."""

import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.conf import settings
from django.core.cache import cache
from django.template.base import Template
from django.test import Client, override_settings

from articles.ads.models import Creative
from articles.models import Article
from articles.reading.front import FrontMiddleware
from articles.reading.recipes import BY_NAME
from members.access import Audience
from members.models import Grant, Session, User
from members.prompts import models as prompts
from newsroom.ground import counters
from newsroom.ground.models import Count
from tests.ads.bookings import book
from tests.test_canary import AFTER, addresses, browsers, stage  # noqa: F401 (fixtures)

pytestmark = pytest.mark.django_db


class Taken:
    """Which way each response went."""

    def __init__(self, monkeypatch):
        self.short = None
        way = FrontMiddleware._short

        def watched(front, request):
            response = way(front, request)
            self.short = response is not None
            return response

        monkeypatch.setattr(FrontMiddleware, "_short", watched)


@pytest.fixture
def taken(monkeypatch):
    return Taken(monkeypatch)


@pytest.fixture
def long_way(monkeypatch):
    """long_way(browser, …) asks as if no page were known."""

    def ask(browser, address, **kwargs):
        with monkeypatch.context() as patch:
            patch.setattr(FrontMiddleware, "_short", lambda front, request: None)
            return browser.get(address, **kwargs)

    return ask


def told(response):
    return response.status_code, response.content, sorted(response.headers.items())


@pytest.mark.parametrize(
    ("reader", "secure"),
    [("stranger", False), ("stranger", True), ("registered", False), ("member", False), ("editor", True)],
)
def test_both_ways_answer_every_public_address_alike(
    stage,  # noqa: F811
    browsers,  # noqa: F811
    serving,
    taken,
    long_way,
    reader,
    secure,
):
    browser = browsers[reader]
    serving()
    prompts.Campaign.objects.record(heading="Join us")
    book("An ad")
    serving()
    short = {}
    with time_machine.travel(datetime.now(UTC), tick=False):
        for name, address in addresses():
            if name not in BY_NAME:
                continue
            first = long_way(browser, address, secure=secure)
            again = browser.get(address, secure=secure)
            assert told(again) == told(first), address
            short[address] = taken.short
            if first.status_code == 200 and AFTER not in address:
                assert taken.short, f"{address} is not answered the short way"
            else:
                assert not taken.short
    assert sum(short.values()) > 15


def test_a_known_page_asks_no_database_and_renders_no_template(
    story, stranger, serving, taken, monkeypatch, django_assert_num_queries
):
    path = story(html="<p>a</p>" * 6 + "<hr data-ad-break>" + "<p>b</p>" * 6).get_absolute_url()
    serving()
    stranger.get(path)

    def rendered(*args):
        pytest.fail("A template was rendered.")

    monkeypatch.setattr(Template, "render", rendered)
    with django_assert_num_queries(0):
        assert stranger.get(path).status_code == 200
    assert taken.short


@pytest.mark.parametrize("method", ["post", "put", "delete", "options", "patch"])
def test_other_methods_go_the_long_way(story, stranger, serving, taken, method):
    path = story().get_absolute_url()
    serving()
    stranger.get(path)
    assert getattr(stranger, method)(path).status_code == 405
    assert not taken.short


def test_a_signed_in_readers_known_page_costs_one_query(story, as_, leyla, serving, taken, django_assert_num_queries):
    path, browser = story(audience=Audience.MEMBERS).get_absolute_url(), as_(leyla)
    serving()
    browser.get(path)
    with django_assert_num_queries(1):
        assert b"gatedpangolin" in browser.get(path).content
    assert taken.short


def expired(browser, user):
    Session.objects.update(expire_date=datetime.now(UTC) - timedelta(seconds=1))


def of_another_password(browser, user):
    user.set_password("another river")
    user.save()


def banned(browser, user):
    user.banned_at = datetime.now(UTC)
    user.save()


def erased(browser, user):
    user.erased_at = datetime.now(UTC)
    user.save()


def invented(browser, user):
    browser.cookies["sessionid"] = "k" * 32


def of_odd_letters(browser, user):
    browser.cookies["sessionid"] = "cle\x00'--"


def of_a_way_to_sign_in_that_is_gone(browser, user):
    session = browser.session
    session["_auth_user_backend"] = "members.gone.Backend"
    session.save()


def forged(browser, user):
    Session.objects.update(session_data="eyJfYXV0aF91c2VyX2lkIjoiMSJ9:1x:forged")


def of_another_account(browser, user):
    Session.objects.update(user=User.objects.create_user("other@example.com"))


@pytest.mark.parametrize(
    "session",
    [
        expired, of_another_password, banned, erased, invented, of_odd_letters, of_a_way_to_sign_in_that_is_gone,
        forged, of_another_account,
    ],
)  # fmt: skip
def test_a_session_that_does_not_speak_for_itself_goes_the_long_way(
    story, stranger, as_, leyla, serving, taken, long_way, session
):
    article, browser = story(audience=Audience.MEMBERS), as_(leyla)
    path = article.get_absolute_url()
    serving()
    assert b"gatedpangolin" in browser.get(path).content
    walled = stranger.get(path).content
    session(browser, leyla)
    first = browser.get(path)
    assert not taken.short
    # Django trusts the session's data, not our column; all others read as strangers.
    assert (b"gatedpangolin" in first.content) == (session is of_another_account)
    if session is not of_another_account:
        assert first.content == walled


def test_a_grant_given_and_taken_acts_at_the_next_request_on_the_short_way(story, as_, aram, serving, taken):
    article, browser = story(audience=Audience.MEMBERS), as_(aram)
    path = article.get_absolute_url()
    serving()
    browser.get(path)
    for _turn in range(2):
        assert b"gatedpangolin" not in browser.get(path).content
        grant = Grant.objects.create(user=aram, reason="a test", starts_at=datetime.now(UTC) - timedelta(days=1))
        assert b"gatedpangolin" in browser.get(path).content
        assert b"gatedpangolin" in browser.get(path).content
        assert taken.short
        grant.revoke()
    assert b"gatedpangolin" not in browser.get(path).content
    assert taken.short


def test_a_strange_host_is_refused_on_both_ways(story, serving, taken):
    path = story().get_absolute_url()
    serving()
    assert Client(headers={"host": "localhost:8000"}).get(path).status_code == 200
    for host in ("evil.example", "localhost:8000@evil.example", "evil.example:8000", ""):
        assert Client(headers={"host": host}).get(path, SERVER_NAME="evil.example").status_code == 400
        assert not taken.short


def test_plain_http_is_sent_on_to_https_where_the_site_is_secure(story, stranger, serving, taken):
    path = story().get_absolute_url()
    serving()
    stranger.get(path)
    with override_settings(SECURE_SSL_REDIRECT=True):
        browser = Client(headers={"host": "localhost:8000"})
        response = browser.get(path)
        assert not taken.short
        assert (response.status_code, response["Location"]) == (301, f"https://localhost:8000{path}")
        assert browser.get(path, secure=True).status_code == 200
        assert taken.short


def test_any_host_of_ours_gets_the_same_page(story, stranger, serving):
    path = story().get_absolute_url()
    serving()
    pages = [Client(headers={"host": host}).get(path) for host in ("localhost:8000", "127.0.0.1:8000")]
    assert told(pages[0]) == told(pages[1])


def test_head_is_get_without_its_body(stage, stranger, serving):  # noqa: F811
    serving()
    for name, address in addresses():
        if name not in BY_NAME:
            continue
        for _warm in range(2):
            get, head = stranger.get(address), stranger.head(address)
            assert (head.status_code, dict(head.headers)) == (get.status_code, dict(get.headers)), address


def test_what_has_not_changed_is_told_in_a_word(story, stranger, serving, taken):
    article = story()
    path = article.get_absolute_url()
    serving()
    first = stranger.get(path)
    tag = first["ETag"]
    assert tag.startswith('W/"')
    for sent in (tag, tag.removeprefix("W/"), f'"x", {tag}', "*"):
        again = stranger.get(path, headers={"if-none-match": sent})
        assert (again.status_code, again.content) == (304, b""), sent
        assert again["ETag"] == tag
        assert (again["Cache-Control"], again["Vary"]) == (first["Cache-Control"], first["Vary"])
        assert "Content-Length" not in again
    for sent in ("", '"x"', tag[:-2] + '"', "W/", "nonsense"):
        assert stranger.get(path, headers={"if-none-match": sent}).status_code == 200


@pytest.mark.parametrize("change", ["text", "ad", "prompt", "own prompt"])
def test_whatever_changes_the_page_changes_its_tag(story, stranger, serving, change):
    article = story(html=f"<p>{'words ' * 60}</p>" * 8)
    ad = book("One", placements=["inline"])
    prompt = prompts.Campaign.objects.record(heading="Join us")
    serving()
    before = stranger.get(article.get_absolute_url())
    if change == "text":
        Article.objects.filter(pk=article.pk).update(headline="Another")
    elif change == "ad":
        Creative.objects.filter(pk=ad.pk).update(headline="Two")
    elif change == "prompt":
        prompts.Variant.objects.filter(campaign=prompt).update(heading="Come along")
    else:
        prompts.Campaign.objects.record(heading="Only here", by_story=True).attach([article.pk])
    serving()
    after = stranger.get(article.get_absolute_url(), headers={"if-none-match": before["ETag"]})
    assert after.status_code == 200
    assert after["ETag"] != before["ETag"]
    assert after.content != before.content


def test_signed_in_pages_have_no_tag_and_answer_no_condition(story, as_, stranger, aram, serving):
    path = story().get_absolute_url()
    serving()
    tag = stranger.get(path)["ETag"]
    response = as_(aram).get(path, headers={"if-none-match": tag})
    assert response.status_code == 200
    assert "ETag" not in response
    assert response["Cache-Control"] == "private, no-store"


def test_pages_without_holes_may_be_shared_and_do_not_look_at_cookies(story, stranger, as_, aram, serving):
    story(section="Water")
    serving()
    for path in ("/feed/", "/sections/water/feed/", "/sitemap.xml"):
        for browser in (stranger, as_(aram), stranger):
            response = browser.get(path)
            assert response["Cache-Control"] == "public, max-age=60"
            assert "Vary" not in response
            assert browser.get(path, headers={"if-none-match": response["ETag"]}).status_code == 304


def test_pages_with_holes_vary_by_cookie_and_nothing_else(story, stranger, as_, aram, serving):
    path = story().get_absolute_url()
    serving()
    for browser in (stranger, stranger, as_(aram)):
        assert browser.get(path)["Vary"] == "Cookie"


def test_a_read_and_what_it_showed_are_counted_once(story, stranger, as_, aram, serving):
    article = story(html=f"<p>{'words ' * 60}</p>" * 8)
    ad = book("One", placements=["inline"])
    prompt = prompts.Campaign.objects.record(heading="Join us")
    serving()
    path = article.get_absolute_url()
    etag = stranger.get(path)["ETag"]  # the long way
    stranger.get(path)
    stranger.get(path, headers={"if-none-match": etag})
    as_(aram).get(path)
    # None of these is somebody who reads.
    stranger.head(path)
    stranger.get(path, headers={"sec-purpose": "prefetch"})
    stranger.get(path, headers={"sec-purpose": "prefetch;prerender"})
    stranger.get("/articles/nothing/")
    counters.flush()
    counts = {(one.series, one.key): one.number for one in Count.objects.exclude(series="compiled")}
    variant = prompt.variants.get().pk
    shown = {("read", str(article.pk)): 4, ("ad", f"{ad.pk}:inline1"): 4}
    shown |= {("prompt", f"{prompt.pk}.{variant}.top"): 4, ("prompt-story", f"{prompt.pk}.{variant}:{article.pk}"): 4}
    # Two browsers have read it.
    shown |= {("prompt-reach", f"{prompt.pk}:shown"): 2}
    assert counts == shown


def test_a_made_up_question_changes_nothing(story, stranger, serving, taken):
    path = story().get_absolute_url()
    serving()
    plain = stranger.get(path)
    for odd in ("?utm_source=x", "?format=txt", "?x=.css", "?" + "&".join(f"a{n}=1" for n in range(900))):
        assert told(stranger.get(path + odd)) == told(plain)
        assert taken.short


@pytest.mark.parametrize("headline", ["Bridge", "Мост", "ხიდი", "Café", "橋 と 川"])
def test_an_address_in_any_script_is_answered_the_short_way(story, stranger, serving, taken, long_way, headline):
    path = story(headline, tags=[headline], section=headline, authors=[headline]).get_absolute_url()
    serving()
    home = stranger.get("/").content.decode()
    lists = re.findall(r'href="(/sections/[^"]+/)"', home)
    assert lists
    for address in (path, *lists):
        first = long_way(stranger, address)
        assert first.status_code == 200
        assert told(stranger.get(address)) == told(first)
        assert taken.short, address


def test_odd_spellings_of_an_address_are_answered_alike_on_both_ways(story, stranger, serving, long_way):
    for n in range(25):
        story(f"Story {n}", section="Water", published_at=datetime.now(UTC) - timedelta(hours=n + 1))
    serving()
    path = "/sections/water/"
    key = re.search(r"[?]after=([^\"]+)", stranger.get(path).content.decode())[1]
    stranger.get(f"{path}?after={key}")
    for odd in (
        f"{path}?%61fter={key}", f"{path}%3Fafter={key}", f"{path}?after", f"{path}?after=", f"{path}?after={key}&after=x",
        f"{path}?x={key}&after={key}", f"{path}?after={key}%20", f"{path}?AFTER={key}", f"{path}?after%3D{key}", "/404:en",
        f"{path}?" + "&".join(f"a{n}=%41" for n in range(1200)), f"//{path}", "/%2e/", f"{path}?%zz",
    ):  # fmt: skip
        assert told(stranger.get(odd)) == told(long_way(stranger, odd)), odd


def test_no_bytes_are_short_of_what_a_story_is_for(story, stranger, as_, leyla, serving, taken):
    article = story(audience=Audience.MEMBERS)
    path = article.get_absolute_url()
    serving()
    whole = as_(leyla).get(path).content
    walled = stranger.get(path).content
    assert b"gatedpangolin" in whole
    for _again in range(2):
        assert stranger.get(path).content == walled
        assert b"gatedpangolin" not in walled
        assert as_(leyla).get(path).content == whole
    assert taken.short


def test_an_older_page_of_a_list_is_known_by_its_key(story, stranger, serving, taken):
    for n in range(25):
        story(f"Story {n}", section="Water", published_at=datetime.now(UTC) - timedelta(hours=n + 1))
    serving()
    address = re.search(r'href="(/sections/water/[?]after=[^"]+)"', stranger.get("/sections/water/").content.decode())[
        1
    ]
    older = stranger.get(address)
    assert told(stranger.get(address)) == told(older)
    assert taken.short
    assert stranger.get(address + "&utm_source=x").content == older.content
    assert stranger.get("/sections/water/").content != older.content
    made_up = "/sections/water/?after=99999999999999999-1"
    assert stranger.get(made_up).status_code == stranger.get(made_up).status_code == 200
    assert not taken.short, "Anybody can make up keys; such pages are not kept."


def test_a_page_that_the_beat_has_not_told_of_goes_the_long_way(story, stranger, taken):
    path = story().get_absolute_url()
    stranger.get(path)
    stranger.get(path)
    assert not taken.short, "Without a beat this process cannot know what was changed."


def test_every_dress_is_worn_on_the_long_way_too():
    assert set(settings.DRESS) < set(settings.MIDDLEWARE)
    worn = [name for name in settings.MIDDLEWARE if name in settings.DRESS]
    assert worn == settings.DRESS
    assert settings.MIDDLEWARE[0] == "articles.reading.front.FrontMiddleware"


def test_the_cookie_of_a_reader_who_signs_out_opens_nothing(story, as_, leyla, serving):
    article = story(audience=Audience.MEMBERS)
    browser = as_(leyla)
    serving()
    assert b"gatedpangolin" in browser.get(article.get_absolute_url()).content
    browser.logout()
    assert b"gatedpangolin" not in browser.get(article.get_absolute_url()).content
    cache.clear()
    assert not re.search(b"Leyla", browser.get("/").content)
