"""The meter: so many articles a month are free, counted on the server, once each, whatever a load looks like."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse

from articles.models import Article
from members.access import Audience
from members.models import Opened, User
from newsroom.ground import counters
from newsroom.ground.models import Count
from tests.conftest import PASSWORD
from tests.members.metered import is_open, reads, told

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("metered")]

PREFETCHES = [
    {"sec-purpose": "prefetch"},
    {"sec-purpose": "prefetch;prerender"},
    {"sec-purpose": "prefetch;anonymous-client-ip"},
    {"purpose": "prefetch"},
]
ROBOT = {"user-agent": "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"}


def test_a_stranger_opens_three_and_then_meets_the_wall(way, stories, stranger):
    assert reads(stranger, stories[:5]) == [True] * 3 + [False] * 2


def test_to_read_again_is_free(way, stories, stranger):
    for _again in range(3):
        assert reads(stranger, [stories[1], stories[0], stories[1]]) == [True] * 3
    assert reads(stranger, [*stories[2:4], *stories[:3]]) == [True, False, True, True, True]
    assert len(told(stranger).opened) == 3


def test_an_account_opens_ten_and_then_meets_the_wall(way, stories, as_, aram):
    assert reads(as_(aram), stories[:11]) == [True] * 10 + [False]
    # In whichever browser, in whichever order.
    assert reads(as_(aram), [*stories[11:13], *stories[9::-1]]) == [False] * 2 + [True] * 10
    assert sorted(Opened.objects.values_list("place", flat=True)) == list(range(1, 11))


def test_each_reader_has_a_meter_of_ones_own(stories, as_, aram):
    other = User.objects.create_user("other@example.com", PASSWORD)
    reads(as_(aram), stories[:10])
    assert reads(as_(None), stories[:4]) == [True, True, True, False]
    assert reads(as_(None), stories[:4]) == [True, True, True, False]
    assert reads(as_(other), stories[4:14]) == [True] * 10


def test_how_many_are_free_is_the_newsrooms_to_say(metered, stories, stranger, as_, aram):
    metered.METER_STRANGERS, metered.METER_REGISTERED = 1, 2
    assert reads(stranger, stories[:2]) == [True, False]
    assert reads(as_(aram), stories[:3]) == [True, True, False]


def test_none_may_be_free(metered, stories, stranger):
    metered.METER_STRANGERS = 0
    assert reads(stranger, stories[:1]) == [False]
    assert "reader" not in stranger.cookies


def test_a_newsroom_without_the_meter_opens_everything_and_counts_nothing(metered, stories, stranger, as_, aram):
    metered.METER = False
    assert reads(stranger, stories) == reads(as_(aram), stories) == [True] * 14
    assert not stranger.cookies
    assert not Opened.objects.exists()


def test_with_an_account_alone_and_on_the_meter_both_are_asked(story, stranger, as_, aram):
    paths = [story(f"Story {n}", metered=True, audience=Audience.REGISTERED).get_absolute_url() for n in range(11)]
    assert b'data-wall="register"' in stranger.get(paths[0]).content
    assert reads(as_(aram), paths) == [True] * 10 + [False]


def test_the_meter_changes_nothing_for_what_is_members_alone(story, stranger, as_, aram, leyla):
    path = story(metered=True, audience=Audience.MEMBERS).get_absolute_url()
    for browser in (stranger, as_(aram)):
        assert b'data-wall="join"' in browser.get(path).content
        assert "reader" not in browser.cookies
    assert is_open(as_(leyla).get(path))
    assert not Opened.objects.exists()


def test_members_first_is_not_for_sale_on_the_meter(story, stranger, now):
    path = story(metered=True, early_access_until=now + timedelta(days=1)).get_absolute_url()
    assert b'data-wall="wait"' in stranger.get(path).content
    assert "reader" not in stranger.cookies


def test_members_and_the_desk_never_meet_it_and_spend_nothing(way, stories, as_, leyla, nino):
    for user in (leyla, nino):
        browser = as_(user)
        assert reads(browser, stories) == [True] * 14
        assert "reader" not in browser.cookies
    assert not Opened.objects.exists()


def test_nothing_but_a_story_spends(way, story, stories, stranger, as_, aram):
    free = story("Open to all", section="Water", tags=["Dam"], authors=["Tamta"]).get_absolute_url()
    Article.objects.get(headline="Story 0").delete()
    others = [
        "/", "/ru/", "/feed/", "/sitemap.xml", "/sections/water/", "/sections/water/feed/", "/tags/dam/", "/tags/dam/feed/",
        "/authors/tamta/", "/robots.txt", "/join/", "/accounts/login/", stories[0], free,
    ]  # fmt: skip
    for browser in (stranger, as_(aram)):
        for address in others * 2:
            assert browser.get(address).status_code in (200, 302, 404), address
            assert "reader" not in browser.cookies, address
    assert not Opened.objects.exists()
    assert not Count.objects.filter(series="meter").exists()


def test_the_cookie_is_set_when_something_is_spent_and_at_no_other_time(way, stories, stranger):
    for path, sets in [
        (stories[0], True),
        (stories[0], False),
        (stories[1], True),
        (stories[2], True),
        (stories[3], False),
    ]:
        assert ("reader" in stranger.get(path).cookies) == sets


def test_an_account_needs_no_cookie_for_it(stories, as_, aram):
    browser = as_(aram)
    for path in stories[:3]:
        assert not browser.get(path).cookies


def test_what_was_opened_on_the_meter_is_kept_nowhere(way, stories, stranger, as_, aram):
    for browser in (stranger, as_(aram)):
        for _again in range(2):
            response = browser.get(stories[0])
            assert (response["Cache-Control"], response["Vary"]) == ("private, no-store", "Cookie")
            assert "ETag" not in response


# The number that is shown.

SAID = re.compile(r'<p class="meter">([^<]*?[.])')
LINE = re.compile(r'<p class="meter">[^<]*free articles.*?</p>')


def test_the_number_left_is_shown_in_words(way, stories, stranger, as_, aram):
    said = [SAID.search(stranger.get(path).content.decode()) for path in stories[:4]]
    assert [found and found[1] for found in said] == [
        "2 of 3 free articles left this month.",
        "1 of 3 free articles left this month.",
        "0 of 3 free articles left this month.",
        None,
    ]
    page = as_(aram).get(stories[0]).content.decode()
    assert SAID.search(page)[1] == "9 of 10 free articles left this month."


def test_the_number_left_is_shown_in_the_storys_language(story, as_, aram):
    paths = [story(f"История {n}", language="ru", metered=True).get_absolute_url() for n in range(6)]
    browser = as_(aram)
    said = [SAID.search(browser.get(path).content.decode())[1] for path in paths]
    assert said[0] == "В этом месяце осталось 9 бесплатных статей из 10."
    assert said[5] == "В этом месяце осталось 4 бесплатные статьи из 10."
    browser = as_(None)
    assert SAID.search(browser.get(paths[0]).content.decode())[1] == "В этом месяце осталось 2 бесплатные статьи из 3."
    assert SAID.search(browser.get(paths[1]).content.decode())[1] == "В этом месяце осталась 1 бесплатная статья из 3."


def test_beside_the_number_stands_a_way_on_that_leads_back(stories, stranger, as_, aram):
    page = stranger.get(stories[0]).content.decode()
    (line,) = LINE.findall(page)
    back = "next=" + stories[0].replace("/", "%2F")
    assert f'href="{reverse("account_signup")}?{back}"' in line
    assert f'href="{reverse("join")}?source=meter&amp;{back}"' in line
    (line,) = LINE.findall(as_(aram).get(stories[0]).content.decode())
    assert reverse("account_signup") not in line
    assert f'href="{reverse("join")}?source=meter&amp;{back}"' in line


def test_who_pays_is_told_of_no_number(stories, as_, leyla):
    assert "free articles" not in as_(leyla).get(stories[0]).content.decode()


# Loads that are nobody's reading.


def headers_of(response):
    return response.status_code, dict(response.headers)


def test_head_says_what_a_reader_gets_who_has_spent_all_and_spends_nothing(way, stories, as_, aram):
    spent = as_(None)
    reads(spent, stories[:3])
    namesake = User.objects.create_user("other@example.com", PASSWORD, display_name=aram.display_name)
    reads(as_(namesake), stories[:10])
    for fresh, alike in ((as_(None), spent), (as_(aram), as_(namesake))):
        for _again in range(2):
            head, get = fresh.head(stories[12]), alike.get(stories[12])
            assert head.content == b""
            assert headers_of(head) == headers_of(get)
            assert not is_open(get)
            assert "reader" not in fresh.cookies
    assert not Opened.objects.filter(user=aram).exists()
    assert reads(as_(aram), stories[:10]) == [True] * 10


def test_head_of_what_is_open_already_says_what_get_says(way, stories, stranger):
    reads(stranger, stories[:1])
    head, get = stranger.head(stories[0]), stranger.get(stories[0])
    assert headers_of(head) == headers_of(get)
    assert head["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize("agent", ["", "curl/8.5", "facebookexternalhit/1.1", ROBOT["user-agent"]])
def test_robots_meet_the_wall_and_spend_nothing(way, stories, stranger, as_, aram, agent):
    spent = as_(None)
    reads(spent, stories[:3])
    for browser in (stranger, as_(aram)):
        response = browser.get(stories[3], headers={"user-agent": agent})
        assert not is_open(response)
        assert "reader" not in response.cookies
    response = stranger.get(stories[3], headers={"user-agent": agent})
    assert response.content == spent.get(stories[3]).content
    assert headers_of(response) == headers_of(spent.get(stories[3]))
    assert not Opened.objects.exists()
    assert reads(stranger, stories[3:6]) == [True] * 3


def test_a_robot_that_carries_a_readers_cookie_reads_what_the_reader_opened(stories, stranger):
    reads(stranger, stories[:1])
    assert reads(stranger, stories[:2], **ROBOT) == [True, False]


@pytest.mark.parametrize("asks", PREFETCHES)
def test_what_a_browser_asks_for_on_its_own_is_put_off_and_the_visit_opens(way, stories, stranger, as_, aram, asks):
    for browser in (stranger, as_(aram)):
        for _again in range(5):
            response = browser.get(stories[0], headers=asks)
            assert (response.status_code, response.content) == (503, b"")
            assert response["Cache-Control"] == "private, no-store"
            assert not response.cookies
        assert not Opened.objects.exists()
        assert reads(browser, stories[:1]) == [True]
        Opened.objects.all().delete()


@pytest.mark.parametrize("asks", PREFETCHES)
def test_what_is_open_already_or_shut_is_answered_a_browser_that_asks_on_its_own(way, story, stories, stranger, asks):
    free = story("Open to all").get_absolute_url()
    assert stranger.get(free, headers=asks).status_code == 200
    reads(stranger, stories[:3])
    assert reads(stranger, stories[:5], **asks) == [True, True, True, False, False]
    counters.flush()
    pk = Article.objects.get(headline="Story 0").pk
    assert Count.objects.get(series="read", key=str(pk)).number == 1, "a prefetch is no read"
