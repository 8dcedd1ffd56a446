"""What a story asks of its readers, set in its form."""

from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse

from articles import publishing
from articles.models import Article, Section, SectionPlan
from members.access import Audience
from members.models import Plan

pytestmark = pytest.mark.django_db

ADD = "/admin/articles/article/add/"
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


@pytest.fixture
def patron(db):
    return Plan.objects.create(name="Patron", slug="patron", level=20)


@pytest.fixture
def inquiries(patron):
    """A section whose new stories are for patrons, members first for a day, and metered."""
    section = Section.objects.create(
        name="Inquiries", slug="inquiries", default_audience=Audience.MEMBERS, default_early_access_hours=24,
        default_metered=True,
    )  # fmt: skip
    SectionPlan.objects.create(section=section, plan=patron)
    return section


def change(story):
    return reverse("admin:articles_article_change", args=[story.pk])


def save(client, sent, story=None):
    response = client.post(change(story) if story else ADD, sent)
    assert response.status_code == 302, response.context["errors"]
    return Article.objects.get(pk=story.pk) if story else Article.objects.latest("pk")


def refused(client, sent, story=None):
    response = client.post(change(story) if story else ADD, sent)
    assert response.status_code == 200
    return " ".join(str(error) for error in response.context["errors"])


def asks(story):
    plans = {rank.plan for rank in story.ranks}
    return story.audience, plans, story.early_access_hours, story.early_access_until, story.metered


def test_the_form_of_a_new_story_offers_the_sections_say_first(editor, inquiries):
    form = editor.get(ADD).context["adminform"].form
    for name in ("audience", "metered"):
        assert form.fields[name].choices[0] == ("", "As the section says")
        assert form[name].value() == ""
    assert "Inquiries – Members" in str(form.fields["audience"].help_text)


def test_a_new_story_whose_author_chose_nothing_asks_what_its_section_says(editor, inquiries, patron, fields):
    story = save(editor, fields(section=inquiries.pk, audience="", metered="", early_access_hours=""))
    assert asks(story) == (Audience.MEMBERS, {patron.pk}, 24, None, True)


def test_what_its_author_chose_stands_against_the_section(editor, inquiries, fields):
    story = save(editor, fields(section=inquiries.pk, audience="0", metered="no", early_access_hours="0"))
    assert asks(story) == (Audience.EVERYONE, set(), None, None, False)


def test_a_new_story_without_a_section_is_open_where_nothing_is_chosen(editor, fields):
    assert asks(save(editor, fields(audience="", metered=""))) == (Audience.EVERYONE, set(), None, None, False)


def test_a_story_that_is_moved_to_another_section_keeps_its_terms(editor, inquiries, story, form_of):
    live = story()
    moved = save(editor, form_of(editor, live) | {"section": inquiries.pk}, live)
    assert moved.section == inquiries
    assert asks(moved) == (Audience.EVERYONE, set(), None, None, False)


@pytest.mark.parametrize("writer", ["reporter", "editor"])
def test_a_draft_that_gets_its_section_late_asks_what_the_section_says(
    writer, request, inquiries, patron, fields, form_of
):
    client = request.getfixturevalue(writer)
    draft = save(client, fields())
    late = save(client, form_of(client, draft) | {"section": inquiries.pk}, draft)
    assert asks(late) == (Audience.MEMBERS, {patron.pk}, 24, None, True)


def test_what_was_chosen_for_a_draft_stands_when_it_gets_its_section(reporter, editor, inquiries, fields, form_of):
    draft = save(editor, fields(audience="1", metered="no", early_access_hours="0"))
    kept = save(reporter, form_of(reporter, draft) | {"section": inquiries.pk}, draft)
    assert asks(kept) == (Audience.REGISTERED, set(), None, None, False)
    other = save(editor, fields())
    sent = form_of(editor, other) | {"section": inquiries.pk, "audience": "1"}
    assert asks(save(editor, sent, other))[0] == Audience.REGISTERED


def test_plans_are_named_and_taken_back(editor, patron, story, form_of):
    live = story(audience=Audience.MEMBERS)
    named = save(editor, form_of(editor, live) | {"chosen_plans": [patron.pk]}, live)
    assert asks(named)[1] == {patron.pk}
    untouched = save(editor, form_of(editor, named), named)
    assert asks(untouched)[1] == {patron.pk}
    sent = form_of(editor, untouched)
    del sent["chosen_plans"]
    assert asks(save(editor, sent, untouched))[1] == set()


def test_plans_are_refused_where_others_than_members_may_read(editor, patron, story, form_of):
    live = story()
    for audience in ("0", "1"):
        sent = form_of(editor, live) | {"audience": audience, "chosen_plans": [patron.pk]}
        assert "Plans are named for what members alone may read" in refused(editor, sent, live)
    assert not live.for_plans.exists()


def test_a_plan_is_not_named_for_a_new_story_that_leaves_its_audience_to_the_section(editor, patron, inquiries, fields):
    sent = fields(section=inquiries.pk, audience="", chosen_plans=[patron.pk])
    assert "Plans are named for what members alone may read" in refused(editor, sent)


def test_an_archived_plan_stays_where_it_is_named_and_is_offered_nowhere_else(editor, patron, story, form_of, now):
    named, other = story(audience=Audience.MEMBERS), story(headline="Other", audience=Audience.MEMBERS)
    publishing.save([publishing.Draft(named, plans=[patron.pk])])
    Plan.objects.update(archived_at=now)
    save(editor, form_of(editor, named), named)
    assert named.for_plans.exists()
    assert "not one of the available" in refused(editor, form_of(editor, other) | {"chosen_plans": [patron.pk]}, other)


# Members first


def until(moment):
    return {"early_access_until_0": f"{moment:%Y-%m-%d}", "early_access_until_1": f"{moment:%H:%M:%S}"}


def test_hours_give_the_moment_and_clearing_them_opens_the_story(editor, story, form_of):
    live = save(editor, form_of(editor, plain := story(published_at=NOON)) | {"early_access_hours": "24"}, plain)
    assert live.early_access_until == NOON + timedelta(hours=24)
    same = save(editor, form_of(editor, live), live)
    assert (same.early_access_hours, same.early_access_until) == (24, NOON + timedelta(hours=24))
    opened = save(editor, form_of(editor, same) | {"early_access_hours": ""}, same)
    assert (opened.early_access_hours, opened.early_access_until) == (None, None)


def test_a_moment_that_is_chosen_stands_against_hours_that_were_there(editor, story, form_of):
    live = story(published_at=NOON, early_access_hours=24)
    # Typed in the newsroom's time, four hours ahead.
    chosen = save(editor, form_of(editor, live) | until(datetime(2026, 12, 24, 18, 0)), live)
    assert (chosen.early_access_hours, chosen.early_access_until) == (None, datetime(2026, 12, 24, 14, tzinfo=UTC))


def test_a_moment_that_is_taken_out_opens_the_story_although_hours_stood_beside_it(editor, story, form_of):
    live = story(published_at=NOON, early_access_hours=24)
    blank = {"early_access_until_0": "", "early_access_until_1": ""}
    opened = save(editor, form_of(editor, live) | blank, live)
    assert (opened.early_access_hours, opened.early_access_until) == (None, None)


def test_hours_and_a_moment_at_once_are_refused(editor, fields):
    sent = fields(early_access_hours="24") | until(datetime(2026, 12, 24, 18, 0))
    assert "not both" in refused(editor, sent)


def test_a_publication_that_is_moved_takes_the_hours_along(editor, story, form_of):
    live = story(published_at=NOON, early_access_hours=24)
    moved = {"published_at_0": "2026-12-01", "published_at_1": "16:00:00"}
    live = save(editor, form_of(editor, live) | moved, live)
    assert live.early_access_until == datetime(2026, 12, 2, 12, tzinfo=UTC)


def test_the_form_says_where_the_meter_is_off(editor, settings):
    said = "The meter is off: for now this changes nothing."
    for on in (True, False):
        settings.METER = on
        assert (said in editor.get(ADD).content.decode()) != on


# Who may not publish sets no terms.

FORGED = {
    "audience": "0", "metered": "no", "early_access_hours": "0", "early_access_until_0": "", "early_access_until_1": "",
    "audio": "everyone",
}  # fmt: skip


def test_a_reporters_new_story_asks_what_its_section_says_whatever_was_sent(reporter, inquiries, patron, fields):
    story = save(reporter, fields(section=inquiries.pk) | FORGED)
    assert asks(story) == (Audience.MEMBERS, {patron.pk}, 24, None, True)
    assert story.audio == "off"


def test_a_reporters_forged_form_changes_no_terms_of_a_draft(reporter, editor, patron, fields, form_of):
    draft = save(editor, fields(audience="2", chosen_plans=[patron.pk], metered="yes", early_access_hours="24"))
    before = asks(draft)
    sent = form_of(reporter, draft)
    assert not {*FORGED, "chosen_plans"} & sent.keys()
    kept = save(reporter, sent | FORGED | {"html": "<p>New words.</p>"}, draft)
    assert asks(kept) == before
    assert kept.audio == "off"
    assert kept.words == 2


@pytest.mark.parametrize("name", ["version", "words", "paragraphs_after", "preview", "excerpt", "created_at", "id"])
def test_what_no_form_shows_no_form_changes(editor, story, form_of, name):
    live = story()
    before = Article.objects.values_list(name, flat=True).get()
    kept = save(editor, form_of(editor, live) | {name: "77", f"{name}_0": "2001-01-01", f"{name}_1": "00:00"}, live)
    assert getattr(kept, name) == (before + 1 if name == "version" else before)
