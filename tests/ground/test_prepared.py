"""Queries whose SQL is made once give what Django's own give, in every thread."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.db.models import Exists, F, OuterRef, Q

from articles.models import Article, ArticleTag
from members.models import Grant, User
from newsroom.ground.prepared import Prepared

pytestmark = pytest.mark.django_db


def stories_since(slug, moment):
    return Article.objects.filter(Q(slug=slug) | Q(headline=slug), published_at__gte=moment).select_related("section")


@pytest.fixture
def stories(story):
    return [story(f"Story {n}", section="Water", tags=["a", "b"]) for n in range(3)]


def test_rows_their_relations_and_their_types_are_those_of_the_query_itself(stories, django_assert_num_queries):
    prepared = Prepared(stories_since, str, datetime)
    moment = datetime.now(UTC) - timedelta(days=1)
    for article in stories:
        with django_assert_num_queries(1):
            found = list(prepared(article.slug, moment))
            assert found[0].section.name == "Water"
        assert found == list(stories_since(article.slug, moment)) == [article]
        assert vars(found[0]).keys() == vars(stories_since(article.slug, moment)[0]).keys()
        assert found[0].published_at == article.published_at
    assert list(prepared("nothing", moment)) == []
    assert list(prepared(stories[0].slug, datetime.now(UTC))) == []


def test_tuples_slices_and_annotations(stories, aram, leyla):
    pairs = Prepared(
        lambda pk: ArticleTag.objects.filter(content_object=pk).values_list("tag__name", "listed")[:1], int
    )
    assert list(pairs(stories[1].pk)) == [("a", True)]
    flat = Prepared(lambda pk: ArticleTag.objects.filter(content_object=pk).values_list("tag__name", flat=True), int)
    assert list(flat(stories[2].pk)) == ["a", "b"]
    member = Exists(Grant.objects.filter(user=OuterRef("pk")))
    users = Prepared(lambda pk: User.objects.filter(pk=pk).annotate(member=member), int)
    assert [users(user.pk)[0].member for user in (aram, leyla)] == [False, True]


def test_constants_and_percent_signs_of_the_query_itself(stories):
    odd = Prepared(
        lambda pk: (
            Article.objects.filter(pk=pk, headline__contains="Story").annotate(odd=F("pk") % 2).values_list("odd")
        ),
        int,
    )
    assert [odd(article.pk) for article in stories] == [[(article.pk % 2,)] for article in stories]


def test_a_value_is_a_value_whatever_it_says(stories):
    prepared = Prepared(stories_since, str, datetime)
    moment = datetime.now(UTC) - timedelta(days=1)
    for word in (
        "' OR 1=1 --",
        "%s",
        "%%",
        "\x00" if connection.vendor == "sqlite" else "",
        "stand-in-1-7310958420113",
    ):
        assert list(prepared(word, moment)) == []


def test_an_argument_that_does_not_stand_in_the_query_is_refused_at_once():
    with pytest.raises(ValueError, match="Not every argument"):
        Prepared(lambda pk, other: Article.objects.filter(pk=pk), int, int)(1, 2)


@pytest.mark.django_db(transaction=True)
def test_each_thread_asks_over_its_own_connection(stories):
    prepared = Prepared(stories_since, str, datetime)
    moment = datetime.now(UTC) - timedelta(days=1)
    list(prepared(stories[0].slug, moment))

    def ask(number):
        try:
            return [article.pk for article in prepared(stories[number % 3].slug, moment)]
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(ask, range(24))) == [[stories[number % 3].pk] for number in range(24)]
