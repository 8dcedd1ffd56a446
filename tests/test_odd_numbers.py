"""Wherever somebody may send the number of a row, what is no number is answered, and breaks nothing."""

import pytest
from django.urls import reverse

from articles.desk.editor import ImageWidget
from members.models import OpenHouse, User
from tests.conftest import PASSWORD
from tests.ground.test_numbers import ODD

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("odd", ODD)
def test_no_gift_is_withdrawn(as_, leyla, odd):
    assert as_(leyla).post(reverse("gifts"), {"withdraw": odd}).status_code == 302


@pytest.mark.parametrize("odd", ODD)
def test_no_open_house_is_closed(as_, settings, odd):
    owner = User.objects.create_superuser("owner@example.com", PASSWORD)
    running = OpenHouse.objects.begin("A night", owner)
    assert as_(owner).post(reverse("admin:members_openhouse_changelist"), {"close": odd}).status_code == 302
    running.refresh_from_db()
    assert running.closed_at is None


@pytest.mark.parametrize("odd", ODD)
def test_who_would_read_is_told_of_the_form_alone_or_not_at_all(as_, nino, odd):
    answer = as_(nino).post(reverse("admin:articles_article_who_reads"), {"pk": odd})
    assert answer.status_code in (200, 404)


@pytest.mark.parametrize("odd", ODD)
def test_the_library_of_images_finds_nothing(as_, nino, odd):
    assert as_(nino).get(reverse("admin:articles_image_library"), {"q": odd}).json() == {"images": []}


@pytest.mark.parametrize("odd", ODD)
def test_a_form_shows_no_picture_for_it(odd):
    assert "<img" not in ImageWidget().render("image", odd)


@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize("name", ["front", "history", "admin:articles_article_changelist"])
def test_lists_are_answered(as_, nino, name, odd):
    for parameter in ("after", "p"):
        assert as_(nino).get(reverse(name), {parameter: odd}).status_code in (200, 302, 404)
