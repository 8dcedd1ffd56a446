"""The outside ad server: off unless the settings name it, asked only where the reader said yes, shut in a frame."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from articles.ads import outside
from articles.ads.models import Advertiser, Campaign, Creative
from articles.reading import store
from newsroom.ground import counters
from newsroom.ground.models import Count
from tests.conftest import HEADERS

pytestmark = pytest.mark.django_db
UNIT = "/1234567/front"


@pytest.fixture
def page(story, settings):
    settings.ADS_OUTSIDE = UNIT
    store.default.forget()
    return story(html=("<p>" + "The river rose in the night. " * 30 + "</p>") * 12).get_absolute_url()


def say(client, word, back="/"):
    return client.post("/advertising/", {"outside": word, "next": back})


def frames(client, page):
    return re.findall(r'<iframe src="(/creative/outside/[^"]+)"', client.get(page).content.decode())


def test_off_unless_the_settings_name_it(story, stranger):
    article = story()
    assert stranger.get("/advertising/").status_code == 404
    assert stranger.get("/creative/outside/inline/").status_code == 404
    assert "/advertising/" not in stranger.get(article.get_absolute_url()).content.decode()


def test_without_a_yes_the_house_speaks_and_says_where_to_choose(page, stranger):
    told = stranger.get(page).content.decode()
    assert 'data-seen="ad:house:inline1"' in told
    assert 'href="/advertising/"' in told
    assert frames(stranger, page) == []
    assert stranger.get("/creative/outside/inline/").status_code == 404


def test_a_yes_gives_it_the_places_and_a_no_takes_them_back(page, stranger):
    assert say(stranger, "yes", page).headers["Location"] == page
    assert set(frames(stranger, page)) >= {"/creative/outside/inline/"}
    assert "house:" not in stranger.get(page).content.decode()
    counters.flush()
    assert Count.objects.filter(series="ad", key="outside:inline1").exists()
    assert frames(Client(headers=HEADERS), page) == []
    say(stranger, "no")
    assert frames(stranger, page) == []
    assert "you have said no" in stranger.get("/advertising/").content.decode()


def test_what_the_paper_has_booked_goes_first(page, stranger):
    campaign = Campaign.objects.create(
        advertiser=Advertiser.objects.create(name="Mill"), name="Flour", placements=["inline"],
        starts_at=datetime.now(UTC) - timedelta(days=1),
    )  # fmt: skip
    creative = Creative.objects.create(campaign=campaign, name="F", headline="Flour", url="https://example.com/")
    say(stranger, "yes")
    told = stranger.get(page).content.decode()
    assert f'data-seen="ad:{creative.pk}:' in told


def test_under_global_privacy_control_nothing_is_asked_of_it(page, stranger):
    say(stranger, "yes")
    meta = {"HTTP_SEC_GPC": "1"}
    assert "/creative/outside/" not in stranger.get(page, **meta).content.decode()
    assert stranger.get("/creative/outside/inline/", **meta).status_code == 404
    told = stranger.get("/advertising/", **meta).content.decode()
    assert "Global Privacy Control" in told
    assert "<button class=" not in told.partition("<main")[2].partition("</main>")[0]


def test_its_script_runs_in_a_frame_with_a_policy_of_its_own(page, stranger):
    say(stranger, "yes")
    outer = stranger.get(page)
    assert "doubleclick" not in outer.content.decode()
    assert "doubleclick" not in outer.headers["Content-Security-Policy"]
    sandboxes = re.findall(r'<iframe src="/creative/outside/[^>]*sandbox="([^"]*)"', outer.content.decode())
    assert set(sandboxes) == {outside.SANDBOX}
    assert "allow-same-origin" not in outside.SANDBOX
    inner = stranger.get("/creative/outside/inline/")
    policy = inner.headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    assert "sandbox allow-scripts" in policy
    nonce = re.search(r"'nonce-([^']+)'", policy)[1]
    told = inner.content.decode()
    assert told.count(f'nonce="{nonce}"') == 2
    assert f'src="{outside.SCRIPT}"' in told
    assert "&quot;/1234567/front&quot;" in told
    assert nonce not in stranger.get("/creative/outside/inline/").headers["Content-Security-Policy"]


def test_only_kinds_of_places_have_a_frame(page, stranger):
    say(stranger, "yes")
    found = {kind: stranger.get(f"/creative/outside/{kind}/").status_code for kind in ("row", "top", "end", "moon")}
    assert found == {"row": 200, "top": 200, "end": 200, "moon": 404}


@pytest.mark.parametrize("back", ["https://evil.example/", "//evil.example", "javascript:alert(1)", "\\\\evil", ""])
def test_the_choice_leads_to_no_other_site(page, stranger, back):
    assert say(stranger, "yes", back).headers["Location"] == "/"


def test_another_site_cannot_say_yes_for_a_reader(page):
    client = Client(enforce_csrf_checks=True, headers=HEADERS)
    assert say(client, "yes").status_code == 403
    assert frames(client, page) == []


def test_neither_yes_nor_no_is_asked_again(page, stranger):
    assert say(stranger, "perhaps").status_code == 200
    assert frames(stranger, page) == []
