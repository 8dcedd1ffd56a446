"""Where a click goes: to the stored address alone, counted once, and only where somebody clicked."""

from datetime import timedelta

import pytest

from articles.ads.models import Campaign, Creative
from newsroom.ground import counters
from newsroom.ground.models import Count
from tests.ads.bookings import book

pytestmark = pytest.mark.django_db

TARGET = "https://bakery.example/rolls?from=paper#now"


@pytest.fixture
def bread():
    return book("Bread", url=TARGET)


def clicks():
    counters.flush()
    return {one.key: one.number for one in Count.objects.filter(series="ad-click")}


def test_it_leads_to_the_stored_address_and_is_kept_nowhere(bread, stranger):
    response = stranger.get(f"/go/{bread.pk}/?at=inline2")
    assert (response.status_code, response["Location"]) == (302, TARGET)
    assert "no-store" in response["Cache-Control"]
    assert response["Referrer-Policy"] == "strict-origin", "the paper is named, the page never"
    assert "noindex" in response["X-Robots-Tag"]
    assert clicks() == {f"{bread.pk}:inline2": 1}


@pytest.mark.parametrize(
    "query",
    ["next=https://evil.example/", "url=//evil.example", "at=https://evil.example/", "to=evil&at=inline1&at=//evil"],
)
def test_no_address_in_the_query_leads_anywhere(bread, stranger, query):
    assert stranger.get(f"/go/{bread.pk}/?{query}")["Location"] == TARGET


@pytest.mark.parametrize(
    ("told", "place"),
    [
        ("?at=top", "top"),
        ("?at=row9", "row9"),
        ("", "elsewhere"),
        ("?at=", "elsewhere"),
        ("?at=inline0", "elsewhere"),
        ("?at=inline10", "elsewhere"),
        ("?at=inline", "elsewhere"),
        ("?at=inline1:9", "elsewhere"),
        ("?at=%00", "elsewhere"),
        ("?at=inline१", "elsewhere"),
        ("?at=" + "x" * 4000, "elsewhere"),
    ],
)
def test_a_click_is_counted_for_a_place_there_is(bread, stranger, told, place):
    assert stranger.get(f"/go/{bread.pk}/{told}").status_code == 302
    assert clicks() == {f"{bread.pk}:{place}": 1}


def test_robots_staff_and_browsers_of_their_own_accord_are_not_counted(bread, stranger, as_, nino):
    path = f"/go/{bread.pk}/?at=top"
    assert stranger.get(path, headers={"user-agent": "Googlebot/2.1"}).status_code == 302
    assert stranger.get(path, headers={"user-agent": ""}).status_code == 302
    assert as_(nino).get(path).status_code == 302
    assert stranger.head(path)["Location"] == TARGET
    ahead = stranger.get(path, headers={"sec-purpose": "prefetch"})
    assert ahead.status_code == 503
    assert "no-store" in ahead["Cache-Control"]
    assert stranger.post(path).status_code == 405
    assert clicks() == {}


def test_a_registered_readers_click_is_counted_and_names_nobody(bread, as_, aram):
    as_(aram).get(f"/go/{bread.pk}/?at=end")
    assert clicks() == {f"{bread.pk}:end": 1}


def test_a_page_that_was_open_for_long_still_leads_on(bread, stranger, now):
    Campaign.objects.update(paused=True, ends_at=now)
    Creative.objects.update(active=False)
    assert stranger.get(f"/go/{bread.pk}/")["Location"] == TARGET


@pytest.mark.parametrize(
    "path", ["/go/4711/", "/go/0/", f"/go/{10**17}/", f"/go/{10**19}/", "/go/x/", "/go/-1/", "/go//"]
)
def test_what_is_not_there_is_a_page_that_says_so(bread, stranger, path):
    assert stranger.get(path).status_code == 404
    assert clicks() == {}


def test_what_is_to_come_leads_nowhere_yet(bread, stranger, now):
    assert stranger.get(f"/go/{bread.pk}/").status_code == 302
    for begins in (now + timedelta(days=1), None):
        type(bread.campaign).objects.filter(pk=bread.campaign_id).update(starts_at=begins)
        assert stranger.get(f"/go/{bread.pk}/").status_code == 404
