"""What holds for every page of the desk: the strict policy, bounded queries; and the pages of revisions and images."""

import io
import re

import pytest
from django.contrib.staticfiles import finders
from django.db import connection
from django.urls import reverse
from django.utils import translation

from articles import publishing
from articles.desk.editor import MODULES, words
from articles.models import Author, Image, Section
from articles.models import image as image_models
from articles.tags.models import Tag
from tests.ads.bookings import book

pytestmark = pytest.mark.django_db


@pytest.fixture
def pages(story, picture):
    """The address of each kind of page, with something on it."""
    live = story(
        html=f'<p>One.</p><figure data-image="{picture.pk}"></figure>', tags=["Dzor"], section="News", authors=["Nino"]
    )
    publishing.relate([(live.pk, story(headline="Another").pk)])
    rows = {
        "articles_article": live, "articles_image": picture, "articles_section": Section.objects.get(),
        "articles_author": Author.objects.get(), "tags_tag": Tag.objects.get(),
        "ads_creative": (ad := book()), "ads_campaign": ad.campaign, "ads_advertiser": ad.campaign.advertiser,
    }  # fmt: skip
    found = ["/admin/"]
    for name, row in rows.items():
        found += [reverse(f"admin:{name}_changelist"), reverse(f"admin:{name}_add")]
        found += [reverse(f"admin:{name}_{page}", args=[row.pk]) for page in ("change", "history")]
    found += [reverse("admin:articles_article_revisions", args=[live.pk])]
    found += [reverse("admin:articles_article_revision", args=[live.pk, 1])]
    return found


def policy(response):
    directives = response["Content-Security-Policy"].split(";")
    return {name: values for name, *values in (directive.split() for directive in directives)}


def test_the_policy_is_strict_on_every_page(editor, pages):
    for page in pages:
        response = editor.get(page)
        assert response.status_code == 200, page
        assert "unsafe" not in response["Content-Security-Policy"], page
        directives = policy(response)
        assert directives["style-src"] == ["'self'"], page
        assert all(value == "'self'" or value.startswith("'nonce-") for value in directives["script-src"]), page


def test_no_page_holds_an_inline_style_or_a_script_without_a_nonce(editor, pages):
    for page in pages:
        html = editor.get(page).content.decode()
        assert not re.search(r"<[^>]+\sstyle=|<style|\son\w+=", html), page
        assert not re.search(r"<script(?![^>]*\b(?:src|nonce)=)", html), page


def test_the_import_map_carries_the_nonce_of_its_response(editor, pages):
    response = editor.get(reverse("admin:articles_article_add"))
    nonce = re.search(r'<script[^>]*type="importmap"[^>]*>', response.content.decode())[0]
    held = re.search(r'nonce="([^"]+)"', nonce)[1]
    assert f"'nonce-{held}'" in policy(response)["script-src"]


def test_every_module_that_the_import_map_names_is_there():
    assert [path for path in MODULES.values() if finders.find(path) is None] == []


def test_every_page_is_kept_by_no_cache(editor, pages):
    for page in pages:
        assert "no-store" in editor.get(page)["Cache-Control"] or "no-cache" in editor.get(page)["Cache-Control"], page


def test_the_form_asks_as_much_for_many_parts_as_for_few(editor, story, django_assert_max_num_queries):
    def opened(live):
        with django_assert_max_num_queries(25) as asked:
            editor.get(reverse("admin:articles_article_change", args=[live.pk]))
        return len(asked)

    small = story(authors=["Nino"], tags=["Dzor"], section="News")
    large = story(
        headline="Large", authors=[f"Author {n}" for n in range(9)], tags=[f"Tag {n}" for n in range(9)], section="News"
    )
    publishing.relate([(small.pk, large.pk)])
    publishing.relate([(large.pk, story(headline=f"Related {n}").pk) for n in range(9)])
    for number in range(9):
        publishing.save([publishing.Draft(large, f"<p>Version {number}.</p>")])
    # The first page of a process looks up what the log of changes has told; the others need not.
    editor.get("/admin/")
    assert opened(large) == opened(small)


def test_old_texts_can_be_read_with_who_and_why(editor, story):
    live = story(html="<p>The first words.</p>")
    publishing.save([publishing.Draft(live, "<p>The second words.</p>")], reason="A slip of the pen")
    listed = editor.get(reverse("admin:articles_article_revisions", args=[live.pk])).content.decode()
    assert "A slip of the pen" in listed
    first = editor.get(reverse("admin:articles_article_revision", args=[live.pk, 1])).content.decode()
    assert "The first words." in first
    assert "The second words." not in first
    assert editor.get(reverse("admin:articles_article_revision", args=[live.pk, 9])).status_code == 404


def test_a_live_story_links_to_its_page_and_a_draft_does_not(editor, story):
    live = story()
    page = reverse("admin:articles_article_change", args=[live.pk])
    assert f'href="{live.get_absolute_url()}"' in editor.get(page).content.decode()
    publishing.withdraw([live])
    assert f'href="{live.get_absolute_url()}"' not in editor.get(page).content.decode()


def upload(client, file, **words):
    return client.post("/admin/articles/image/add/", {"file": file, "alt": "", "caption": "", "credit": "", **words})


def test_an_uploaded_picture_is_stored_with_its_words(editor, jpeg):
    assert upload(editor, jpeg(), alt="The river", credit="Nino").status_code == 302
    image = Image.objects.get()
    assert (image.width, image.height, image.alt, image.credit) == (600, 400, "The river", "Nino")


def test_the_same_picture_twice_is_one_image_and_keeps_its_words(editor, picture, jpeg):
    assert upload(editor, jpeg(), caption="In April").status_code == 302
    image = Image.objects.get()
    assert (image.alt, image.caption, image.credit) == ("The river in flood", "In April", "Nino")


@pytest.mark.django_db(transaction=True)
def test_nobody_waits_while_an_uploaded_picture_is_decoded_and_written(editor, jpeg, monkeypatch):
    held = []
    for name in ("_decode", "_put"):
        work = getattr(image_models, name)

        def watched(*given, work=work, **options):
            held.append(connection.in_atomic_block)
            return work(*given, **options)

        monkeypatch.setattr(image_models, name, watched)
    assert upload(editor, jpeg("navy")).status_code == 302
    assert Image.objects.count() == 1
    assert held
    assert not any(held)


def test_a_file_that_is_no_picture_is_refused_with_a_clear_line(editor):
    response = upload(editor, io.BytesIO(b"<svg onload=alert(1)>"))
    assert "This is no picture that we can read. Take a JPEG, PNG, WebP or GIF." in response.content.decode()
    assert not Image.objects.exists()


def test_the_words_of_an_image_are_changed_and_its_pixels_are_not(editor, picture):
    page = reverse("admin:articles_image_change", args=[picture.pk])
    assert editor.post(page, {"alt": "Flood", "caption": "", "credit": "Davit"}).status_code == 302
    image = Image.objects.get()
    assert (image.alt, image.credit, image.digest) == ("Flood", "Davit", picture.digest)


def test_the_library_finds_images_by_words_and_by_number(editor, picture, jpeg):
    other = Image.objects.store(jpeg("red"), alt="A barn")

    def found(query):
        return [image["id"] for image in editor.get("/admin/articles/image/library/", {"q": query}).json()["images"]]

    assert found("") == [other.pk, picture.pk]
    assert found("RIVER") == [picture.pk]
    assert found(str(other.pk)) == [other.pk]
    assert found("nothing like it") == []


def test_a_thumbnail_leads_to_a_rendition(editor, picture):
    response = editor.get(f"/admin/articles/image/{picture.pk}/thumbnail/")
    assert response["Location"].endswith("/480.webp")
    assert editor.get("/admin/articles/image/4711/thumbnail/").status_code == 404


def test_the_editor_speaks_the_language_of_the_desk():
    with translation.override("en"):
        english = words()
    with translation.override("ru"):
        russian = words()
    assert english["undo"] == "Undo"
    assert [name for name in english if english[name] == russian[name]] == []
    assert all("YouTube" in said["embedRefused"] for said in (english, russian))


def test_another_writing_of_a_tag_is_refused_by_name(editor):
    Tag.objects.named(["Upper Dzor"])
    response = editor.post("/admin/tags/tag/add/", {"name": "upperdzor", "slug": "", "description": ""})
    assert "another writing of the tag “Upper Dzor”" in response.content.decode()


def test_a_tag_is_renamed_in_case_and_spaces(editor):
    tag = Tag.objects.named(["upper dzor"])["upperdzor"]
    page = reverse("admin:tags_tag_change", args=[tag.pk])
    assert editor.post(page, {"name": "Upper Dzor", "slug": tag.slug, "description": ""}).status_code == 302
    assert Tag.objects.get().name == "Upper Dzor"


def test_a_tag_without_an_address_takes_one_from_its_name_and_keeps_it(editor):
    sent = {"name": "Верхний Дзор", "slug": "", "description": ""}
    assert editor.post("/admin/tags/tag/add/", sent).status_code == 302
    tag = Tag.objects.get()
    assert tag.slug == "верхний-дзор"
    assert editor.post(reverse("admin:tags_tag_change", args=[tag.pk]), sent | {"description": "A"}).status_code == 302
    assert Tag.objects.values_list("slug", "description").get() == ("верхний-дзор", "A")
    assert editor.post("/admin/tags/tag/add/", sent | {"name": "★"}).status_code == 200
