"""The plan of a story's inserts, drawn at the desk: every place in its place, and beside each block the rule that
refused it."""

import re
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
from django.urls import reverse

from articles import publishing
from articles.desk.described import reader
from articles.desk.plan import PlanForm, drawn, measures, planned
from articles.models import Article, Section
from articles.reading import recipes, store
from articles.reading.inserts import KINDS
from members.access import Audience
from members.models import User
from members.prompts.models import Campaign, Variant
from tests.desk.people import with_role

pytestmark = pytest.mark.django_db

SENTENCE = "The river rose in the night and the bridge held. "
LONG = "".join(f"<p>Block {n}. {SENTENCE * 12}</p>" for n in range(1, 15))


def address(article, query=""):
    return f"{reverse('admin:articles_article_plan', args=[article.pk])}?{query}"


def words(response):
    """What a page says, without its markup, white space folded."""
    assert response.status_code == 200
    main = response.content.decode().partition('id="content-main"')[2]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", main)).split())


def asked(**query):
    form = PlanForm({"who": "anonymous", "width": "390"} | query)
    assert form.is_valid(), form.errors
    return reader(form.cleaned_data)


def plan_of(article, **query):
    return planned(Article.objects.get(pk=article.pk), asked(**query))


def prompt(place="top", after=3, **fields):
    campaign = Campaign.objects.create(name=f"At {place}", place=place, after=after, status="running", **fields)
    Variant.objects.create(campaign=campaign, heading="Join")
    return campaign


def draft(html, headline="The ferry", **fields):
    return publishing.save([publishing.Draft(Article(headline=headline, **fields), html)])[0]


def test_every_insert_is_drawn_in_its_place(editor, story):
    prompt("top")
    prompt("after", 2)
    article = story(html=LONG, headline="The bridge", standfirst="It held.")
    said = words(editor.get(address(article)))
    page = plan_of(article)
    assert page.plan.ads
    order = ["Top of the page", "The bridge", "It held.", "Prompt may stand here Above the story.", "Block 1."]
    order += ["Block 2.", "Prompt may stand here For prompts after so many blocks: 2.", "Block 3."]
    for number, seam in enumerate(page.plan.ads, 1):
        order += [f"Block {seam}.", f"Advertisement {number}", f"Block {seam + 1}."]
    order += ["Block 14.", "Place at the end", "End of the story", "Foot of the page"]
    places = [said.index(word) for word in order]
    assert places == sorted(places)


def test_beside_each_block_without_an_advertisement_stands_the_rule_that_refused_it_with_its_numbers(editor, story):
    article = story(html=LONG)
    page = plan_of(article)
    rows = [row for row in drawn(page) if row.number]
    assert [row.number for row in rows] == list(range(1, 15))
    for row in rows:
        refusal = page.plan.refused.get(row.number - 1)
        assert row.note == (f"No advertisement here: {refusal}." if refusal else "")
        assert bool(refusal) != (row.number - 1 in page.plan.ads)
    said = words(editor.get(address(article)))
    assert "1 No advertisement here: an ad never stands before the first block." in said
    assert "2 No advertisement here: too few blocks above: 1, 3 wanted." in said
    assert re.search(r"No advertisement here: only \d+ px to the ad above on a telephone, 750 wanted\.", said)
    assert "End of the story No advertisement here: an ad never stands after the last block." in said


def test_density_heights_target_and_limit_are_named(editor, story):
    article = story(html=LONG)
    page = plan_of(article)
    telephone, wide = measures(page)
    assert (telephone.height, wide.height) == tuple(round(page.plan.heights[width]) for width in ("mobile", "desktop"))
    assert telephone.percent == page.plan.density["mobile"] < 25
    said = words(editor.get(address(article)))
    assert f"On a telephone {telephone.height} px {telephone.percent:.1f} %" in said
    assert f"On a wide screen {wide.height} px {wide.percent:.1f} %" in said
    assert f"Advertisements within the story: {len(page.plan.ads)}, of 4 at most." in said
    assert "They may be 25 % of its height on a telephone; where an editor sets the breaks, 30 %." in said


def test_an_editors_own_breaks_are_named(editor, story):
    parts = LONG.split("</p>")
    article = story(html="</p>".join(parts[:6]) + '</p><hr data-mark="ad">' + "</p>".join(parts[6:]))
    said = words(editor.get(address(article)))
    assert "The editor set ad breaks, and they stand at these alone. They may be 30 % of its height" in said
    assert said.index("Block 6.") < said.index("Advertisement 1") < said.index("Block 7.")
    assert "Advertisement 2" not in said


@pytest.mark.parametrize("width", [320, 390, 777, 820, 1440, 2000])
def test_the_page_is_as_wide_as_the_screen_that_is_asked_for(editor, story, width):
    html = editor.get(address(story(html=LONG), f"width={width}")).content.decode()
    assert f'<svg class="ruler" width="{width}"' in html
    assert f"The story on a screen {width} px wide" in html
    assert re.findall(r'aria-current="true">\s*(\d+) px', html) == [str(width)] * (width in (390, 820, 1440))


@pytest.mark.parametrize(
    ("query", "wrong"),
    [
        ("width=319", "greater than or equal to 320"),
        ("width=2001", "less than or equal to 2000"),
        ("width=wide", "Enter a whole number."),
        ("width=", "This field is required."),
        ("width=390&who=ghost", "Select a valid choice."),
        ("width=390&plan=99", "Select a valid choice."),
    ],
)
def test_what_is_wrong_is_said_at_the_field_and_the_plan_is_drawn_all_the_same(editor, story, query, wrong):
    response = editor.get(address(story(html=LONG), query))
    assert wrong in words(response)
    assert response.content.count(b'class="errorlist"') == 1
    assert "Advertisement 1" in words(response)
    assert b'width="390"' in response.content


def test_the_offered_widths_keep_the_reader(editor, story):
    html = editor.get(address(story(html=LONG), "who=member&width=390")).content.decode()
    assert 'href="?who=member&amp;width=1440"' in html


def test_who_meets_a_wall_gets_another_plan_than_who_reads_all(editor, story):
    parts = LONG.split("</p>")
    html = "</p>".join(parts[:8]) + '</p><hr data-mark="wall">' + "</p>".join(parts[8:])
    article = story(html=html, audience=Audience.MEMBERS)
    walled, whole = (words(editor.get(address(article, f"who={who}"))) for who in ("anonymous", "member"))
    assert "This reader meets a wall: Become a member." in walled
    assert "The wall: Become a member No advertisement here: an ad never stands directly before the wall." in walled
    assert "Block 9." not in walled
    assert "Place at the end" not in walled
    assert "This reader reads all of it." in whole
    assert "Block 14." in whole
    assert "The wall:" not in whole
    assert plan_of(article).plan.ads != plan_of(article, who="member").plan.ads


def test_who_has_read_the_months_free_stories_meets_the_wall(editor, story, metered):
    article = story(html=LONG, metered=True)
    assert "This reader reads all of it." in words(editor.get(address(article)))
    assert "This reader meets a wall" in words(editor.get(address(article, "spent=on")))
    assert "This reader reads all of it." in words(editor.get(address(article, "spent=on&who=member")))


def test_a_draft_is_drawn_as_it_was_saved_last(editor):
    article = draft("<p>First words.</p>")
    publishing.save([publishing.Draft(article, LONG.replace("Block 1.", "Last words."))])
    said = words(editor.get(address(article)))
    assert "Last words." in said
    assert "First words." not in said
    assert "Advertisement 1" in said


def test_what_members_read_first_for_hours_is_walled_before_it_is_out(editor):
    article = draft(LONG, early_access_hours=24)
    assert "This reader meets a wall: Wait, or become a member." in words(editor.get(address(article)))
    assert "This reader reads all of it." in words(editor.get(address(article, "who=member")))


def test_a_story_to_come_is_drawn_for_when_it_is_out(editor, story):
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    article = story(html=LONG, published_at=tomorrow, early_access_until=tomorrow - timedelta(hours=1))
    assert "This reader reads all of it." in words(editor.get(address(article)))


OFF = {
    "They are switched off for this story.": {"without_ads": True},
    "The story is marked sensitive.": {"sensitive": True},
    "They are switched off for its section.": {"section": "Water"},
}


@pytest.mark.parametrize("why", OFF)
def test_what_switches_advertisements_off_is_named(editor, story, why):
    article = story(html=LONG, **OFF[why])
    Section.objects.update(without_ads=True)
    said = words(editor.get(address(article)))
    assert f"No advertisements stand in this story. {why}" in said
    assert [one for one in OFF if one in said] == [why]
    assert "Advertisement 1" not in said
    assert "No advertisement here" not in said
    assert "Top of the page" not in said


def test_all_that_switches_them_off_is_named(editor, story):
    article = story(html=LONG, without_ads=True, sensitive=True)
    said = words(editor.get(address(article)))
    assert "They are switched off for this story. The story is marked sensitive." in said


def test_the_places_drawn_are_those_of_the_page_that_readers_get(story):
    prompt("top")
    prompt("after", 5)
    section = {"section": "Water"}
    articles = [
        story("open", html=LONG),
        story("short", html="<p>One.</p>"),
        story("gated", html=LONG, audience=Audience.MEMBERS),
        story("without", html=LONG, without_ads=True),
        story("sensitive", html=LONG, sensitive=True),
        story("headed", html=LONG.replace("</p><p>Block 6", "</p><h2>On</h2><p>Block 6"), **section),
    ]
    for article in articles:
        for who in ("anonymous", "member"):
            page = plan_of(article, who=who)
            entry = store.default.fetch(recipes.article(article.slug, "en"), asked(who=who))
            assert page.slots == [slot for slot in entry.slots if slot.kind in KINDS], (article, who)
            assert page.subject == entry.subject, (article, who)
            assert (page.off == []) == entry.subject.ads


def test_the_number_of_the_block_below_a_place_is_that_beside_the_block(story):
    prompt("after", 5)
    page = plan_of(story(html=LONG))
    rows = drawn(page)
    for slot in page.slots[1:-2]:
        label = f"Advertisement {slot.number + 1}" if slot.kind == "ad" else "Prompt may stand here"
        at = next(n for n, row in enumerate(rows) if row.label == label)
        assert next(row.number for row in rows[at:] if row.number) == page.block_below(slot)


def test_a_story_without_a_text_has_a_plan_of_nothing(editor):
    article = draft("")
    said = words(editor.get(address(article)))
    assert "There is no text that this reader could read." in said
    assert "On a telephone 0 px 0.0 %" in said
    assert "End of the story" not in said


def test_words_of_any_script_and_markup_in_a_headline_stay_what_they_are(editor):
    article = draft("<p>მდინარე ავიდა.</p><p>جسر</p>", headline='ხიდი <script>alert("1")</script>')
    html = editor.get(address(article)).content.decode()
    assert "ხიდი &lt;script&gt;" in html
    assert "<script>alert" not in html
    assert "მდინარე ავიდა." in html


def test_pictures_and_embeds_are_drawn_as_readers_get_them(editor, picture):
    html = f'<p>One.</p><figure data-image="{picture.pk}"></figure><figure data-embed="https://youtu.be/x"></figure>'
    drawn_page = editor.get(address(draft(html))).content.decode()
    assert picture.url in drawn_page
    assert 'alt="The river in flood"' in drawn_page
    assert '<a href="https://youtu.be/x" rel="noopener noreferrer">' in drawn_page


@pytest.mark.parametrize(
    ("fields", "note"),
    [
        # Long enough behind the third for one more, and too short for it among the blocks.
        (
            {"html": "".join(f"<p>Block {n}. {SENTENCE * 12}</p>" for n in range(12))},
            "A prompt; where none is shown, an advertisement, if booked.",
        ),
        (
            {"html": "<p>One.</p>"},
            "A prompt, if one is shown: one more advertisement would be too near, too dense or too many.",
        ),
        ({"html": LONG, "sensitive": True}, "A prompt, if one is shown."),
    ],
)
def test_what_may_stand_at_the_end_is_said(editor, story, fields, note):
    assert f"Place at the end {note} End of the story" in words(editor.get(address(story(**fields))))


def test_a_very_long_story_is_drawn_by_as_many_queries_as_a_short_one(editor, django_assert_max_num_queries):
    article = draft("".join(f"<p>Block {n}. {SENTENCE * 3}</p>" for n in range(1, 2_001)))
    with django_assert_max_num_queries(20):
        said = words(editor.get(address(article)))
    assert "Block 2000." in said
    assert said.count("No advertisement here") == 2_001 - 4


def test_the_form_of_a_story_leads_there_and_from_there_to_why(editor, story):
    article = story(html=LONG)
    change = editor.get(reverse("admin:articles_article_change", args=[article.pk])).content.decode()
    assert f'href="{address(article)[:-1]}"' in change
    why = reverse("admin:articles_article_why", args=[article.pk])
    assert f'href="{why}"' in change
    html = editor.get(address(article, "who=registered&width=820")).content.decode()
    assert f'href="{why}?who=registered&amp;width=820"' in html


def test_who_may_open_a_storys_form_may_see_its_plan_and_nobody_else(reporter, as_, aram, nino, story):
    article = story(html=LONG)
    for browser in (reporter, as_(nino), as_(with_role("publisher@example.com", User.Role.PUBLISHER))):
        assert browser.get(address(article)).status_code == 200
    without_rights = User.objects.create_user("new@example.com", is_staff=True)
    assert as_(without_rights).get(address(article)).status_code == 403
    for browser in (as_(aram), as_(None)):
        response = browser.get(address(article))
        assert response.status_code == 302
        assert response["Location"].startswith("/admin/login/")
    assert "Block 1." not in as_(aram).get(address(article), follow=True).content.decode()


def test_it_is_a_page_to_look_at(editor, story):
    assert editor.post(address(story(html=LONG))).status_code == 405
    assert editor.get(reverse("admin:articles_article_plan", args=[999_999])).status_code == 404
