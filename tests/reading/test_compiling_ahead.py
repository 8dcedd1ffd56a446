"""What a publication changed is compiled by the worker, before anybody asks for it."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import transaction
from django.http import Http404
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from articles import publishing
from articles.models import Article
from articles.publishing import Draft
from articles.reading import recipes, shared, store, tasks
from articles.reading.recipes import Recipe
from members.access import Audience
from members.reader import Reader
from newsroom.ground import stamps
from tests.conftest import FREE_WORD, GATED_WORD

pytestmark = pytest.mark.django_db(transaction=True)

LISTS = ["/", "/sections/water/", "/tags/dam/", "/tags/river/", "/authors/tamta/"]
FEEDS = ["/feed/", "/sections/water/feed/", "/tags/dam/feed/", "/tags/river/feed/", "/authors/tamta/feed/"]


@pytest.fixture(autouse=True)
def _patient(monkeypatch):
    # A shared level that is slow on a busy machine is not to be taken for one that is away.
    monkeypatch.setattr(shared, "PATIENCE", 10)
    monkeypatch.setattr(store.default, "level", shared.of_settings())


@pytest.fixture
def compiled(monkeypatch):
    """The paths that were compiled, in their order, whoever did it."""
    paths, usual = [], Recipe.compile

    def compile(self, basis, reader):
        paths.append(self.path)
        return usual(self, basis, reader)

    monkeypatch.setattr(Recipe, "compile", compile)
    return paths


@pytest.fixture
def dam(story):
    return story("The dam opens", section="Water", tags=["Dam", "River"], authors=["Tamta"])


def work():
    call_command("worker", batch=True, verbosity=0)


def another_process():
    return store.Store(stamps.Follower(), shared.of_settings(), 1024 * 1024)


def queued():
    """The ids of stories of each task that waits."""
    return [task.args_kwargs["args"][0] for task in DBTaskResult.objects.all()]


def read(pages, path, reader=None):
    entry = pages.fetch(recipes.of_address(path), reader or Reader.stranger())
    return b"".join(chunk for chunk in entry.chunks if isinstance(chunk, bytes)).decode()


def member():
    return Reader(Audience.MEMBERS, timezone.now())


# What is queued


def test_a_publication_queues_one_task_for_all_its_stories(dam, story):
    assert queued() == [[dam.pk]]
    moment = timezone.now()
    drafts = [
        Draft(Article(headline=f"Story {n}", published_at=moment - timedelta(hours=n)), "<p>x</p>") for n in range(3)
    ]
    made = publishing.publish(drafts)
    assert queued() == [[dam.pk], [article.pk for article in made]]


def test_the_task_is_queued_with_the_publication_or_not_at_all(story):
    def publish_and_fail():
        with transaction.atomic():
            story()
            assert len(queued()) == 1
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        publish_and_fail()
    assert (queued(), Article.objects.count()) == ([], 0)


def test_an_edit_of_a_published_story_queues_it_again(dam):
    work()
    publishing.save([Draft(Article.objects.get(pk=dam.pk), "<p>Another text.</p>")])
    assert queued() == [[dam.pk]]


@pytest.mark.parametrize("status", [Article.Status.DRAFT, Article.Status.WITHDRAWN])
def test_what_nobody_can_read_is_not_queued(status):
    publishing.save([Draft(Article(headline="A draft", status=status), "<p>x</p>")])
    assert queued() == []


def test_a_withdrawal_queues_nothing(dam):
    work()
    publishing.withdraw([Article.objects.get(pk=dam.pk)])
    assert queued() == []


def test_of_an_archive_of_hundreds_the_newest_are_queued():
    moment = timezone.now()
    drafts = [
        # Neither in the order of time nor against it.
        Draft(Article(headline=f"Story {n}", published_at=moment - timedelta(days=(7 * n) % 201)), "<p>x</p>")
        for n in range(201)
    ]
    made = publishing.publish(drafts)
    newest = sorted(made, key=lambda article: article.published_at, reverse=True)
    (ids,) = queued()
    assert ids == [article.pk for article in newest[: tasks.STORIES_MAX]]


# What the worker compiles


def test_the_worker_compiles_what_readers_will_ask_for_so_that_no_process_has_to(dam, compiled):
    work()
    pages = [dam.get_absolute_url(), *LISTS, *FEEDS]
    assert sorted(compiled) == sorted(pages), "each once"
    serving = another_process()
    for path in pages:
        assert "The dam opens" in read(serving, path)
    assert GATED_WORD in read(serving, dam.get_absolute_url()), "it is open to everyone"
    assert len(compiled) == len(pages)


@pytest.mark.parametrize(
    "terms",
    [
        {"audience": Audience.REGISTERED},
        {"audience": Audience.MEMBERS},
        {"audience": Audience.EVERYONE, "early_access_until": timezone.now() + timedelta(days=30)},
    ],
    ids=["registered", "members", "members first"],
)
def test_of_a_gated_story_the_worker_compiles_what_strangers_and_what_members_get(story, compiled, terms):
    path = story("The vault", **terms).get_absolute_url()
    work()
    assert compiled.count(path) == 2
    serving = another_process()
    page = read(serving, path)
    assert FREE_WORD in page
    assert GATED_WORD not in page
    assert GATED_WORD in read(serving, path, member())
    assert compiled.count(path) == 2


def test_the_worker_compiles_each_list_once_for_all_stories_of_a_publication(compiled):
    drafts = [
        Draft(Article(headline=f"Story {n}"), "<p>x</p>", section="Water", tags=["Dam", "River"], authors=["Tamta"])
        for n in range(3)
    ]
    made = publishing.publish(drafts)
    work()
    assert sorted(compiled) == sorted([*(article.get_absolute_url() for article in made), *LISTS, *FEEDS])


def test_a_story_of_another_language_is_compiled_with_the_lists_of_that_language(story, compiled):
    found = story("Плотина", section="Вода", language="ru")
    section = found.section.get_absolute_url()
    work()
    assert sorted(compiled) == sorted([found.get_absolute_url(), "/ru/", "/ru/feed/", section, f"{section}feed/"])


def test_what_is_compiled_already_stays(dam, compiled):
    work()
    before = len(compiled)
    tasks.compile_ahead.enqueue([dam.pk])
    work()
    assert len(compiled) == before


def test_after_an_edit_the_worker_compiles_it_anew(dam, compiled):
    work()
    before = len(compiled)
    changed = Article.objects.get(pk=dam.pk)
    changed.headline = "The dam closes"
    publishing.save([Draft(changed)])
    work()
    assert len(compiled) == 2 * before
    serving = another_process()
    for path in [dam.get_absolute_url(), *LISTS, *FEEDS]:
        page = read(serving, path)
        assert "The dam closes" in page
        assert "The dam opens" not in page
    assert len(compiled) == 2 * before


def test_before_its_time_nobody_compiles_a_story(story, compiled):
    story(section="Water", published_at=timezone.now() + timedelta(days=1))
    work()
    assert (compiled, DBTaskResult.objects.count()) == ([], 0)


# What became of a story before the worker came to it


def became(article, fate):
    found = Article.objects.get(pk=article.pk)
    if fate == "withdrawn":
        publishing.withdraw([found])
    elif fate == "deleted":
        found.delete()
    elif fate == "scheduled":
        found.published_at = timezone.now() + timedelta(days=1)
        publishing.save([Draft(found)])
    else:
        found.language = "ru"
        publishing.save([Draft(found)])


@pytest.mark.parametrize("fate", ["withdrawn", "deleted", "scheduled", "moved to another language"])
def test_a_story_that_is_gone_by_then_fails_nothing_and_no_other(dam, story, fate):
    other = story("The mill", section="Mills")
    became(dam, fate)
    work()
    assert not DBTaskResult.objects.exists(), "nothing failed, nothing waits to be tried again"
    serving = another_process()
    with pytest.raises((Http404, recipes.Elsewhere)):
        read(serving, dam.get_absolute_url())
    for path in (other.get_absolute_url(), "/", "/sections/mills/"):
        page = read(serving, path)
        assert "The mill" in page
        assert "The dam opens" not in page


@pytest.mark.parametrize("fate", ["withdrawn", "deleted", "moved to another language"])
def test_a_story_that_goes_while_the_worker_is_at_it_fails_nothing(dam, monkeypatch, fate):
    usual, fates = recipes.article, [fate]

    def gone_first(slug, language):
        if fates:
            became(dam, fates.pop())
        return usual(slug, language)

    monkeypatch.setattr(recipes, "article", gone_first)
    work()
    assert not fates
    assert not DBTaskResult.objects.exists()


def test_what_cannot_be_compiled_now_is_tried_again_later(dam, monkeypatch):
    def broken(slug, language):
        recipe = usual(slug, language)
        return replace(recipe, make=lambda basis, reader: 1 / 0)

    usual = recipes.article
    with monkeypatch.context() as trouble:
        trouble.setattr(recipes, "article", broken)
        work()
    assert queued() == [[dam.pk]]
