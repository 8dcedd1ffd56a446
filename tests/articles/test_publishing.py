"""Saving, publishing and withdrawing: one transaction, all public fields kept right."""

from datetime import UTC, datetime

import pytest
from django.db import DatabaseError

from articles import body, publishing
from articles.models import Article, ArticleTag, Body, Related, Revision, Section
from articles.publishing import Draft
from articles.tags.models import Tag

pytestmark = pytest.mark.django_db


def test_it_works(nino):
    draft = Draft(
        Article(headline="Mill road to reopen"), "<p>One two.</p><p>Three.</p><p>Four<script>x</script></p>",
        section="Roads", tags=["Upper Dzor", "Roads"], hashtags=["UpperDzor"], authors=["Tamta L.", "G. Hale"],
    )  # fmt: skip
    (article,) = publishing.publish([draft], by=nino)
    article = Article.objects.get(pk=article.pk)
    assert (article.slug, article.status, article.section.name) == ("mill-road-to-reopen", "published", "Roads")
    assert (article.words, article.paragraphs_after, article.excerpt) == (4, 1, "One two. Three.")
    assert article.preview == "<p>One two.</p>\n<p>Three.</p>"
    assert [author.name for author in article.authors.order_by("bylines__position")] == ["Tamta L.", "G. Hale"]
    assert body.html(Body.of(article.pk)).endswith("<p>Four</p>")
    assert Revision.of(article.pk).get().author == nino


def test_a_hashtag_is_another_writing_of_a_tag():
    draft = Draft(Article(headline="x"), "<p>x</p>", tags=["Upper Dzor"], hashtags=["upperdzor", "Roads"])
    (article,) = publishing.publish([draft])
    links = ArticleTag.objects.filter(content_object=article).values_list("tag__name", "listed", "hashtag")
    assert list(links) == [("Upper Dzor", True, "upperdzor"), ("Roads", False, "Roads")]
    assert Tag.objects.count() == 2


def test_tags_of_other_writings_are_the_same_tag_and_symbols_tell_tags_apart():
    publishing.publish([Draft(Article(headline="x"), "<p>x</p>", tags=["Azerbaijan-Iran relations", "C++"])])
    publishing.publish([Draft(Article(headline="y"), "<p>x</p>", tags=["azerbaijan–iran Relations", "C"])])
    assert sorted(Tag.objects.values_list("name", flat=True)) == ["Azerbaijan-Iran relations", "C", "C++"]
    assert Tag.objects.values("slug").distinct().count() == 3


def test_the_excerpt_of_a_gated_story_is_of_its_free_part():
    draft = Draft(Article(headline="x", audience=2), "<p>free</p><hr data-mark='wall'><p>gated</p><p>gated</p>")
    (article,) = publishing.publish([draft])
    assert (article.excerpt, article.preview, article.paragraphs_after) == ("free", "<p>free</p>", 2)


def test_an_excerpt_ends_with_a_whole_word():
    (article,) = publishing.publish([Draft(Article(headline="x"), f"<p>{'river ' * 60}</p><p>b</p>")])
    assert article.excerpt.endswith(" river …")
    assert len(article.excerpt) <= 242


def test_headlines_alike_get_addresses_of_their_own():
    stories = publishing.publish([Draft(Article(headline="Same"), "<p>x</p>") for _ in range(3)])
    stories += publishing.publish([Draft(Article(headline="Same"), "<p>x</p>")])
    assert [article.slug for article in stories] == ["same", "same-2", "same-3", "same-4"]


@pytest.mark.parametrize(
    ("headline", "slug"),
    [("მთის გზა", "მთის-გზა"), ("«»", "story"), ("Ճանապարհ 1", "ճանապարհ-1"), ("w" * 300, "w" * 100)],
)
def test_addresses_keep_the_letters_of_every_script(headline, slug):
    assert publishing.publish([Draft(Article(headline=headline), "<p>x</p>")])[0].slug == slug


def test_a_headline_without_letters_is_addressed_by_the_external_id():
    drafts = [Draft(Article(headline="…"), "<p>x</p>", external_id="vc-014")]
    assert publishing.publish(drafts)[0].slug == "vc-014"


def test_a_text_that_did_not_change_makes_no_revision(story):
    article = story()
    publishing.save([Draft(article)])
    publishing.save([Draft(article, body.html(Body.of(article.pk)))])
    assert Revision.of(article.pk).count() == 1


def test_a_change_makes_a_revision_that_says_who_and_why(story, nino):
    article = story()
    publishing.save([Draft(article, "<p>new</p>")], by=nino, reason="A typo")
    newest, oldest = Revision.of(article.pk)
    assert (newest.number, newest.html, newest.reason, newest.author) == (2, "<p>new</p>", "A typo", nino)
    assert oldest.html != newest.html


def test_saving_without_a_text_keeps_the_text(story):
    article = story()
    before = Body.of(article.pk)
    article.headline = "Another"
    publishing.save([Draft(article)])
    assert Body.of(article.pk) == before
    assert Article.objects.get(pk=article.pk).words == article.words > 0


def test_what_is_none_stays_and_what_is_empty_goes(story):
    article = story(tags=["A", "B"], authors=["Tamta"])
    publishing.save([Draft(article)])
    assert article.tagged.count() == 2
    publishing.save([Draft(article, tags=[], authors=[])])
    assert article.tagged.count() == article.bylines.count() == 0


def test_all_or_nothing(story):
    article = story()
    with pytest.raises(DatabaseError):
        publishing.publish(
            [Draft(Article(headline="good"), "<p>x</p>"), Draft(Article(slug=article.slug, headline="bad"), "")]
        )
    assert Article.objects.count() == 1


def test_links_go_both_ways_and_are_made_once(story):
    a, b, c = story("a"), story("b"), story("c")
    publishing.relate([(a.pk, b.pk), (a.pk, c.pk)])
    publishing.relate([(b.pk, a.pk)])
    assert Related.objects.count() == 4
    assert list(a.relations.values_list("other", "position")) == [(b.pk, 0), (c.pk, 1)]


def test_a_withdrawn_story_keeps_its_text(story):
    article = story()
    publishing.withdraw([article])
    assert Article.objects.get().status == "withdrawn"
    assert Body.of(article.pk)


def test_a_date_is_kept_and_a_missing_one_is_now(story):
    moment = datetime(2026, 1, 2, tzinfo=UTC)
    assert story(published_at=moment).published_at == moment
    (article,) = publishing.publish([Draft(Article(headline="x"), "<p>x</p>")], at=moment)
    assert article.published_at == moment


def test_sections_are_made_once_in_each_language():
    for language in ("en", "ru", "en"):
        publishing.publish([Draft(Article(headline="x", language=language), "<p>x</p>", section="Culture")])
    assert Section.objects.count() == 2


def test_many_stories_cost_as_few_queries_as_some(django_assert_max_num_queries):
    drafts = [Draft(Article(headline=f"Story {n}"), "<p>x</p>", tags=["A"], authors=["T"]) for n in range(300)]
    with django_assert_max_num_queries(55):
        stories = publishing.publish(drafts)
    with django_assert_max_num_queries(55):
        publishing.withdraw(stories)
    with django_assert_max_num_queries(20):
        publishing.relate((stories[0].pk, other.pk) for other in stories)


def test_what_somebody_else_saved_meanwhile_is_not_undone(story):
    mine = story()
    theirs = Article.objects.get(pk=mine.pk)
    publishing.save([Draft(theirs, "<p>theirs</p>")])
    with pytest.raises(publishing.Stale, match="somebody else"):
        publishing.save([Draft(mine, "<p>mine</p>")])
    assert body.html(Body.of(mine.pk)) == "<p>theirs</p>"
    publishing.save([Draft(Article.objects.get(pk=mine.pk), "<p>mine</p>")])
    publishing.save(
        [
            Draft(theirs := Article.objects.get(pk=mine.pk)),
        ]
    )
    publishing.save([Draft(theirs)])


def test_numbered_addresses_that_are_held_are_passed_over():
    publishing.publish([Draft(Article(headline="Qq", slug="qq-2"), "<p>x</p>")])
    stories = publishing.publish([Draft(Article(headline="Qq"), "<p>x</p>") for _ in range(2)])
    assert [article.slug for article in stories] == ["qq", "qq-3"]


def test_links_go_as_they_came_however_many(story):
    pairs = [(a, b) for a in range(1, 40) for b in range(40, 80)]
    publishing.publish([Draft(Article(headline=f"Story {n}"), "<p>x</p>") for n in range(80)])
    first = Article.objects.order_by("pk").first().pk
    pairs = [(a + first, b + first) for a, b in pairs]
    publishing.relate(pairs)
    assert Related.objects.count() == 2 * len(pairs)
    publishing.unrelate(pairs)
    assert not Related.objects.exists()


@pytest.mark.parametrize("letter", ["w", "\ufdfa", "ﬃ"])
def test_a_tag_may_be_as_long_as_it_likes(letter):
    publishing.publish([Draft(Article(headline="x"), "<p>x</p>", tags=[letter * 150], hashtags=[letter * 150])])
    tag = Tag.objects.get()
    assert len(tag.key) <= 100
    assert len(tag.name) <= 100
