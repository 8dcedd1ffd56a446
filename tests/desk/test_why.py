"""Why a reader is shown what the page shows: told of a described reader, by the rules that real ones are led past."""

import re
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
from django.urls import reverse
from django.utils import timezone

from articles import publishing
from articles.desk import why
from articles.models import Article
from articles.tags.models import Tag
from members.access import Audience
from members.models import Plan, User
from members.prompts.rules import Fit
from tests.ads.bookings import book
from tests.desk.looks import LONG, form, prompt, told

pytestmark = pytest.mark.django_db


def address(article, query=""):
    return f"{reverse('admin:articles_article_why', args=[article.pk])}?{query}"


def words(html):
    """What a page says, without its markup, white space folded."""
    main = html.partition('id="content-main"')[2]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", main)).split())


def asked(browser, article, query=""):
    response = browser.get(address(article, query))
    assert response.status_code == 200
    return words(response.content.decode())


def test_while_something_is_wrong_nothing_is_told(editor, story):
    said = asked(editor, story(html=LONG), "country=Georgia")
    assert "A country has two letters" in said
    assert "Nothing can be told of this reader yet" in said
    assert "Chances are" not in said


def test_who_would_see_which_prompt_where(editor, story):
    prompt("Help the mill", place="after", after=3, variants=["Plain"])
    said = asked(editor, story(html=LONG))
    assert "“Help the mill” is shown in the story, above block 4, in the variant “Plain”." in said
    assert "Help the mill For any story Shown" in said


@pytest.mark.parametrize(
    ("place", "where"),
    [("top", "above the story"), ("end", "below the story"), ("bar", "in a bar at the foot of the page")],
)
def test_each_place_is_said(story, place, where):
    prompt(place=place)
    assert told(story(html=LONG)).prompt == f"“Join us” is shown {where}, in the variant “A”."


def test_a_place_that_the_story_has_not_is_the_end(story):
    prompt(place="after", after=40)
    assert told(story(html="<p>One.</p>")).prompt == "“Join us” is shown below the story, in the variant “A”."


def test_who_may_be_remembered_nothing_of_is_asked_at_the_end(story):
    prompt(place="top")
    assert "below the story" in told(story(html=LONG), "gpc=on").prompt


def test_at_a_wall_what_would_stand_at_the_end_has_no_place(story):
    prompt(place="end")
    article = story(html=LONG, audience=Audience.MEMBERS)
    found = told(article)
    assert found.prompt == "No prompt is shown: it would be “Join us”, and this page has no place for it."
    assert found.lines[0].result == "Fits, and the page has no place for it"


def test_who_is_held_back_is_told_so_and_nobody_stands_in(story):
    campaign = prompt(holdback=20)
    prompt("Second", priority=1)
    held = [bucket for bucket in range(0, 1_000, 10) if "held back" in told_for(bucket, story)]
    assert 5 < len(held) < 40
    found = told(Article.objects.get(), f"bucket={held[0]}")
    assert found.prompt == (
        "No prompt is shown: this browser is one of the 20 % held back from “Join us”, to see what it is worth, and no"
        " other stands in."
    )
    assert [line.result for line in found.lines[:2]] == ["Held back", "Not asked: one above it fits."]
    assert found.lines[0].pk == campaign.pk


def told_for(bucket, story):
    article = Article.objects.first() or story(html=LONG)
    return told(article, f"bucket={bucket}").prompt


def test_variants_follow_the_bucket(story):
    prompt(variants=["A", "B"])
    article = story(html=LONG)
    said = {told(article, f"bucket={bucket}").prompt[-3] for bucket in range(0, 100, 5)}
    assert said == {"A", "B"}


def test_every_reason_of_every_refused_campaign_is_told_in_order(editor, story):
    prompt("Elsewhere", by_story=True, states=["lapsed"], include={"device": ["desktop"]})
    prompt("Not yet", status="draft")
    prompt("Russian", language="ru", include={"country": ["GE"]})
    said = asked(editor, story(html=LONG))
    elsewhere = [
        "It is for other stories by name.",
        "It is for other readers.",
        "It is for other devices.",
    ]
    assert f"Elsewhere For stories by name {' '.join(elsewhere)}" in said
    assert "Russian For any story It is in another language. It is for other countries." in said
    assert "Not yet For any story It does not run." in said
    assert "No prompt is shown: each campaign has a reason against it." in said
    assert said.index("Elsewhere For") < said.index("Russian For") < said.index("Not yet For")


def test_the_papers_own_word_is_a_line_without_a_link(editor, story):
    html = editor.get(address(story(html=LONG), "who=past_due")).content.decode()
    assert "“Your last payment did not go through” is shown below the story." in words(html)
    assert "Your last payment did not go through The paper’s own word Shown" in words(html)
    assert "campaign/0/" not in html


def test_how_close_a_campaign_is_to_the_story_is_said(story):
    article = story(html=LONG, section="Water", tags=["Dam"])
    named = prompt("Named", by_story=True)
    named.attach([article.pk])
    prompt("Tagged", include={"tag": [Tag.objects.get().pk]})
    prompt("In it", include={"section": [article.section_id]})
    prompt("Any")
    assert [(line.name, line.fit) for line in told(article).lines][:4] == [
        ("Named", "For stories by name"),
        ("Tagged", "For a tag of the story"),
        ("In it", "For sections"),
        ("Any", "For any story"),
    ]


def test_there_are_words_for_each_way_to_fit():
    assert {fit.name for fit in Fit} <= set(why.FITS)


def test_which_advertisements_are_eligible_with_their_odds(editor, story):
    book("Bread", weight=30)
    book("Salt", weight=10)
    book("Wine", include={"device": ["desktop"]}, paused=True)
    book("Flour", placements=["top"], priority=1)
    said = asked(editor, story(html=LONG))
    assert re.search(
        r"Advertisement 1, above block \d+ What may stand there Creative Campaign Chance Bread Bread 75", said
    )
    assert "Bread Bread 75.0 % Salt Salt 25.0 %" in said
    assert "Wine Wine Meant for other devices Paused" in said
    assert "Flour Flour Booked for other places" in said
    assert "On top of a page What may stand there Creative Campaign Chance Flour Flour 100.0 %" in said
    assert "Bread Bread A campaign of higher priority takes this place" in said


def test_a_place_that_nobody_booked_is_no_error(editor, story):
    said = asked(editor, story(html=LONG))
    assert re.search(r"Advertisement 1, above block \d+ Nobody booked this place: the paper’s own word stands", said)
    assert "On top of a page Nobody booked this place: it stays empty." in said
    assert "After a story Nobody booked this place: it stays empty." in said


def test_nor_is_one_where_nothing_that_is_booked_fits(editor, story):
    book(language="ru")
    said = asked(editor, story(html=LONG))
    assert "Nothing that is booked fits here: the paper’s own word stands there." in said
    assert "On top of a page Nothing that is booked fits here: it stays empty. 1 that may not stand there" in said
    assert "Meant for another language" in said


def test_where_a_prompt_stands_no_advertisement_does(story):
    book()
    prompt(place="end")
    end = told(story(html=LONG)).places[-1]
    assert (end.name, end.says, end.eligible) == ("end", "The prompt stands there.", [])


def test_a_page_without_advertisements_says_why(editor, story):
    book()
    said = asked(editor, story(html=LONG, sensitive=True))
    assert "No advertisements are shown. The story is marked sensitive." in said
    assert "What may stand there" not in said


def test_members_without_advertisements_are_told_so(editor, story):
    book()
    plan = Plan.objects.create(name="Patron", slug="patron", level=20, ad_free=True)
    article = story(html=LONG)
    said = asked(editor, article, f"who=member&plan={plan.pk}")
    assert "No advertisements are shown. Members with this plan see none." in said
    assert "No advertisements are shown." not in asked(editor, article, "who=member")


def test_from_elsewhere_comes_what_the_reader_said_yes_to_where_nobody_but_the_house_booked(story, settings):
    settings.ADS_OUTSIDE = "/1234/courier"
    book("Bread", placements=["inline"])
    book("Own", priority=3)
    article = story(html=LONG)
    said = {place.name: place for place in told(article, "outside=on").places}
    assert [str(one.creative) for one in said["inline1"].eligible] == ["Bread"]
    assert said["top"].says == "An advertisement from elsewhere stands there, as this reader has said yes to."
    assert (said["top"].eligible, str(said["top"].refused[0].creative)) == ([], "Own")
    assert [str(one.creative) for one in told(article).places[0].eligible] == ["Own"]
    settings.ADS_OUTSIDE = ""
    assert "outside" not in form().fields
    assert told(article, "outside=on").places[0].eligible


def test_a_limit_a_day_is_told_of_the_views_today(story):
    creative = book(cap=2)
    article = story(html=LONG)
    assert told(article, f"ads_{creative.campaign_id}=1").places[0].eligible
    refused = told(article, f"ads_{creative.campaign_id}=2").places[0].refused
    assert [str(reason) for reason in refused[0].reasons] == ["Shown to this browser as often today as it may be"]


def test_at_another_time_other_campaigns_run(story):
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    book(starts_at=tomorrow)
    prompt(starts_at=tomorrow)
    article = story(html=LONG)
    later = (timezone.localtime() + timedelta(days=2)).strftime("%Y-%m-%dT%H:%M")
    assert not told(article).places[0].eligible
    assert told(article, f"at={later}").places[0].eligible
    assert "each campaign has a reason" in told(article).prompt
    assert "is shown" in told(article, f"at={later}").prompt


def test_what_browsers_keep_count_of_can_be_described(editor, story):
    story(html=LONG, tags=["Dam", "Bread"])
    dam = Tag.objects.get(name="Dam")
    prompt("By tag", read_tag=dam.pk)
    prompt("Measured", frequency=True)
    book("Bread", cap=1)
    counted = why.counted(why.held())
    assert counted.tags == {dam.pk: "Dam"}
    assert [*counted.views.values()] == ["Measured"]
    assert [*counted.ads.values()] == ["Bread"]
    html = editor.get(address(Article.objects.get())).content.decode()
    for label in ("Of these, how many about “Dam”", "Saw the prompt “Measured” in 30 days"):
        assert label in html
    assert "Saw the advertisement “Bread” today" in html


def test_links_to_campaigns_are_for_those_who_may_open_them(editor, reporter, story):
    campaign, creative = prompt(), book()
    article = story(html=LONG)
    links = [
        reverse("admin:prompts_campaign_change", args=[campaign.pk]),
        reverse("admin:ads_campaign_change", args=[creative.campaign_id]),
    ]
    own, others = (browser.get(address(article)).content.decode() for browser in (editor, reporter))
    assert all(link in own for link in links)
    assert not any(link in others for link in links)


def test_from_there_to_the_plan_for_the_same_reader(editor, story):
    article = story(html=LONG)
    html = editor.get(address(article, "who=member&reads=3")).content.decode()
    plan = reverse("admin:articles_article_plan", args=[article.pk])
    assert f'href="{plan}?who=member&amp;reads=3"' in html
    assert editor.get(f"{plan}?who=member&reads=3").status_code == 200


def test_a_draft_without_a_text_has_answers_too(editor):
    article = publishing.save([publishing.Draft(Article(headline="Плотина"), "")])[0]
    prompt("Стоит ли мост?", place="top")
    said = asked(editor, article)
    assert "No prompt is shown: it would be “Стоит ли мост?”, and this page has no place for it." in said
    assert "On top of a page Nobody booked this place" in said


def test_a_very_long_story_asks_no_more_of_the_database(editor, django_assert_max_num_queries):
    article = publishing.save([publishing.Draft(Article(headline="Long"), LONG * 150)])[0]
    why.held()
    with django_assert_max_num_queries(30):
        assert "Advertisement 4" in asked(editor, article)


def test_who_may_open_a_storys_form_is_told_and_nobody_else(reporter, as_, aram, nino, story):
    article = story(html=LONG)
    for browser in (reporter, as_(nino)):
        assert browser.get(address(article)).status_code == 200
    without_rights = User.objects.create_user("new@example.com", is_staff=True)
    assert as_(without_rights).get(address(article)).status_code == 403
    assert as_(without_rights).get(reverse("admin:articles_article_why_of")).status_code == 403
    for browser in (as_(aram), as_(None)):
        for path in (address(article), reverse("admin:articles_article_why_of")):
            response = browser.get(path)
            assert response.status_code == 302
            assert response["Location"].startswith("/admin/login/")


def test_it_is_a_page_to_look_at(editor, story):
    assert editor.post(address(story(html=LONG))).status_code == 405
    assert editor.post(reverse("admin:articles_article_why_of")).status_code == 405
    assert editor.get(reverse("admin:articles_article_why", args=[999_999])).status_code == 404


def test_to_ask_takes_nothing_of_what_a_campaign_may_have(story):
    creative = book(goal=100, ends_at=datetime.now(UTC) + timedelta(days=1))
    article = story(html=LONG)
    delivery = why.held().booked.delivery
    before = dict(delivery.left)
    assert before[creative.campaign_id]
    told(article)
    assert delivery.left == before


@pytest.mark.parametrize(
    "named", ["{pk}", "ხიდი", "/articles/ხიდი/", "http://localhost:8000/articles/%E1%83%AE%E1%83%98%E1%83%93%E1%83%98/"]
)
def test_a_campaigns_page_leads_to_a_story_by_its_number_or_address(editor, story, named):
    article = story("ხიდი", html=LONG)
    response = editor.get(reverse("admin:articles_article_why_of"), {"story": named.format(pk=article.pk)})
    assert (response.status_code, response["Location"]) == (302, address(article)[:-1])


@pytest.mark.parametrize("named", ["99999", "no-such-story", "http://[", "9" * 30, "\0", "/"])
def test_a_story_that_is_not_there_is_said_at_the_field(editor, story, named):
    story(html=LONG)
    response = editor.get(reverse("admin:articles_article_why_of"), {"story": named})
    assert response.status_code == 200
    assert 'class="errorlist"' in response.content.decode()


def test_the_pages_of_campaigns_lead_there(editor):
    campaign, creative = prompt(), book()
    for name, pk in (("prompts", campaign.pk), ("ads", creative.campaign_id)):
        html = editor.get(reverse(f"admin:{name}_campaign_change", args=[pk])).content.decode()
        assert f'href="{reverse("admin:articles_article_why_of")}"' in html
