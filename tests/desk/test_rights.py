"""Who may do what at the desk, also with forged forms."""

import pytest
from django.urls import reverse

from articles import publishing
from articles.models import Article, Author, Body
from members.models import User

pytestmark = pytest.mark.django_db

ADD = "/admin/articles/article/add/"
OWN_PAGES = [
    "/admin/", "/admin/articles/article/", ADD, "/admin/articles/image/", "/admin/articles/image/add/",
    "/admin/articles/image/library/", "/admin/articles/section/", "/admin/articles/section/add/",
    "/admin/articles/author/", "/admin/articles/author/add/", "/admin/tags/tag/", "/admin/tags/tag/add/",
    "/admin/ads/ad/", "/admin/ads/ad/add/",
]  # fmt: skip
CHOOSER = "/admin/autocomplete/?app_label=articles&model_name=byline&field_name=author"


def address(story, page="change"):
    return reverse(f"admin:articles_article_{page}", args=[story.pk])


@pytest.mark.parametrize("page", [*OWN_PAGES, CHOOSER])
def test_an_editor_opens_every_page_of_the_desk(editor, page):
    assert editor.get(page).status_code == 200


def test_the_role_of_an_editor_is_enough_to_write_and_publish(as_, nino, fields):
    lines = [{"author": Author.objects.create(name="Leyla", slug="leyla").pk, "position": ""}]
    sent = fields(html="<p>Words.</p>", status="published", tag_names="Dzor", bylines=lines)
    assert as_(nino).post(ADD, sent).status_code == 302
    story = Article.objects.get()
    assert (story.status, [author.name for author in story.authors.all()]) == ("published", ["Leyla"])


@pytest.mark.parametrize("page", OWN_PAGES)
def test_readers_and_strangers_open_none(as_, aram, page):
    assert as_(aram).get(page, follow=True).status_code in (200, 403)
    assert as_(aram).get(page).status_code in (302, 403)
    assert as_(None).get(page).status_code == 302


def test_strangers_sign_in_by_the_sites_own_form(stranger):
    response = stranger.get("/admin/login/?next=/admin/")
    assert response.status_code == 302
    assert response["Location"].startswith(reverse("account_login"))


@pytest.mark.parametrize("page", ["/admin/members/user/add/", "/admin/auth/group/", "/admin/auth/group/add/"])
def test_an_editor_cannot_touch_rights(editor, page):
    assert editor.get(page).status_code in (403, 404)
    assert editor.post(page, {"email": "x@example.com", "is_superuser": "on"}).status_code in (403, 404)
    assert not User.objects.filter(is_superuser=True).exists()


def test_who_may_not_publish_is_offered_no_such_status(reporter, editor):
    def offered(client):
        return [value for value, _words in client.get(ADD).context["adminform"].form.fields["status"].choices]

    assert offered(reporter) == ["draft", "withdrawn"]
    assert "published" in offered(editor)


def test_who_may_not_publish_cannot_do_it_by_a_forged_form(reporter, fields):
    response = reporter.post(ADD, fields(status="published"))
    assert response.status_code == 200
    assert not Article.objects.exists()


def test_who_may_not_publish_writes_drafts(reporter, fields):
    assert reporter.post(ADD, fields(html="<p>Mine.</p>")).status_code == 302
    assert Article.objects.get().status == "draft"


def test_who_may_not_publish_reads_a_live_story_and_cannot_change_it(reporter, story, fields):
    live = story(html="<p>The words of the live story.</p>")
    page = reporter.get(address(live))
    assert page.status_code == 200
    assert "The words of the live story." in page.content.decode()
    assert reporter.post(address(live), fields(html="<p>Forged.</p>")).status_code == 403
    assert [block.html for block in Body.of(live.pk)] == ["<p>The words of the live story.</p>"]


@pytest.mark.parametrize("action", ["publish", "withdraw"])
def test_bulk_actions_need_the_right_to_publish(reporter, story, action):
    live, draft = story(), publishing.save([publishing.Draft(Article(headline="Draft"), "<p>Words.</p>")])[0]
    reporter.post("/admin/articles/article/", {"action": action, "_selected_action": [live.pk, draft.pk]})
    assert dict(Article.objects.values_list("pk", "status")) == {live.pk: "published", draft.pk: "draft"}


def test_a_live_story_is_not_deleted_before_it_is_withdrawn(editor, story):
    live = story()
    assert editor.post(address(live, "delete"), {"post": "yes"}).status_code == 403
    sent = {"action": "delete_selected", "_selected_action": [live.pk], "post": "yes"}
    editor.post("/admin/articles/article/", sent)
    assert Article.objects.filter(pk=live.pk).exists()
    publishing.withdraw([live])
    assert editor.post(address(live, "delete"), {"post": "yes"}).status_code == 302
    assert not Article.objects.exists()


@pytest.mark.parametrize("page", ["revisions", "change"])
def test_someone_who_works_here_without_rights_sees_no_story(as_, story, page):
    clerk = User.objects.create_user("clerk@example.com", is_staff=True)
    assert as_(clerk).get(address(story(), page)).status_code == 403


def test_the_library_is_closed_to_those_who_may_not_see_images(as_, picture):
    clerk = User.objects.create_user("clerk@example.com", is_staff=True)
    assert as_(clerk).get("/admin/articles/image/library/").status_code == 403
    assert as_(clerk).get(f"/admin/articles/image/{picture.pk}/thumbnail/").status_code == 403
