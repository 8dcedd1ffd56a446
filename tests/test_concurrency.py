"""Two at once, on PostgreSQL: what SQLite never shows, since it writes one at a time."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from articles import publishing
from articles.importing import load
from articles.importing.results import Results
from articles.models import Article, Author, Revision, Section
from articles.publishing import Draft
from articles.tags.models import Tag
from tests.importing.dumps import dump

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]

WRITERS = 6


@pytest.fixture(autouse=True)
def _on_postgresql():
    assert connection.vendor == "postgresql", "Run by: make test-postgres"


def at_once(work):
    """work(number) in as many threads, all set off together; the results, or the first error."""
    gate = Barrier(WRITERS)

    def run(number):
        gate.wait(timeout=30)
        try:
            return work(number)
        finally:
            connection.close()

    with ThreadPoolExecutor(WRITERS) as threads:
        return list(threads.map(run, range(WRITERS)))


def test_stories_of_one_headline_published_at_once_get_addresses_of_their_own():
    def publish(number):
        names = [f"Tag {(number + n) % 4}" for n in range(4)]
        draft = Draft(Article(headline="The same"), "<p>x</p>", section="News", tags=names, authors=names)
        return publishing.publish([draft])[0].slug

    assert len(set(at_once(publish))) == WRITERS
    assert (Tag.objects.count(), Author.objects.count(), Section.objects.count()) == (4, 4, 1)


def test_a_story_saved_by_many_at_once_numbers_every_revision():
    (article,) = publishing.publish([Draft(Article(headline="x"), "<p>0</p>")])

    def save(number):
        for _again in range(50):
            try:
                publishing.save([Draft(Article.objects.get(pk=article.pk), f"<p>{number + 1}</p>")])
                return
            except publishing.Stale:
                continue
        pytest.fail("The story was never to be had.")

    at_once(save)
    numbers = sorted(Revision.objects.filter(article=article).values_list("number", flat=True))
    assert numbers == list(range(1, WRITERS + 2))


def test_a_file_imported_by_many_at_once_makes_each_story_once(tmp_path):
    (tmp_path / "page.txt").write_text(dump())

    def bring(_number):
        with Results() as results:
            load.run([tmp_path], results, load.Options())

    at_once(bring)
    assert Article.objects.count() == Article.objects.values("headline").distinct().count() > 0
