"""What a stranger, a registered reader and a member will get, in the desk's words."""

from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import translation

from articles import publishing
from articles.desk.who_reads import told
from articles.models import Article, Section, SectionPlan
from members.access import Audience
from members.models import OpenHouse, Plan

pytestmark = pytest.mark.django_db

ASK = reverse("admin:articles_article_who_reads")
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
PREVIEW = "the first 2 paragraphs"


@pytest.fixture
def meter(settings):
    settings.METER, settings.METER_STRANGERS, settings.METER_REGISTERED = True, 3, 10


@pytest.fixture
def plans(db):
    rows = (("Reader", 10), ("Friend", 20), ("Patron", 30))
    return {name: Plan.objects.create(name=name, slug=name.lower(), level=level) for name, level in rows}


def sentences(article, now=None):
    """[(when, [sentence])] of a story."""
    article = Article.objects.get(pk=article.pk)
    return [(stage.when, stage.sentences) for stage in told(article, article.ranks, now or datetime.now(UTC)).stages]


def test_an_open_story_is_read_by_all(story):
    assert sentences(story()) == [
        ("", ["A stranger reads all of it.", "A registered reader reads all of it.", "A member reads all of it."])
    ]


def test_a_story_for_registered_readers_asks_strangers_to_create_an_account(story):
    assert sentences(story(audience=Audience.REGISTERED)) == [
        (
            "",
            [
                f"A stranger reads {PREVIEW}, then is asked to create a free account.",
                "A registered reader reads all of it.",
                "A member reads all of it.",
            ],
        )
    ]


def test_a_story_for_members_asks_others_to_become_one(story):
    assert sentences(story(audience=Audience.MEMBERS)) == [
        (
            "",
            [
                f"A stranger reads {PREVIEW}, then is asked to become a member.",
                f"A registered reader reads {PREVIEW}, then is asked to become a member.",
                "A member reads all of it.",
            ],
        )
    ]


def test_a_metered_story_says_what_it_takes_and_what_comes_when_that_is_spent(story, meter):
    assert sentences(story(metered=True)) == [
        (
            "",
            [
                "A stranger reads all of it; it takes one of 3 free articles a month.",
                f"A stranger who has none left reads {PREVIEW}, then is asked to create a free account, to become a"
                " member, or to wait for next month.",
                "A registered reader reads all of it; it takes one of 10 free articles a month.",
                f"A registered reader who has none left reads {PREVIEW}, then is asked to become a member, or to wait"
                " for next month.",
                "A member reads all of it.",
            ],
        )
    ]


def test_a_metered_story_takes_nothing_while_the_meter_is_off(story, settings):
    settings.METER = False
    [(_when, said)] = sentences(story(metered=True))
    assert said[0] == "A stranger reads all of it."


def test_early_access_is_told_in_two_stages_with_its_moment(story):
    live = story(early_access_until=NOON + timedelta(days=2), audience=Audience.REGISTERED, published_at=NOON)
    assert sentences(live, NOON) == [
        (
            "Until 26 November 2026, 16:00:",
            [
                f"A stranger reads {PREVIEW}, then is asked to wait, or to become a member.",
                f"A registered reader reads {PREVIEW}, then is asked to wait, or to become a member.",
                "A member reads all of it.",
            ],
        ),
        (
            "From then on:",
            [
                f"A stranger reads {PREVIEW}, then is asked to create a free account.",
                "A registered reader reads all of it.",
                "A member reads all of it.",
            ],
        ),
    ]
    [(when, _said)] = sentences(live, NOON + timedelta(days=2))
    assert when == ""


def test_early_access_to_what_is_members_anyway_is_one_stage(story):
    [(when, _said)] = sentences(story(early_access_until=NOON + timedelta(days=999), audience=Audience.MEMBERS))
    assert when == ""


def test_a_draft_whose_early_access_counts_from_publication_says_for_how_long(db):
    draft = publishing.save(
        [publishing.Draft(Article(headline="Draft", early_access_hours=24), "<p>One.</p><p>Two.</p>")]
    )
    assert [when for when, _said in sentences(draft[0])] == ["For 24 hours:", "From then on:"]


def test_named_plans_are_told_by_name_with_the_higher_ones_that_include_them(story, plans):
    live = story(audience=Audience.MEMBERS)
    publishing.save([publishing.Draft(live, plans=[plans["Friend"].pk])])
    assert sentences(live) == [
        (
            "",
            [
                f"A stranger reads {PREVIEW}, then is asked to become a member.",
                f"A registered reader reads {PREVIEW}, then is asked to become a member.",
                "A member by “Friend” or “Patron” reads all of it.",
                f"A member without such a plan reads {PREVIEW}, then is asked to take a higher plan.",
            ],
        )
    ]


@pytest.mark.parametrize(
    ("html", "part"),
    [
        ("<p>One.</p><p>Two.</p>", "the first paragraph"),
        ("<p>One.</p>", "headline and standfirst alone"),
        ('<p>1.</p><p>2.</p><p>3.</p><hr data-mark="wall"><p>4.</p>', "the first 3 paragraphs"),
        ('<hr data-mark="wall"><p>One.</p><p>Two.</p>', "headline and standfirst alone"),
    ],
)
def test_how_much_is_free_follows_the_authors_mark_else_two_paragraphs(story, html, part):
    [(_when, said)] = sentences(story(html=html, audience=Audience.MEMBERS))
    assert said[0] == f"A stranger reads {part}, then is asked to become a member."


def test_a_mark_behind_the_last_paragraph_is_told_to_close_nothing(story):
    [(_when, said)] = sentences(story(html='<p>1.</p><p>2.</p><hr data-mark="wall">', audience=Audience.MEMBERS))
    assert said[0] == "A stranger reads every paragraph: none stands behind the wall mark."


def test_what_is_not_out_yet_says_from_when_it_counts(story):
    later = story(published_at=NOON + timedelta(hours=1))
    assert told(later, frozenset(), NOON).begins == "From 24 November 2026, 17:00 on, when it appears:"
    assert told(later, frozenset(), NOON + timedelta(hours=1)).begins == ""
    publishing.withdraw([later])
    assert told(later, frozenset(), NOON).begins == "Once it is published:"


def test_the_words_are_of_the_terms_and_not_of_a_night_when_everything_is_open(story):
    OpenHouse.objects.create(reason="The quake")
    [(_when, said)] = sentences(story(audience=Audience.MEMBERS))
    assert "become a member" in said[0]


def test_the_words_are_told_in_russian_too(story, meter, plans):
    live = story(audience=Audience.MEMBERS, early_access_until=datetime.now(UTC) + timedelta(days=2))
    publishing.save([publishing.Draft(live, plans=[plans["Friend"].pk])])
    with translation.override("ru"):
        for made in (live, story(metered=True), story(audience=Audience.REGISTERED)):
            said = " ".join(sentence for _when, some in sentences(made) for sentence in some)
            assert not {"A", "reads", "member", "asked"} & set(said.split()), said


# On the pages


def change(story):
    return reverse("admin:articles_article_change", args=[story.pk])


@pytest.mark.parametrize("page", ["change", "revisions"])
def test_the_words_stand_on_the_storys_pages_as_it_is_stored(editor, story, page):
    live = story(audience=Audience.MEMBERS)
    html = editor.get(reverse(f"admin:articles_article_{page}", args=[live.pk])).content.decode()
    assert f"A stranger reads {PREVIEW}, then is asked to become a member." in html


def test_a_reporter_reads_the_words_and_finds_no_terms_to_change(reporter, story):
    live = story(audience=Audience.MEMBERS)
    html = reporter.get(change(live)).content.decode()
    assert "then is asked to become a member." in html
    assert 'name="audience"' not in html


def test_the_words_of_a_form_are_told_before_it_is_saved_and_nothing_is_saved(editor, story, form_of):
    live = story()
    sent = form_of(editor, live) | {"audience": "2", "html": "<p>One.</p><p>Two.</p><p>Three.</p>", "headline": ""}
    html = editor.post(ASK, sent | {"pk": live.pk}).json()["html"]
    assert f"A stranger reads {PREVIEW}, then is asked to become a member." in html
    assert Article.objects.values_list("audience", "version", "headline").get() == (0, live.version, live.headline)


def test_the_words_of_a_new_story_are_those_of_its_section(editor, fields, plans):
    section = Section.objects.create(
        name="Inquiries", slug="inquiries", default_audience=2, default_early_access_hours=5
    )
    SectionPlan.objects.create(section=section, plan=plans["Patron"])
    sent = fields(section=section.pk, audience="")
    html = editor.post(ASK, sent | {"pk": ""}).json()["html"]
    assert "A member by “Patron” reads all of it." in html
    assert (
        "A stranger reads all of it."
        in editor.post(ASK, sent | {"audience": "0", "early_access_hours": "0"}).json()["html"]
    )
    assert not Article.objects.exists()


def test_terms_that_are_wrong_are_told_instead_of_words(editor, fields, plans):
    sent = fields(audience="1", chosen_plans=[plans["Patron"].pk])
    assert "Plans are named for what members alone may read" in editor.post(ASK, sent).json()["html"]


def test_the_words_are_told_to_nobody_who_may_not_change_the_story(as_, aram, reporter, story, fields):
    live = story(audience=Audience.MEMBERS)
    assert reporter.post(ASK, fields() | {"pk": live.pk}).status_code == 403
    for person in (aram, None):
        assert as_(person).post(ASK, fields() | {"pk": live.pk}).status_code == 302
    assert reporter.get(ASK).status_code == 405
    assert reporter.post(ASK, fields() | {"pk": "4711"}).status_code == 404


def test_telling_costs_a_bounded_number_of_questions(editor, story, form_of, plans, django_assert_max_num_queries):
    live = story(audience=Audience.MEMBERS)
    publishing.save([publishing.Draft(live, plans=[plans["Friend"].pk])])
    sent = form_of(editor, live) | {"pk": live.pk}
    with django_assert_max_num_queries(20):
        editor.post(ASK, sent)
