"""Advertisements and a prompt in a real browser: at their places on every screen, nothing moves, nothing is asked of
anybody else, what was seen is told, and members are not asked."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings as django_settings
from django.test import Client

from articles.ads.models import Advertiser, Creative
from articles.ads.models import Campaign as Booking
from members.prompts.models import Campaign
from newsroom.ground import counters
from newsroom.ground.models import Count

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SIZES = {390: 844, 820: 1180, 1440: 900}
PARAGRAPH = "<p>" + "The river rose in the night and the bridge held. " * 14 + "</p>"
SHIFT = """() => new Promise(done => { let sum = 0;
  new PerformanceObserver(list => list.getEntries().forEach(entry => { sum += entry.value; }))
    .observe({type: "layout-shift", buffered: true});
  setTimeout(() => done(sum), 300); })"""
WALK = """async () => { for (let y = 0; y < document.body.scrollHeight; y += innerHeight / 2) {
  scrollTo(0, y); await new Promise(done => setTimeout(done, 40)); } }"""


@pytest.fixture
def site(live_server, settings):
    settings.ALLOWED_HOSTS = ["*"]
    settings.SITE_HOSTS = [live_server.url.removeprefix("http://")]
    return live_server.url


@pytest.fixture
def article(story):
    since = datetime.now(UTC) - timedelta(days=1)
    for name in ("Mill", "Salt", "Rope"):
        campaign = Booking.objects.create(
            advertiser=Advertiser.objects.create(name=f"{name} works"),
            name=name,
            starts_at=since,
            placements=["inline"],
        )
        Creative.objects.create(
            campaign=campaign, name=name, headline=name, text="Made in the valley.", url="https://example.com/"
        )
    Campaign.objects.record(heading="The valley pays for this", text="One.", pitch="Join us.", place="end")
    return story(html=PARAGRAPH * 12)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", SIZES)
def test_three_advertisements_stand_at_their_places_and_nothing_moves(browser, site, article, width, scheme):
    context = browser.new_context(viewport={"width": width, "height": SIZES[width]}, color_scheme=scheme)
    page, complaints, foreign = context.new_page(), [], []
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    page.on("request", lambda asked: None if asked.url.startswith((site, "data:")) else foreign.append(asked.url))
    page.goto(site + article.get_absolute_url())
    page.evaluate(WALK)
    inserts = page.locator("[itemprop=articleBody] > *").evaluate_all(
        "all => all.map((one, n) => [n, one.dataset.insert]).filter(([n, kind]) => kind)"
    )
    assert [kind for _n, kind in inserts] == ["ad", "ad", "ad", "prompt"]
    assert inserts[-1][0] == 12 + 3
    places = [n for n, _kind in inserts]
    assert all(later - earlier >= 3 for earlier, later in pairwise(places))
    labels = page.locator("[data-insert=ad] .label").all_inner_texts()
    assert [label.casefold() for label in labels] == ["advertisement"] * 3
    assert len(set(page.locator("[data-insert=ad] b").all_inner_texts())) == 3
    heights = {round(box["height"]) for box in (one.bounding_box() for one in page.locator("[data-insert=ad]").all())}
    assert len(heights) == 1
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.evaluate(SHIFT) == 0
    # Before axe comes, which brings styles of its own.
    assert (complaints, foreign) == ([], [])
    assert Axe().run(page).response["violations"] == []
    context.close()


def test_all_of_it_is_reached_by_keyboard_in_the_order_of_the_page(browser, site, article):
    context = browser.new_context()
    page = context.new_page()
    page.goto(site + article.get_absolute_url())
    met = []
    for _press in range(60):
        page.keyboard.press("Tab")
        name = page.evaluate("document.activeElement.closest('[data-insert]')?.dataset.seen")
        if name and name not in met:
            met.append(name)
            assert page.evaluate("document.activeElement.matches(':focus-visible')")
    assert [name.split(":")[0] for name in met] == ["ad", "ad", "ad", "prompt"]
    context.close()


def test_what_was_in_view_is_told_once_the_page_is_left(browser, site, article):
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    page.goto(site + article.get_absolute_url())
    page.locator("[data-insert=ad]").nth(1).scroll_into_view_if_needed()
    page.wait_for_timeout(1_300)
    with page.expect_request("**/seen/") as told:
        # As a browser does when its reader turns to something else.
        page.evaluate(
            "() => { Object.defineProperty(document, 'visibilityState', {get: () => 'hidden'});"
            " document.dispatchEvent(new Event('visibilitychange')); }"
        )
    second = page.locator("[data-insert=ad]").nth(1).get_attribute("data-seen")
    assert told.value.post_data.split("\n") == [second]
    page.wait_for_timeout(300)
    counters.flush()
    assert dict(Count.objects.filter(series="ad-seen").values_list("key", "number")) == {second.removeprefix("ad:"): 1}
    context.close()


def test_a_member_is_not_asked(browser, site, article, leyla):
    client = Client()
    client.force_login(leyla)
    context = browser.new_context()
    name = django_settings.SESSION_COOKIE_NAME
    host = urlsplit(site).hostname
    context.add_cookies([{"name": name, "value": client.cookies[name].value, "domain": host, "path": "/"}])
    page = context.new_page()
    page.goto(site + article.get_absolute_url())
    assert page.locator("[data-insert=ad]").count() == 3
    assert page.locator("[data-insert=prompt]").count() == 0
    context.close()
