"""How an advertisement is drawn: labelled, with its place kept, and with a name by which it is counted."""

import io
import re

import pytest
from django.template.loader import render_to_string
from django.utils import translation
from PIL import Image as Picture

from articles.ads.choose import house
from articles.ads.drawn import shown
from articles.models import Image
from tests.ads.bookings import book

pytestmark = pytest.mark.django_db


def drawn(creative, seen="inline1", kind="inline"):
    return render_to_string("reading/_ad.html", {"ad": shown(creative, seen, kind)})


def picture():
    made = io.BytesIO()
    Picture.new("RGB", (600, 500), "teal").save(made, "PNG")
    made.seek(0)
    image = Image.objects.store(made)
    return book("Rolls", kind="image", image=image, alt='Rolls & "bread"', width=300, height=250)


def test_it_says_what_it_is_where_it_stands_and_by_which_name_it_is_counted():
    bread = book("Bread", url="https://example.com/")
    html = drawn(bread)
    assert html.startswith(f'<aside class="ad" data-insert="ad" data-seen="ad:{bread.pk}:inline1">')
    assert '<p class="label">Advertisement</p>' in html
    assert f'href="/go/{bread.pk}/?at=inline1" rel="sponsored nofollow noopener"' in html
    assert "example.com" not in html
    assert "aria-label" not in html


def test_who_sponsors_is_named_in_the_language_of_the_page():
    bread = book("Bread", sponsored_by="The <mill>")
    assert '<p class="label">Sponsored by The &lt;mill&gt;</p>' in drawn(bread)
    with translation.override("ru"):
        assert '<p class="label">Реклама</p>' in drawn(book("Хлеб"))


def test_a_picture_has_its_size_from_the_first_and_is_fetched_when_it_comes_near():
    html = drawn(picture())
    for words in ('width="300" height="250"', 'alt="Rolls &amp; &quot;bread&quot;"', 'loading="lazy" decoding="async"'):
        assert words in html, words
    assert re.search(r'srcset="[^"]+ 480w, [^"]+ 600w" sizes="300px"', html)


def test_on_top_of_a_page_it_is_fetched_at_once():
    assert "lazy" not in drawn(picture(), "top", "top")
    assert "lazy" not in drawn(book(kind="html", width=320, height=50), "top", "top")


@pytest.mark.parametrize(("kind", "is_kept"), [("inline", True), ("end", True), ("top", False), ("row", False)])
def test_within_and_after_stories_its_place_keeps_one_height(kind, is_kept):
    for creative in (book("Words"), picture(), book(kind="html", width=300, height=250)):
        assert ("reserved" in drawn(creative, kind=kind)) == is_kept


def test_the_papers_own_word_leads_to_its_own_page_and_is_counted_as_the_house():
    html = drawn(house())
    assert 'data-seen="ad:house:inline1"' in html
    assert 'href="/join/"' in html
    assert "/go/" not in html
