"""Who may do what at the desk, also with forged forms."""

import pytest
from django.urls import reverse

from articles import publishing
from articles.models import Article, Author, Body, Image, Related, Section
from articles.tags.models import Tag
from members.models import User
from tests.ads.bookings import book

pytestmark = pytest.mark.django_db

ADD = "/admin/articles/article/add/"
OWN_PAGES = [
    "/admin/", "/admin/articles/article/", ADD, "/admin/articles/image/", "/admin/articles/image/add/",
    "/admin/articles/image/library/", "/admin/articles/section/", "/admin/articles/section/add/",
    "/admin/articles/author/", "/admin/articles/author/add/", "/admin/tags/tag/", "/admin/tags/tag/add/",
    "/admin/ads/advertiser/", "/admin/ads/advertiser/add/", "/admin/ads/campaign/", "/admin/ads/campaign/add/",
    "/admin/ads/creative/", "/admin/ads/creative/add/",
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
    for person in (aram, None):
        response = as_(person).get(page)
        assert (response.status_code, response["Location"]) == (302, f"/admin/login/?next={page}")
    assert as_(aram).get(page, follow=True).status_code == 403


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


def linked(*stories):
    """What the lines of related stories send, all of them new."""
    sent = {f"relations-{number}-other": story.pk for number, story in enumerate(stories)}
    return sent | {"relations-TOTAL_FORMS": len(stories), "relations-INITIAL_FORMS": 0}


def links():
    return list(Related.objects.order_by("article", "position").values_list("article", "other"))


def test_the_links_of_a_reporters_draft_leave_the_live_stories_as_they_are(reporter, story, fields):
    first, second = story(headline="First"), story(headline="Second")
    publishing.relate([(first.pk, second.pk)])
    assert reporter.post(ADD, fields() | linked(second, first)).status_code == 302
    draft = Article.objects.get(status="draft")
    assert links() == [
        (first.pk, second.pk), (second.pk, first.pk), (draft.pk, second.pk), (draft.pk, first.pk),
    ]  # fmt: skip


def test_a_link_that_a_reporter_takes_away_stays_at_the_other_story(reporter, story, form_of):
    live, draft = story(), publishing.save([publishing.Draft(Article(headline="Draft"), "<p>Words.</p>")])[0]
    publishing.relate([(draft.pk, live.pk)])
    sent = form_of(reporter, draft) | {"relations-0-DELETE": "on"}
    assert reporter.post(address(draft), sent).status_code == 302
    assert links() == [(live.pk, draft.pk)]


def test_an_editor_who_publishes_a_reporters_draft_links_both_ways(reporter, editor, story, fields, form_of):
    live = story()
    for headline in ("By the form", "From the list"):
        reporter.post(ADD, fields(headline=headline, html="<p>Words.</p>") | linked(live))
    by_form, from_list = Article.objects.filter(status="draft").order_by("pk")
    assert editor.post(address(by_form), form_of(editor, by_form) | {"status": "published"}).status_code == 302
    editor.post("/admin/articles/article/", {"action": "publish", "_selected_action": [from_list.pk]})
    assert links() == [
        (live.pk, by_form.pk), (live.pk, from_list.pk), (by_form.pk, live.pk), (from_list.pk, live.pk),
    ]  # fmt: skip


def test_a_reporter_adds_tags_and_images(reporter, jpeg):
    assert reporter.post("/admin/tags/tag/add/", {"name": "Dzor", "slug": "", "description": ""}).status_code == 302
    assert Tag.objects.get().name == "Dzor"
    sent = {"file": jpeg(), "alt": "The river", "caption": "", "credit": ""}
    assert reporter.post("/admin/articles/image/add/", sent).status_code == 302
    assert Image.objects.get().alt == "The river"


def test_a_reporter_changes_nothing_that_others_stories_use(reporter, picture):
    rows = {
        "articles_image": picture, "tags_tag": Tag.objects.named(["Dzor"])["dzor"],
        "articles_author": Author.objects.create(name="Leyla", slug="leyla"),
        "articles_section": Section.objects.create(name="News", slug="news", language="en"),
        "ads_creative": (ad := book()), "ads_campaign": ad.campaign, "ads_advertiser": ad.campaign.advertiser,
    }  # fmt: skip
    forged = {"name": "Forged", "slug": "forged", "alt": "Forged", "description": "", "caption": "", "credit": ""}
    for name, row in rows.items():
        looked = reporter.get(reverse(f"admin:{name}_change", args=[row.pk])).status_code
        assert looked == (403 if name.startswith("ads_") else 200), name
        for page in ("change", "delete"):
            sent = forged | {"post": "yes"}
            assert reporter.post(reverse(f"admin:{name}_{page}", args=[row.pk]), sent).status_code == 403, (name, page)
        assert type(row).objects.filter(pk=row.pk).values().get().items() <= vars(row).items()


@pytest.mark.parametrize("alt", ["", "The river in flood"])
def test_a_picture_that_a_reporter_uploads_again_keeps_the_words_it_has(reporter, jpeg, alt):
    picture = Image.objects.store(jpeg(), alt=alt)
    sent = {"file": jpeg(), "alt": "Forged", "caption": "Forged", "credit": "Forged"}
    assert reporter.post("/admin/articles/image/add/", sent).status_code == 302
    assert list(Image.objects.values_list("pk", "alt", "caption", "credit")) == [(picture.pk, alt, "", "")]


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
