"""A story given away: who is offered it, what the link opens and to whom, and what it says once it has ended."""

import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from articles import publishing
from members import gifts
from members.access import Audience
from members.models import Gift, OpenHouse, Plan
from newsroom.ground import counters
from newsroom.ground.models import Count
from tests.conftest import BROWSER, FREE_WORD, GATED_WORD
from tests.members.test_account_pages import check

pytestmark = pytest.mark.django_db

OFFER = "Give this story to somebody"
PREVIEWERS = [
    "WhatsApp/2.23",
    "TelegramBot (like TwitterBot)",
    "facebookexternalhit/1.1",
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    "curl/8.5",
    "",
]
ENDED = "This gift link has ended"
UNKNOWN = "We do not know this gift link"


@pytest.fixture
def article(story):
    return story(audience=Audience.MEMBERS)


@pytest.fixture(params=["long", "short"])
def way(request):
    """Both ways of answering."""
    if request.param == "short":
        request.getfixturevalue("serving")()


def of(article):
    return f"{article.get_absolute_url()}gift/"


def made(browser, article, click="a click"):
    """The address that the page shows once its button was pressed."""
    page = browser.post(of(article), {"attempt": click}).content.decode()
    address = re.search(r'<input id="link"[^>]*value="([^"]+)"', page)[1]
    assert address.startswith(f"http://localhost:8000{article.get_absolute_url()}?gift=")
    return address.removeprefix("http://localhost:8000")


@pytest.fixture
def link(as_, leyla, article):
    return made(as_(leyla), article)


def is_open(response):
    """Whether a response is the whole story; if not it is the story with its wall."""
    page = response.content.decode()
    assert response.status_code == 200
    assert FREE_WORD in page
    assert (GATED_WORD in page) != ("data-wall" in page)
    return GATED_WORD in page


def left():
    return Gift.objects.get().left


def test_a_stranger_with_the_link_reads_the_story_and_is_told_why(way, link, as_):
    for n in (1, 2):
        response = as_(None).get(link)
        assert is_open(response)
        assert "A reader gave you this story." in response.content.decode()
        assert left() == 50 - n


def test_what_a_link_opens_is_kept_nowhere_found_nowhere_and_told_to_no_other_site(way, link, as_):
    for browser in (as_(None), as_(None)):
        response = browser.get(link)
        assert response["Cache-Control"] == "private, no-store"
        assert response["X-Robots-Tag"] == "noindex, nofollow, noarchive"
        assert response["Referrer-Policy"] == "no-referrer"
        assert "ETag" not in response


def test_a_browser_that_opens_it_again_takes_no_other_opening(way, link, stranger):
    for _again in range(3):
        assert is_open(stranger.get(link))
    assert left() == 49


def test_fifty_open_it_and_the_next_is_told_so(way, link, as_):
    Gift.objects.update(left=1)
    first, second = as_(None), as_(None)
    assert is_open(first.get(link))
    response = second.get(link)
    assert not is_open(response)
    assert "it was opened 50 times, as often as it can be" in response.content.decode()
    assert is_open(first.get(link)), "who has opened it goes on reading"
    assert left() == 0


@pytest.mark.parametrize("agent", PREVIEWERS)
def test_previews_of_links_neither_open_nor_count(way, link, agent):
    response = Client(headers={"host": "localhost:8000", "user-agent": agent}).get(link)
    assert not is_open(response)
    assert ENDED not in response.content.decode()
    assert left() == 50


def test_head_and_prefetch_neither_open_nor_count(way, link, stranger):
    assert stranger.head(link).status_code == 200
    response = stranger.get(link, headers={"sec-purpose": "prefetch"})
    assert response.status_code == 503
    assert GATED_WORD not in response.content.decode()
    assert left() == 50
    assert is_open(stranger.get(link)), "the reader's own visit opens it"


def test_a_reader_who_may_read_anyway_takes_no_opening(way, link, as_, leyla, nino):
    for user in (leyla, nino):
        assert is_open(as_(user).get(link))
    assert left() == 50


def test_a_given_story_takes_none_of_the_meters_free_ones(way, story, as_, leyla, aram, settings):
    settings.METER = True
    article = story(metered=True)
    link, browser = made(as_(leyla), article), as_(aram)
    assert is_open(browser.get(link))
    assert not aram.opened.exists()
    assert left() == 49


def test_it_opens_no_other_story_no_list_and_no_feed(way, link, story, as_):
    other = story("Another story", audience=Audience.MEMBERS)
    query = link.partition("?")[2]
    for address in ("/", "/feed/", f"{other.get_absolute_url()}", "/sitemap.xml"):
        response = as_(None).get(f"{address}?{query}")
        assert GATED_WORD not in response.content.decode(), address
    response = as_(None).get(f"{other.get_absolute_url()}?{query}")
    assert not is_open(response)
    assert UNKNOWN in response.content.decode()
    assert left() == 50


@pytest.mark.parametrize("token", ["", "x", "%00", "%ff%fe", "../../etc", "a" * 5000, "'--", "x&gift=y"])
def test_a_forged_link_is_the_story_with_its_wall(way, article, stranger, token):
    assert not is_open(stranger.get(f"{article.get_absolute_url()}?gift={token}"))


def test_a_link_that_was_cut_short_says_so(way, link, stranger):
    response = stranger.get(link[:-1])
    assert not is_open(response)
    assert UNKNOWN in response.content.decode()


def test_a_withdrawn_link_opens_nothing_at_the_next_request_even_to_who_has_opened_it(way, link, as_, leyla):
    browser = as_(None)
    assert is_open(browser.get(link))
    assert "The link is withdrawn" in check(
        as_(leyla).post("/account/gifts/", {"withdraw": Gift.objects.get().pk}, follow=True)
    )
    for one in (browser, as_(None)):
        response = one.get(link)
        assert not is_open(response)
        assert ENDED in response.content.decode()


def test_a_link_opens_to_the_second_of_its_fifth_day(story, as_, leyla):
    now = datetime.now(UTC)
    article = story(audience=Audience.MEMBERS, published_at=now - timedelta(hours=1))
    with time_machine.travel(now, tick=False) as clock:
        link = made(as_(leyla), article)
        clock.shift(timedelta(days=5, seconds=-1))
        assert is_open(as_(None).get(link))
        clock.shift(timedelta(seconds=1))
        response = as_(None).get(link)
    assert not is_open(response)
    assert "its days are over" in response.content.decode()


def test_the_links_of_a_banned_account_open_nothing(way, link, stranger, leyla):
    leyla.banned_at = datetime.now(UTC)
    leyla.save()
    assert not is_open(stranger.get(link))


def test_a_story_that_is_withdrawn_is_not_found_by_its_link_either(way, link, article, stranger):
    publishing.withdraw([article])
    response = stranger.get(link)
    assert response.status_code == 404
    assert GATED_WORD not in response.content.decode()


def test_a_reading_by_a_link_is_counted_as_any_other(way, link, article, stranger):
    counters.forget()
    stranger.get(link)
    counters.flush()
    assert Count.objects.get(series="read", key=str(article.pk)).number == 1


def test_who_may_read_a_gated_story_is_offered_to_give_it_away(way, article, as_, leyla, nino, aram, stranger):
    path = article.get_absolute_url()
    for browser in (as_(leyla), as_(nino)):
        for _warm in range(2):
            assert f'<a href="gift/">{OFFER}</a>' in browser.get(path).content.decode()
    for browser in (stranger, as_(aram)):
        for _warm in range(2):
            assert OFFER not in browser.get(path).content.decode()


def test_nobody_is_offered_to_give_away_what_is_open_to_all(way, story, as_, leyla):
    path = story().get_absolute_url()
    assert OFFER not in as_(leyla).get(path).content.decode()
    answer = as_(leyla).post(f"{path}gift/", {"attempt": "a click"})
    assert answer.url == path
    assert not Gift.objects.exists()


def test_who_was_given_a_story_cannot_pass_it_on_by_a_link_of_his_own(way, link, article, as_, aram):
    browser = as_(aram)
    assert is_open(browser.get(link))
    assert OFFER not in browser.get(link).content.decode()
    answer = browser.post(f"{of(article)}?{link.partition('?')[2]}", {"attempt": "a click"})
    assert answer.url == article.get_absolute_url()
    assert not aram.gifts.exists()


def test_a_night_when_everything_is_open_gives_nobody_what_outlives_it(article, as_, aram):
    OpenHouse.objects.create(reason="a flood")
    browser = as_(aram)
    assert GATED_WORD in browser.get(article.get_absolute_url()).content.decode()
    assert browser.post(of(article), {"attempt": "a click"}).status_code == 302
    assert not aram.gifts.exists()


def test_who_opened_a_story_on_the_meter_may_give_it_away(way, story, as_, aram, settings):
    settings.METER = True
    article, browser = story(metered=True), as_(aram)
    assert browser.get(of(article)).status_code == 302, "not read yet"
    assert OFFER in browser.get(article.get_absolute_url()).content.decode()
    assert is_open(as_(None).get(made(browser, article)))


def test_a_stranger_gives_nothing_away_whatever_was_opened_on_the_meter(way, story, stranger, settings):
    settings.METER = True
    path = story(metered=True).get_absolute_url()
    for address in (path, path, f"{path}?gift=x"):
        page = stranger.get(address).content.decode()
        assert GATED_WORD in page
        assert OFFER not in page


def test_a_plan_that_does_not_include_the_story_does_not_give_it_away(story, as_, leyla):
    article = story(audience=Audience.MEMBERS)
    article.for_plans.create(plan=Plan.objects.create(name="Patron", slug="patron", level=5))
    assert as_(leyla).post(of(article), {"attempt": "a click"}).status_code == 302
    assert not leyla.gifts.exists()


def test_who_may_hear_gives_the_audio_and_not_the_text(way, story, as_, aram):
    article = story(audience=Audience.MEMBERS, audio="registered")
    browser = as_(aram)
    assert OFFER in browser.get(article.get_absolute_url()).content.decode()
    assert "opens the audio version of this story" in check(browser.get(of(article)))
    response = as_(None).get(made(browser, article))
    assert not is_open(response)
    assert "The audio version of this article" in response.content.decode()


def test_who_may_read_and_hear_gives_both(way, story, as_, leyla):
    article = story(audience=Audience.MEMBERS, audio="members")
    browser = as_(leyla)
    assert "opens this story and its audio version" in check(browser.get(of(article)))
    response = as_(None).get(made(browser, article))
    assert is_open(response)
    assert "The audio version of this article" in response.content.decode()


def test_who_gives_the_text_alone_does_not_open_the_audio(way, story, as_, aram):
    article = story(audience=Audience.REGISTERED, audio="members")
    browser = as_(aram)
    assert "You get a link that opens this story, and nothing else" in check(browser.get(of(article)))
    response = as_(None).get(made(browser, article))
    assert is_open(response)
    assert "to unlock the audio version" in response.content.decode()


def test_the_page_says_what_a_gift_is_before_it_makes_one(article, as_, leyla):
    page = check(as_(leyla).get(of(article)))
    for said in (
        "lives for 5 days",
        "up to 50 times",
        "Of 10 links a month, 10 are left",
        "We do not write down which",
    ):
        assert said in page, said
    assert article.headline in page
    assert not Gift.objects.exists()


def test_the_link_is_shown_once_with_all_that_can_be_done_with_it(article, as_, leyla):
    browser = as_(leyla)
    response = browser.post(of(article), {"attempt": "a click"})
    page = response.content.decode()
    assert response["Cache-Control"] == "private, no-store"
    assert '<label for="link">The link to send</label>' in page
    assert re.search(r'<input id="link" type="text" readonly value="[^"]+\?gift=[\w-]{22}"', page)
    assert "9 more links this month" in page
    number = re.search(r'name="withdraw" value="(\d+)"', page)[1]
    browser.post("/account/gifts/", {"withdraw": number})
    assert Gift.objects.get().revoked_at is not None


def test_a_page_that_is_loaded_again_makes_no_second_link(article, as_, leyla):
    browser = as_(leyla)
    assert made(browser, article, "one click") == made(browser, article, "one click")
    assert leyla.gifts.count() == 1
    Gift.objects.update(revoked_at=timezone.now())
    answer = browser.post(of(article), {"attempt": "one click"})
    assert answer.url == of(article), "a link that is over is not shown again"


def test_who_has_made_ten_is_told_when_there_are_new_ones(article, as_, leyla, now):
    for number in range(10):
        gifts.give(leyla, ["article:0"], f"click {number}", now)
    browser = as_(leyla)
    page = check(browser.post(of(article), {"attempt": "a click"}, follow=True))
    assert "You have made the 10 links of this month" in page
    assert "<button" not in page[page.index("<main") :]
    assert leyla.gifts.count() == 10


def test_a_stranger_signs_in_before_the_page_says_anything(article, stranger, story):
    for path in (of(article), "/articles/no-such-story/gift/"):
        for answer in (stranger.get(path), stranger.post(path, {"attempt": "a click"})):
            assert answer.url == f"{reverse('account_login')}?next={path}"
    assert not Gift.objects.exists()


def test_a_draft_is_not_found_to_be_given_away(article, as_, leyla, nino):
    publishing.withdraw([article])
    for user in (leyla, nino):
        assert as_(user).get(of(article)).status_code == 404


def test_no_other_site_makes_a_reader_give(article, leyla):
    browser = Client(enforce_csrf_checks=True, headers={"host": "localhost:8000", "user-agent": BROWSER})
    browser.force_login(leyla)
    assert browser.post(of(article), {"attempt": "a click"}).status_code == 403
    assert not Gift.objects.exists()


def test_giving_in_russian(story, as_, leyla):
    article = story("Дорога открыта", language="ru", audience=Audience.MEMBERS)
    browser = as_(leyla)
    assert "Подарить этот материал" in browser.get(article.get_absolute_url()).content.decode()
    link = made(browser, article)
    assert "Этот материал подарил вам читатель." in as_(None).get(link).content.decode()
    assert as_(leyla).get(f"/articles/{article.slug}/gift/").status_code == 404
