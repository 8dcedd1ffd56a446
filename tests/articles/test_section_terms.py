"""What a section says of its new stories: taken over once, and kept."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db.models import ProtectedError

from articles import publishing
from articles.models import Article, Section, SectionPlan
from articles.models.author import LENT
from articles.publishing import Draft
from members.access import Audience
from members.models import Plan

pytestmark = pytest.mark.django_db

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


def made(as_section=LENT, publish=True, **fields):
    draft = Draft(Article(headline="Forty-seven owners", **fields), "<p>One.</p>", as_section=as_section)
    (article,) = publishing.publish([draft], at=NOON) if publish else publishing.save([draft])
    return Article.objects.get(pk=article.pk)


def asks(article):
    return (
        article.audience, {rank.plan for rank in article.ranks}, article.early_access_hours,
        article.early_access_until, article.metered,
    )  # fmt: skip


def test_a_new_story_that_leaves_it_to_its_section_asks_what_the_section_says(inquiries, patron):
    story = made(section=inquiries)
    assert asks(story) == (Audience.MEMBERS, {patron.pk}, 24, NOON + timedelta(hours=24), True)


@pytest.mark.parametrize(
    ("left", "asked"),
    [
        ({"audience"}, (Audience.MEMBERS, True, None, False)),
        ({"early_access"}, (Audience.REGISTERED, False, 24, False)),
        ({"metered"}, (Audience.REGISTERED, False, None, True)),
        (set(), (Audience.REGISTERED, False, None, False)),
    ],
)
def test_what_its_author_chose_stands_and_the_rest_is_the_sections(inquiries, patron, left, asked):
    story = made(frozenset(left), section=inquiries, audience=Audience.REGISTERED)
    audience, plans, hours, _until, metered = asks(story)
    assert (audience, plans == {patron.pk}, hours, metered) == asked


def test_a_later_change_of_the_section_opens_and_closes_no_story(inquiries, patron):
    story = made(section=inquiries)
    before = asks(story)
    inquiries.for_plans.all().delete()
    Section.objects.update(default_audience=0, default_early_access_hours=None, default_metered=False)
    publishing.save([Draft(Article.objects.get(pk=story.pk), "<p>Two.</p>")])
    assert asks(Article.objects.get(pk=story.pk)) == before


def test_without_a_section_a_story_is_open_to_everyone():
    assert asks(made()) == (Audience.EVERYONE, set(), None, None, False)


def test_hours_count_from_publication_and_not_from_the_first_draft(inquiries):
    story = made(section=inquiries, publish=False)
    assert (story.early_access_hours, story.early_access_until) == (24, None)
    publishing.publish([Draft(story)], at=NOON)
    assert Article.objects.get().early_access_until == NOON + timedelta(hours=24)


def test_hours_move_with_a_publication_that_is_moved(inquiries):
    story = made(section=inquiries)
    story.published_at = NOON + timedelta(days=3)
    publishing.save([Draft(story)])
    assert Article.objects.get().early_access_until == NOON + timedelta(days=4)


def test_plans_are_replaced_as_a_whole_and_otherwise_kept(inquiries, patron):
    friend = Plan.objects.create(name="Friend", slug="friend")
    story = made(section=inquiries)
    publishing.save([Draft(story, plans=[friend.pk, friend.pk])])
    assert {rank.plan for rank in story.ranks} == {friend.pk}
    publishing.save([Draft(story, "<p>Two.</p>")])
    assert list(story.plans.all()) == [friend]


def test_a_plan_that_a_section_names_cannot_be_deleted(inquiries, patron):
    with pytest.raises(ProtectedError):
        patron.delete()


def test_what_a_story_would_ask_is_told_and_nothing_is_written(inquiries, patron):
    html = "<p>One two.</p><p>Three.</p><p>Four.</p>"
    draft = Draft(Article(headline="New", section=inquiries, published_at=NOON), html, as_section=LENT)
    publishing.rehearse(draft)
    article = draft.article
    assert (article.audience, article.early_access_until) == (Audience.MEMBERS, NOON + timedelta(hours=24))
    assert (draft.plans, article.preview, article.paragraphs_after) == (
        [patron.pk],
        "<p>One two.</p>\n<p>Three.</p>",
        1,
    )
    assert not Article.objects.exists()
