from datetime import UTC, datetime

import pytest
from django.urls import reverse

from articles import publishing
from articles.desk.stories import StoryAdmin
from articles.models import Article, Author, Body, Byline, Correction, Related, Revision
from articles.models.article import ArticleTag

ADD = "/admin/articles/article/add/"

pytestmark = pytest.mark.django_db


def save(client, sent, story=None):
    address = reverse("admin:articles_article_change", args=[story.pk]) if story else ADD
    return client.post(address, sent)


def saved(client, sent, story=None):
    response = save(client, sent, story)
    assert response.status_code == 302, response.context["errors"]
    return Article.objects.latest("pk") if story is None else Article.objects.get(pk=story.pk)


def errors(response):
    assert response.status_code == 200
    return " ".join(str(error) for error in response.context["errors"])


def text_of(story):
    return "\n".join(block.html for block in Body.of(story.pk))


def test_a_new_story_is_saved_through_publishing_with_its_text_and_a_revision(editor, fields):
    story = saved(editor, fields(html="<p>One.</p><p>Two <b>bold</b>.</p>", reason="First words"))
    assert text_of(story) == "<p>One.</p>\n<p>Two bold.</p>"
    assert (story.slug, story.status, story.excerpt, story.words) == ("snow-closes-the-pass", "draft", "One.", 3)
    revision = Revision.of(story.pk).get()
    assert (revision.number, revision.reason, revision.author.email) == (1, "First words", "editor@example.com")


def test_the_text_is_cleaned_of_what_no_story_may_hold(editor, fields):
    story = saved(editor, fields(html='<p onclick="x()">Hi<script>alert(1)</script></p><div class="x">There</div>'))
    assert text_of(story) == "<p>Hi</p>\n<p>There</p>"


def test_saving_an_untouched_form_makes_no_revision_and_changes_nothing(editor, fields, story, form_of, picture):
    html = '<h2>Why</h2><p>One <em>word</em>.</p><p>Two.</p><hr data-mark="ad"><p>Three.</p>'
    live = story(
        html=html, tags=["Dzor", "River Kar"], hashtags=["RiverKar"], authors=["Nino", "Davit"], image=picture,
        corrections=[(datetime(2026, 1, 2, tzinfo=UTC), "It was Tuesday.")], standfirst="Standfirst.",
    )  # fmt: skip
    before = text_of(live), list(_tags(live)), list(_authors(live)), Article.objects.filter(pk=live.pk).values().get()
    after_save = saved(editor, form_of(editor, live), live)
    after = text_of(live), list(_tags(live)), list(_authors(live)), Article.objects.filter(pk=live.pk).values().get()
    after[3]["version"] -= 1
    assert after == before
    assert Revision.of(after_save.pk).count() == 1
    assert Correction.objects.get(article=live).text == "It was Tuesday."


def test_a_changed_text_makes_a_revision_with_who_and_why(editor, story, form_of):
    live = story(html="<p>Old.</p>")
    saved(editor, form_of(editor, live) | {"html": "<p>New.</p>", "reason": "A slip"}, live)
    assert text_of(live) == "<p>New.</p>"
    newest = Revision.of(live.pk).first()
    assert (newest.number, newest.html, newest.reason) == (2, "<p>New.</p>", "A slip")
    assert newest.author.email == "editor@example.com"


def test_line_ends_as_browsers_send_them_are_no_change(editor, story, form_of):
    live = story(html="<p>One.</p><p>Two.</p>")
    sent = form_of(editor, live)
    saved(editor, sent | {"html": sent["html"].replace("\n", "\r\n")}, live)
    assert Revision.of(live.pk).count() == 1


def _tags(story):
    rows = ArticleTag.objects.filter(content_object=story)
    return rows.order_by("position").values_list("tag__name", "listed", "hashtag")


def _authors(story):
    return Byline.objects.filter(article=story).values_list("author__name", flat=True)


def test_tags_and_hashtags_keep_their_order_and_are_one_tag_in_two_writings(editor, fields):
    story = saved(editor, fields(tag_names="Water,  Upper Dzor, Dams", hashtag_names="#UpperDzor #flood"))
    assert list(_tags(story)) == [
        ("Water", True, ""), ("Upper Dzor", True, "UpperDzor"), ("Dams", True, ""), ("flood", False, "flood"),
    ]  # fmt: skip


def test_tags_that_are_taken_out_go(editor, story, form_of):
    live = story(tags=["Water", "Dams"], hashtags=["Dams"])
    saved(editor, form_of(editor, live) | {"tag_names": "Dams", "hashtag_names": ""}, live)
    assert list(_tags(live)) == [("Dams", True, "")]


def test_a_tag_that_is_too_long_is_refused_with_its_name(editor, fields):
    assert "letters long" in errors(save(editor, fields(tag_names="x" * 101)))


def test_authors_stand_in_the_order_of_their_places(editor, fields):
    nino, davit, leyla = (Author.objects.create(name=name, slug=name.lower()) for name in ("Nino", "Davit", "Leyla"))
    lines = [
        {"author": nino.pk, "position": 2},
        {"author": davit.pk, "position": ""},
        {"author": leyla.pk, "position": 1},
    ]
    story = saved(editor, fields(bylines=lines))
    assert list(_authors(story)) == ["Leyla", "Nino", "Davit"]


def test_two_authors_can_change_places(editor, story, form_of):
    live = story(authors=["Nino", "Davit"])
    sent = form_of(editor, live)
    swapped = {"bylines-0-author": sent["bylines-1-author"], "bylines-1-author": sent["bylines-0-author"]}
    saved(editor, sent | swapped, live)
    assert list(_authors(live)) == ["Davit", "Nino"]


def test_an_author_is_taken_off(editor, story, form_of):
    live = story(authors=["Nino", "Davit"])
    saved(editor, form_of(editor, live) | {"bylines-0-DELETE": "on"}, live)
    assert list(_authors(live)) == ["Davit"]


def test_related_stories_are_linked_and_unlinked_in_both_directions(editor, story, form_of):
    live, other = story(), story(headline="The other one")
    sent = form_of(editor, live)
    saved(editor, sent | {"relations-TOTAL_FORMS": 1, "relations-0-other": other.pk}, live)
    assert set(Related.objects.values_list("article", "other")) == {(live.pk, other.pk), (other.pk, live.pk)}
    saved(editor, form_of(editor, live) | {"relations-0-DELETE": "on"}, live)
    assert not Related.objects.exists()


def _related(story):
    return list(Related.objects.filter(article=story).values_list("other__headline", flat=True))


def test_related_stories_stand_in_the_order_of_their_lines(editor, story, fields, form_of):
    others = [story(headline=headline).pk for headline in ("C", "A", "D", "B")]
    new = saved(editor, fields(relations=[{"other": pk} for pk in reversed(others)]))
    assert _related(new) == ["B", "D", "A", "C"]
    swapped = {"relations-0-other": others[0], "relations-3-other": others[3]}
    saved(editor, form_of(editor, new) | swapped, new)
    assert _related(new) == ["C", "D", "A", "B"]


def test_a_story_is_not_related_to_itself(editor, story, form_of):
    live = story()
    sent = form_of(editor, live) | {"relations-TOTAL_FORMS": 1, "relations-0-other": live.pk}
    assert "not related to itself" in errors(save(editor, sent, live))


def test_a_correction_is_added_and_the_others_stay(editor, story, form_of):
    live = story(corrections=[(datetime(2026, 1, 2, tzinfo=UTC), "It was Tuesday.")])
    added = {
        "corrections-TOTAL_FORMS": 2, "corrections-1-text": "It was twelve.",
        "corrections-1-published_at_0": "2026-02-03", "corrections-1-published_at_1": "10:00:00",
    }  # fmt: skip
    saved(editor, form_of(editor, live) | added, live)
    assert [correction.text for correction in Correction.objects.filter(article=live)] == [
        "It was twelve.", "It was Tuesday.",
    ]  # fmt: skip


def test_publishing_without_a_date_takes_now(editor, fields, now):
    story = saved(editor, fields(status="published"))
    assert story.status == "published"
    assert abs((story.published_at - now).total_seconds()) < 60


def test_a_withdrawn_story_keeps_what_was_changed_with_it(editor, story, form_of):
    live = story(html="<p>Old.</p>")
    gone = saved(editor, form_of(editor, live) | {"status": "withdrawn", "html": "<p>New.</p>"}, live)
    assert (gone.status, text_of(gone)) == ("withdrawn", "<p>New.</p>")


def test_a_section_of_another_language_is_refused(editor, fields):
    from articles.models import Section

    section = Section.objects.create(name="Новости", slug="новости", language="ru")
    assert "another language" in errors(save(editor, fields(section=section.pk)))


def test_a_text_with_an_unknown_image_is_refused(editor, fields):
    assert "no image 99" in errors(save(editor, fields(html='<p>One.</p><figure data-image="99"></figure>')))


def test_an_embed_of_an_unknown_provider_is_refused_by_name(editor, fields):
    response = save(editor, fields(html='<p>One.</p><figure data-embed="https://evil.example/x"></figure>'))
    assert "https://evil.example/x cannot be embedded" in errors(response)


def test_a_lead_image_is_given_by_its_number(editor, fields, picture):
    assert saved(editor, fields(image=picture.pk)).image == picture
    assert "no such image" in errors(save(editor, fields(image="4711")))


def test_a_story_that_someone_else_saved_meanwhile_is_not_overwritten(editor, story, form_of):
    live = story(html="<p>Old.</p>")
    sent = form_of(editor, live)
    saved(editor, sent | {"html": "<p>Theirs.</p>"}, live)
    assert "Someone else saved" in errors(save(editor, sent | {"html": "<p>Mine.</p>"}, live))
    assert text_of(live) == "<p>Theirs.</p>"


def test_a_save_that_comes_between_reading_and_writing_is_not_overwritten(editor, story, form_of, monkeypatch):
    live = story(html="<p>Old.</p>")
    sent = form_of(editor, live) | {"html": "<p>Mine.</p>"}
    read_before = [Article.objects.get(pk=live.pk)]
    publishing.save([publishing.Draft(live, "<p>Theirs.</p>")])
    read = StoryAdmin.get_object
    monkeypatch.setattr(
        StoryAdmin, "get_object", lambda *given: read_before.pop() if read_before else read(*given)
    )  # fmt: skip
    response = save(editor, sent, live)
    assert "Someone else saved" in errors(response)
    assert response.context["adminform"].form["html"].value() == "<p>Mine.</p>"
    assert text_of(live) == "<p>Theirs.</p>"


def test_nothing_is_saved_when_a_part_is_wrong(editor, story, form_of):
    live = story(html="<p>Old.</p>")
    sent = form_of(editor, live) | {"html": "<p>New.</p>", "relations-TOTAL_FORMS": 1, "relations-0-other": "4711"}
    assert save(editor, sent, live).status_code == 200
    assert text_of(live) == "<p>Old.</p>"
