"""Advertisements and prompts of a page, laid out as one: who stands where, what is counted and what the reader's own
cookie remembers."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from articles.ads.models import Advertiser, Creative
from articles.ads.models import Campaign as Booking
from articles.reading import store
from members import habits
from members.models import Grant, Plan
from members.prompts.models import Campaign, Variant
from newsroom.ground import counters
from newsroom.ground.models import Count
from tests.conftest import HEADERS

pytestmark = pytest.mark.django_db

PARAGRAPH = "<p>" + "The river rose in the night and the bridge held. " * 12 + "</p>"
LONG = PARAGRAPH * 12


def booked(name="Mill", placements=("inline",), **fields):
    advertiser = Advertiser.objects.get_or_create(name=f"{name} and sons")[0]
    since = datetime.now(UTC) - timedelta(days=1)
    campaign = Booking.objects.create(
        advertiser=advertiser, name=name, starts_at=since, placements=list(placements), **fields
    )
    return Creative.objects.create(
        campaign=campaign, name=name, headline=name, text="Flour.", url="https://example.com/"
    )


def asked(name="Join us", place="end", **fields):
    usual = {"status": "running", "from_view": 1}
    campaign = Campaign.objects.create(name=name, place=place, **usual | fields)
    Variant.objects.create(campaign=campaign, heading=name, text=f"{name}, please.")
    return campaign


def read(client, article, **headers):
    response = client.get(article.get_absolute_url(), **headers)
    assert response.status_code == 200
    return response.content.decode()


def counted(series):
    counters.flush()
    return dict(Count.objects.filter(series=series).values_list("key", "number"))


def remembered(client):
    told = client.cookies.get("reader")
    return told and habits.read(told.value.partition(".")[2], habits.day_of(datetime.now(UTC)))


def order(page, *words):
    places = [page.index(word) for word in words]
    assert places == sorted(places), words
    return places


def test_a_prompt_stands_where_its_campaign_says(story, stranger):
    article = story(html=LONG)
    campaign = asked(place="top")
    first = 'id="story-start"'
    order(read(stranger, article), 'itemprop="articleBody"', "Join us, please.", first)
    Campaign.objects.filter(pk=campaign.pk).update(place="after", after=2)
    page = read(stranger, article)
    assert page[: page.index("Join us, please.")].count("<p>The river") == 2 - 1
    Campaign.objects.filter(pk=campaign.pk).update(place="end")
    page = read(stranger, article)
    assert page.rindex("<p>The river") < page.index("Join us, please.") < page.index("</article>")
    Campaign.objects.filter(pk=campaign.pk).update(place="bar")
    order(read(stranger, article), "</article>", "Join us, please.", "</main>")


def test_a_place_that_the_story_has_not_is_the_end(story, stranger):
    article = story(html=PARAGRAPH * 3)
    asked(place="after", after=40)
    page = read(stranger, article)
    assert page.rindex("<p>The river") < page.index("Join us, please.")


def test_what_falls_back_to_the_end_is_counted_there(story, stranger):
    article = story(html=PARAGRAPH * 3)
    campaign = asked(place="after", after=40)
    read(stranger, article)
    assert counted("prompt") == {f"{campaign.pk}.{campaign.variants.get().pk}.end": 1}


def test_at_a_wall_nothing_is_asked_a_second_time(story, stranger):
    article = story(html=LONG, audience=3 - 1)
    asked(place="end")
    page = read(stranger, article)
    assert "data-wall" in page
    assert "Join us, please." not in page


def test_the_end_is_an_advertisements_only_where_no_prompt_took_it(story, stranger, leyla):
    article = story(html=LONG)
    booked(placements=["end"])
    assert 'data-seen="ad:' in read(stranger, article)
    assert ":end" in " ".join(counted("ad"))
    asked(place="end")
    page = read(Client(headers=HEADERS), article)
    assert "Join us, please." in page
    assert not re.search(r'data-seen="ad:\d+:end"', page)


def test_nobody_stands_on_top_or_in_lists_unless_it_is_booked(story, stranger):
    article = story(html=LONG)
    for n in range(9):
        story(f"Story {n}", html=PARAGRAPH)
    assert "data-insert" not in read(stranger, article).partition("<article")[0]
    assert "data-insert" not in stranger.get("/").content.decode()
    booked(placements=["top", "row"])
    order(read(stranger, article), 'data-insert="ad"', "<article")


def test_lists_have_rows_and_a_sections_switch_takes_them_away(story, stranger):
    for n in range(24):
        article = story(f"Story {n}", html=LONG, section="Water")
    booked(placements=["row"])
    booked("Salt", placements=["row"])
    booked("Inner")
    page = stranger.get("/sections/water/").content.decode()
    assert page.count('data-insert="ad"') == 2
    assert page[: page.index('data-insert="ad"')].count('class="card') == 6
    assert 'data-insert="ad"' in read(stranger, article)
    article.section.without_ads = True
    article.section.save()
    assert 'data-insert="ad"' not in stranger.get("/sections/water/").content.decode()
    assert 'data-insert="ad"' not in read(stranger, article)


@pytest.mark.parametrize("field", ["without_ads", "sensitive"])
def test_a_story_may_have_none(story, stranger, field):
    article = story(html=LONG)
    booked(placements=[])
    assert 'data-insert="ad"' in read(stranger, article)
    setattr(article, field, True)
    article.save()
    assert 'data-insert="ad"' not in read(stranger, article)


def test_sensitive_stories_get_only_prompts_that_are_fit_for_it(story, stranger):
    article = story(html=LONG, sensitive=True)
    campaign = asked()
    assert "Join us, please." not in read(stranger, article)
    Campaign.objects.filter(pk=campaign.pk).update(sensitive_ok=True)
    assert "Join us, please." in read(stranger, article)


def test_members_without_advertisements_see_none_and_nobody_asks_members(story, leyla, as_):
    article = story(html=LONG)
    booked(placements=[])
    asked()
    client = as_(leyla)
    page = read(client, article)
    assert 'data-insert="ad"' in page
    assert "Join us, please." not in page
    plan = Plan.objects.create(name="Patron", level=20, ad_free=True)
    Grant.objects.filter(user=leyla).update(plan=plan)
    assert "data-insert" not in read(client, article)
    assert remembered(client) is None


def test_pages_without_stories_have_neither(story, stranger):
    booked(placements=[])
    asked()
    for path in ("/nothing/", "/join/", "/accounts/login/", "/accounts/signup/"):
        assert "data-insert" not in stranger.get(path).content.decode(), path


def test_the_first_story_asks_nothing_and_the_second_does(story, stranger):
    article, other = story(html=LONG), story("Another", html=LONG)
    asked(from_view=2)
    assert "Join us, please." not in read(stranger, article)
    assert remembered(stranger).reads_lately == 1
    assert "Join us, please." in read(stranger, other)
    assert remembered(stranger).reads_lately == 2


def test_nobody_is_asked_a_fifth_time(story, stranger):
    article = story(html=LONG)
    campaign = asked(views_max=4)
    assert ["Join us, please." in read(stranger, article) for _n in range(6)] == [True] * 4 + [False] * 2
    assert remembered(stranger).views(campaign.pk) == 4


def test_a_cap_is_kept_and_counted_in_the_readers_own_cookie(story, stranger):
    article = story(html=LONG)
    creative = booked(cap=2)
    shown = [f'data-seen="ad:{creative.pk}:' in read(stranger, article) for _n in range(5)]
    assert shown == [True, True, False, False, False]
    assert remembered(stranger).ads == {creative.campaign_id: 2}
    assert f'data-seen="ad:{creative.pk}:' in read(Client(headers=HEADERS), article)


def test_without_anything_to_remember_there_is_no_cookie(story, stranger):
    article = story(html=LONG)
    booked()
    read(stranger, article)
    assert "reader" not in stranger.cookies


def test_under_global_privacy_control_nothing_is_kept_and_the_prompt_stands_at_the_end(story, stranger):
    article = story(html=LONG)
    asked(place="top", from_view=2)
    creative = booked(cap=2)
    page = read(stranger, article, HTTP_SEC_GPC="1")
    assert "reader" not in stranger.cookies
    assert page.rindex("<p>The river") < page.index("Join us, please.")
    assert f'data-seen="ad:{creative.pk}:' not in page


def test_what_is_shown_is_counted_once_for_its_place_and_its_story(story, stranger):
    article = story(html=LONG)
    campaign = asked(place="top")
    creative = booked()
    read(stranger, article)
    variant = campaign.variants.get().pk
    assert counted("prompt") == {f"{campaign.pk}.{variant}.top": 1}
    assert counted("prompt-story") == {f"{campaign.pk}.{variant}:{article.pk}": 1}
    assert counted("prompt-reach") == {f"{campaign.pk}:shown": 1}
    assert counted("ad")[f"{creative.pk}:inline1"] == 1
    read(stranger, article)
    assert counted("prompt-reach") == {f"{campaign.pk}:shown": 1}


def test_who_is_held_back_sees_nothing_and_is_counted_apart(story):
    article = story(html=LONG)
    campaign = asked(holdback=50)
    pages = []
    for _n in range(60):
        pages.append("Join us, please." in read(Client(headers=HEADERS), article))
    shown = sum(pages)
    assert 10 < shown < 50
    assert counted("prompt-held") == {str(campaign.pk): 60 - shown}
    assert counted("prompt-reach") == {f"{campaign.pk}:shown": shown, f"{campaign.pk}:held": 60 - shown}


UNCOUNTED = {
    "HEAD": lambda client, path: client.head(path),
    "a prefetch": lambda client, path: client.get(path, headers={"Sec-Purpose": "prefetch"}),
    "a robot": lambda client, path: client.get(path, headers={"User-Agent": "Examplebot/1.0"}),
}


@pytest.mark.parametrize("ask", UNCOUNTED.values(), ids=UNCOUNTED.keys())
def test_what_shows_nobody_a_page_is_neither_counted_nor_remembered(story, stranger, ask):
    article = story(html=LONG)
    asked()
    booked(cap=3)
    response = ask(stranger, article.get_absolute_url())
    assert response.status_code == 200
    assert "reader" not in response.cookies
    assert counted("ad") == {} == counted("prompt")


def test_who_works_here_sees_it_and_is_not_counted(story, nino, as_):
    article = story(html=LONG)
    asked()
    booked()
    page = read(as_(nino), article)
    assert "Join us, please." in page
    assert counted("ad") == {} == counted("prompt")


def test_pages_follow_a_prompt_to_its_new_place(story, stranger, serving):
    article = story(html=LONG)
    campaign = asked(place="end")
    serving()
    read(stranger, article)
    Campaign.objects.filter(pk=campaign.pk).update(place="after", after=5)
    serving()
    page = read(Client(headers=HEADERS), article)
    assert page[: page.index("Join us, please.")].count("<p>The river") == 4


def test_no_query_is_asked_where_the_page_is_known(story, stranger, serving, django_assert_num_queries):
    article = story(html=LONG)
    for n in range(5):
        asked(f"Campaign {n}", reads_min=3)
        booked(f"Ad {n}", cap=1, placements=[])
    serving()
    read(stranger, article)
    with django_assert_num_queries(0):
        read(stranger, article)


def test_the_paper_has_its_own_word_for_a_place_that_nobody_booked(story, stranger):
    article = story(html=LONG)
    page = read(stranger, article)
    assert 'data-seen="ad:house:inline1"' in page
    assert counted("ad")["house:inline1"] == 1
    assert store.default.pieces.inserts.knows_creative("house")


def test_an_advertisement_at_the_end_of_a_short_story_would_fill_too_much_of_it(story, stranger):
    short, long = story(html=PARAGRAPH * 2), story("Another", html=LONG)
    booked(placements=["end"])
    assert 'data-insert="ad"' not in read(stranger, short)
    assert re.search(r'data-seen="ad:\d+:end"', read(stranger, long))
    asked()
    assert "Join us, please." in read(stranger, short)
