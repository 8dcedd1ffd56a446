"""The article's page: what stands in it, and in which order."""

import json
import re
from datetime import UTC, datetime, timedelta
from urllib.parse import quote, unquote

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from articles import publishing
from members.access import Audience
from members.prompts import models as prompts
from tests.ads.bookings import book

pytestmark = pytest.mark.django_db

# Each paragraph is nine lines long on a telephone, so that two ads are not too many.
LONG = "".join(f"<p>Paragraph {n}.{' They met again.' * 22}</p>" for n in range(1, 9))


def page(browser, article):
    response = browser.get(article.get_absolute_url())
    assert response.status_code == 200
    return response.content.decode()


def in_order(text, *parts):
    places = [text.find(part) for part in parts]
    assert -1 not in places, dict(zip(parts, places, strict=True))
    assert places == sorted(places), dict(zip(parts, places, strict=True))


def article_body(text):
    """What stands in the element with itemprop=articleBody."""
    return re.search(
        r'<div[^>]*itemprop="articleBody"[^>]*>(.*?)</div>\s*(?:<section|<ul|<footer|<aside|</article)', text, re.S
    )[1]


def test_it_stands_in_the_order_of_the_source(story, stranger):
    other = story("Another story", source="Hill Radio")
    article = story(
        "The mill road reopens", html=LONG.replace("<p>Paragraph 5", '<hr data-mark="ad"><p>Paragraph 5'),
        standfirst="After nine weeks.", section="Roads", authors=["Tamta L."], tags=["Upper Dzor"],
        hashtags=["UpperDzor"], audio="registered", updated_at=datetime(2026, 11, 20, 8, tzinfo=UTC),
        published_at=datetime(2026, 11, 20, 6, tzinfo=UTC),
    )  # fmt: skip
    publishing.relate([(article.pk, other.pk)])
    prompts.Campaign.objects.record(
        heading="Somebody sat there", text="For you.", pitch="Join us", button="Become a member", by_story=True
    ).attach([article.pk])
    text = page(stranger, article)
    in_order(
        text[text.index("<main") :], "Roads", "<h1", "The mill road reopens", "After nine weeks.", "Tamta L.",
        '<time datetime="2026-11-20T06:00:00+00:00">', "20 November 2026, 10:00", "Updated", "Sign in", "become a member",
        "to unlock the audio version of this article", 'itemprop="articleBody"', 'data-insert="prompt"',
        "Somebody sat there", "Paragraph 1.", "Paragraph 4.", 'data-insert="ad"', "Advertisement", "Paragraph 5.",
        "Upper Dzor", "#UpperDzor", "Another story", "Comments",
    )  # fmt: skip


def test_the_audio_place_has_both_links_and_says_what_suffices(story, stranger, as_, aram):
    article = story(audio="registered")
    text = re.sub(r"<[^>]+>", "", page(stranger, article))
    assert "Sign in or become a member to unlock the audio version of this article" in " ".join(text.split())
    assert "ree with an account" in text
    assert "to unlock the audio version" not in page(as_(aram), article)


def test_a_story_without_audio_says_nothing_of_it(story, stranger):
    assert "audio version" not in page(stranger, story())


def test_ads_have_a_visible_label_and_stand_at_the_breaks(story, stranger):
    for name in ("a", "b"):
        book(name, headline="Apples by the crate", url="https://example.com/apples", placements=["inline"])
    html = LONG.replace("<p>Paragraph 3", '<hr data-mark="ad"><p>Paragraph 3').replace(
        "<p>Paragraph 7", '<hr data-mark="ad"><p>Paragraph 7'
    )
    text = page(stranger, story(html=html))
    assert text.count('data-insert="ad"') == 2
    assert text.count("Apples by the crate") == 2
    assert 'rel="sponsored nofollow noopener"' in text
    in_order(text, "Paragraph 2.", 'data-insert="ad"', "Paragraph 3.", "Paragraph 6.")
    assert "aria-label" not in re.search(r'<aside[^>]*data-insert="ad"[^>]*>', text)[0]


def test_a_member_is_not_asked_to_join(story, as_, leyla, aram):
    prompts.Campaign.objects.record(heading="Somebody sat there", by_story=True).attach([story().pk])
    article = story("second")
    prompts.Campaign.objects.update(by_story=False)
    assert 'data-insert="prompt"' not in page(as_(leyla), article)
    assert 'data-insert="prompt"' in page(as_(aram), article)


def test_the_storys_own_text_alone_stands_in_the_body_element(story, stranger):
    article = story(html=LONG, tags=["Dam"])
    body = article_body(page(stranger, article))
    assert re.findall(r"<p[^>]*>(Paragraph .*?)</p>", body) == re.findall("<p>(.*?)</p>", LONG)
    assert "Dam" not in body


@pytest.mark.parametrize(
    ("fields", "wall", "words"),
    [
        ({"audience": Audience.REGISTERED}, "register", "free with an account"),
        ({"audience": Audience.MEMBERS}, "join", "for members"),
        ({"early_access_until": datetime.now(UTC) + timedelta(days=3)}, "wait", "It opens to everyone on"),
    ],
)
def test_the_wall_says_why_and_what_to_do(story, stranger, fields, wall, words):
    article = story(paragraphs=6, **fields)
    text = page(stranger, article)
    found = re.search(r'<section[^>]*data-wall="(\w+)".*?</section>', text, re.S)
    assert found[1] == wall
    assert words in found[0]
    assert "4 paragraphs remain." in found[0]
    assert f"next={article.get_absolute_url().replace('/', '%2F')}" in found[0]


def test_a_signed_in_reader_is_not_told_to_sign_in_at_the_wall(story, as_, aram):
    wall = re.search(r"<section[^>]*data-wall.*?</section>", page(as_(aram), story(audience=Audience.MEMBERS)), re.S)[0]
    assert "Become a member" in wall
    assert "Sign in" not in wall


def test_metadata_says_what_the_story_is(story, stranger):
    article = story("Dam & weir", standfirst="Low <water>.", section="Water", authors=["Tamta L."])
    text = page(stranger, article)
    url = "http://localhost:8000/articles/dam-weir/"
    assert f'<link rel="canonical" href="{url}">' in text
    for said in ('property="og:title" content="Dam &amp; weir"', 'name="description" content="Low &lt;water&gt;."',
                 'property="og:type" content="article"', 'name="twitter:card"', f'property="og:url" content="{url}"'):  # fmt: skip
        assert said in text, said
    ld = json.loads(re.search(r'<script type="application/ld\+json">(.*?)</script>', text, re.S)[1])
    assert (ld["@type"], ld["headline"], ld["isAccessibleForFree"]) == ("NewsArticle", "Dam & weir", True)
    assert "hasPart" not in ld
    assert ld["author"][0]["name"] == "Tamta L."


@pytest.mark.parametrize("who", ["stranger", "member"])
def test_gated_parts_are_named_to_search_engines(story, as_, leyla, who):
    text = page(as_(leyla if who == "member" else None), story(audience=Audience.MEMBERS))
    ld = json.loads(re.search(r'<script type="application/ld\+json">(.*?)</script>', text, re.S)[1])
    assert ld["isAccessibleForFree"] is False
    selector = ld["hasPart"][0]["cssSelector"]
    assert re.search(rf'class="[^"]*\b{selector[1:]}\b', text)


def test_structured_data_cannot_break_out_of_its_script(story, stranger):
    text = page(stranger, story("</script><script>alert(1)</script>"))
    assert "<script>alert" not in text


def test_the_skip_link_leads_to_the_first_sentence(story, stranger):
    article = story(html=LONG)
    prompts.Campaign.objects.record(heading="Somebody sat there")
    text = page(stranger, article)
    target = re.search(r'<a[^>]*class="[^"]*skip[^"]*"[^>]*href="#([\w-]+)"', text)[1]
    assert re.search(rf'<p id="{target}" tabindex="-1">Paragraph 1\.', text)


def test_while_members_read_first_a_story_is_not_called_free(story, as_, leyla):
    text = page(as_(leyla), story(early_access_until=datetime.now(UTC) + timedelta(days=1)))
    assert '"isAccessibleForFree": false' in text
    assert 'class="gated"' in text


def test_authors_stand_in_the_order_of_the_byline(story, stranger):
    text = page(stranger, story(authors=["Zurab", "Ana"]))
    assert text.index(">Zurab<") < text.index(">Ana<")
    ld = json.loads(re.search(r'<script type="application/ld\+json">(.*?)</script>', text, re.S)[1])
    assert [author["name"] for author in ld["author"]] == ["Zurab", "Ana"]


def test_related_stories_stand_in_the_desks_order(story, stranger):
    article, *others = story("First"), story("Other A"), story("Other B"), story("Other C")
    publishing.relate((article.pk, other.pk) for other in (others[1], others[2], others[0]))
    in_order(page(stranger, article), "Other B", "Other C", "Other A")
    publishing.arrange_related(article.pk, [other.pk for other in others])
    in_order(page(stranger, article), "Other A", "Other B", "Other C")


def test_behind_a_wall_the_text_is_not_even_fetched(story, stranger):
    article = story(audience=Audience.MEMBERS, html=f'{LONG}<hr data-mark="ad">')
    with CaptureQueriesContext(connection) as asked:
        assert "6 paragraphs remain." in page(stranger, article)
    assert not [query for query in asked if "articles_body" in query["sql"]]


def test_every_way_out_of_a_story_leads_back_to_it(story, stranger, as_, aram):
    prompt = prompts.Campaign.objects.record(heading="Somebody sat there")
    article = story(audio="members", audience=Audience.MEMBERS)
    back = re.compile(rf"(\?|&amp;)next={re.escape(quote(article.get_absolute_url(), safe=''))}(%23rest)?$")
    text = page(stranger, article)
    ways = re.findall(r'href="(/(?:join|prompts|accounts/\w+)/[^"]*)"', text[text.index("<main") :])
    assert len(ways) >= 5
    assert all(back.search(way) for way in ways)
    told = {way[way.index("source=") :].partition("&")[0] for way in ways if "source=" in way}
    assert told == {"source=audio"}, "the kind of place is told, and never the story"
    assert f'action="{reverse("prompt_answer", args=[prompt.pk])}"' in text
    assert f'name="next" value="{article.get_absolute_url()}"' in text
    known = page(as_(aram), article)
    assert "/accounts/login/" not in known
    assert "Become a member</a> to unlock the audio version" in known


def test_corrections_and_translations_are_shown(story, stranger):
    article = story(corrections=[(datetime(2026, 11, 21, tzinfo=UTC), "The dam is 41 metres high.")])
    russian = story("Дорога открыта", language="ru", translation_of=article)
    text = page(stranger, article)
    assert "The dam is 41 metres high." in text
    assert f'hreflang="ru" href="http://localhost:8000{russian.get_absolute_url()}"' in text
    assert unquote(russian.get_absolute_url()) == "/ru/articles/дорога-открыта/"
    assert '<html lang="ru"' in page(stranger, russian)


def test_a_story_asked_under_another_language_is_found_under_its_own(story, stranger):
    article = story()
    response = stranger.get("/ru" + article.get_absolute_url())
    assert (response.status_code, response["Location"]) == (301, article.get_absolute_url())


def test_a_cold_page_costs_few_queries_and_a_known_one_none(
    story, stranger, serving, django_assert_max_num_queries, django_assert_num_queries
):
    article = story(section="Water", tags=["A", "B"], authors=["X", "Y"], hashtags=["C"], html=LONG)
    publishing.relate([(article.pk, story(f"other {n}", section="Roads", authors=[f"A {n}"]).pk) for n in range(5)])
    stranger.get("/")
    # Ten for the story, two for each of five related ones, one to learn what was changed, two for the shared level,
    # which stand between savepoints in a test.
    with django_assert_max_num_queries(27):
        page(stranger, article)
    with django_assert_num_queries(0):
        page(stranger, article)


def test_a_members_known_page_costs_one_query(story, as_, leyla, serving, django_assert_num_queries):
    article, browser = story(section="Water", tags=["A"], html=LONG), as_(leyla)
    page(browser, article)
    # Session, account and membership, read in this very request.
    with django_assert_num_queries(1):
        page(browser, article)


def test_pages_carry_a_strict_policy_and_ask_no_other_host(story, stranger):
    response = stranger.get(story().get_absolute_url())
    policy = response["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "http" not in policy
    assert response["X-Content-Type-Options"] == "nosniff"
    foreign = re.findall(r'(?:src|srcset|href)="(https?://(?!localhost:8000)[^"]*)"', response.content.decode())
    assert foreign == []
