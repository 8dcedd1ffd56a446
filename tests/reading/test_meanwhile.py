"""What is changed while a page is being made or filled: nobody is shown half of it, an old part of it, or an error."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from articles import publishing
from articles.models import Article, Related
from articles.reading import inserts, store
from articles.reading.parts import cards, lists, rows
from members.prompts import models as prompts
from tests.ads.bookings import book

pytestmark = pytest.mark.django_db


def once(act):
    """act(), the first time that this is called."""
    done = []

    def then():
        if not done:
            done.append(True)
            act()

    return then


def corrected(article):
    article = Article.objects.get(pk=article.pk)
    article.headline = "The dam holds"
    publishing.save([publishing.Draft(article)])


def test_a_card_of_a_row_that_was_read_before_a_correction_is_not_kept_as_of_after_it(
    story, stranger, serving, monkeypatch
):
    article, usual = story("The dam breaks", section="Water"), lists.drawn
    between = once(lambda: (corrected(article), serving()))

    def drawn(pk, fetch, style, basis):
        between()
        return usual(pk, fetch, style, basis)

    serving()
    monkeypatch.setattr(lists, "drawn", drawn)
    assert "The dam holds" in stranger.get("/sections/water/").content.decode()
    store.default.memory.clear()
    assert "The dam holds" in stranger.get("/sections/water/").content.decode()


def test_a_related_story_that_is_deleted_while_the_page_is_made_is_no_error(story, stranger, serving, monkeypatch):
    article, other = story("The mill"), story("The ferry")
    publishing.relate([(article.pk, other.pk)])
    usual = cards.card
    gone = once(lambda: (publishing.withdraw([Article.objects.get(pk=other.pk)]), other.delete()))

    def by_id(pk):
        gone()
        return rows._WITH_PARTS.filter(pk=pk)

    serving()
    monkeypatch.setattr(rows, "by_id", by_id)
    response = stranger.get(article.get_absolute_url())
    assert response.status_code == 200
    assert "The ferry" not in response.content.decode()
    assert usual is cards.card
    assert not Related.objects.exists()


def test_an_error_that_no_change_explains_is_told(story, stranger, serving, monkeypatch):
    article = story()
    serving()

    def broken(*args):
        raise ZeroDivisionError

    monkeypatch.setattr(rows, "tags", broken)
    with pytest.raises(ZeroDivisionError):
        stranger.get(article.get_absolute_url())


@pytest.mark.parametrize("change", ["added", "deleted"])
def test_pages_are_filled_while_inserts_are_drawn_anew(story, stranger, serving, monkeypatch, change):
    article = story(html=f"<p>{'words ' * 60}</p>" * 8)
    ad = book("Apples")
    prompt = prompts.Campaign.objects.record(heading="Join us")
    serving()
    stranger.get(article.get_absolute_url())
    usual, seen = inserts.piece, []

    def piece(*args, **kwargs):
        # Another thread asks just now.
        seen.append(stranger.get(article.get_absolute_url()).status_code)
        return usual(*args, **kwargs)

    if change == "added":
        book("Pears")
        prompts.Campaign.objects.record(heading="Come along")
    else:
        ad.delete()
        prompt.delete()
    monkeypatch.setattr(inserts, "piece", piece)
    serving()
    assert set(seen) == {200}
    assert stranger.get(article.get_absolute_url()).status_code == 200


def test_no_page_counts_rows_or_skips_some(story, stranger, serving):
    """Either would cost a large archive a walk through it."""
    for n in range(45):
        story(
            f"Story {n}",
            section="Water",
            tags=["Dam"],
            authors=["Tamta"],
            published_at=datetime.now(UTC) - n * timedelta(hours=1),
        )
    after = lists.keys.key_of(Article.objects.order_by("-published_at")[30])
    serving()
    pages = ["/", "/sections/water/", "/tags/dam/", "/authors/tamta/", "/feed/", "/sitemap.xml", "/nothing/"]
    pages += [f"{path}?after={after}" for path in pages[:4]] + [Article.objects.first().get_absolute_url()]
    for path in pages:
        with CaptureQueriesContext(connection) as asked:
            stranger.get(path)
        assert asked.captured_queries, f"{path} was not cold"
        for query in asked.captured_queries:
            assert "COUNT(" not in query["sql"].upper(), path
            assert "OFFSET" not in query["sql"].upper(), path
