import re
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse

from articles import publishing
from articles.models import Article, Revision
from members.prompts import models as prompts
from newsroom.ground import counters, stamps

LIST = "/admin/articles/article/"

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft(db):
    def make(headline="A draft", html="<p>Words.</p>"):
        return publishing.save([publishing.Draft(Article(headline=headline), html)])[0]

    return make


def act(client, action, *stories):
    sent = {"action": action, "_selected_action": [story.pk for story in stories]}
    return client.post(LIST, sent, follow=True)


def headlines(response):
    return [story.headline for story in response.context["cl"].result_list]


def test_stories_are_listed_newest_first_under_the_drafts(editor, story, draft, now):
    draft("Not yet")
    story(headline="Old", published_at=now - timedelta(days=2))
    story(headline="New", published_at=now - timedelta(hours=1))
    assert headlines(editor.get(LIST)) == ["Not yet", "New", "Old"]


def test_stories_are_found_by_headline_standfirst_and_source(editor, story):
    story(headline="Snow on the pass")
    story(headline="Apples", standfirst="A good year, which is the trouble")
    story(headline="Ferry", source_url="https://elsewhere.example/ferry-12")
    assert headlines(editor.get(LIST, {"q": "pass"})) == ["Snow on the pass"]
    assert headlines(editor.get(LIST, {"q": "trouble"})) == ["Apples"]
    assert headlines(editor.get(LIST, {"q": "ferry-12"})) == ["Ferry"]


def test_stories_are_filtered_by_status_and_audience(editor, story, draft):
    story(headline="For members", audience=2)
    draft("Not yet")
    assert headlines(editor.get(LIST, {"status__exact": "draft"})) == ["Not yet"]
    assert headlines(editor.get(LIST, {"audience__exact": 2})) == ["For members"]


def test_chosen_drafts_are_published_and_the_act_is_recorded(editor, draft, story):
    first, second, live = draft(), draft("Another"), story(published_at=datetime(2026, 1, 2, tzinfo=UTC))
    page = act(editor, "publish", first, second, live).content.decode()
    assert "2 stories published" in page
    assert set(Article.objects.values_list("status", flat=True)) == {"published"}
    assert Article.objects.get(pk=live.pk).published_at == datetime(2026, 1, 2, tzinfo=UTC)
    assert LogEntry.objects.filter(change_message="Published from the list").count() == 2


def test_chosen_stories_are_withdrawn_with_their_text_kept(editor, story):
    live = story()
    assert "1 story withdrawn" in act(editor, "withdraw", live).content.decode()
    live.refresh_from_db()
    assert live.status == "withdrawn"
    assert Revision.of(live.pk).count() == 1


@pytest.mark.parametrize(
    ("action", "given", "becomes"), [("publish", "draft", "published"), ("withdraw", "published", "withdrawn")]
)
def test_an_action_waits_for_who_is_saving_and_then_reads(editor, story, draft, monkeypatch, action, given, becomes):
    chosen = draft() if given == "draft" else story()

    def wait_for_their_save():
        monkeypatch.undo()
        theirs = Article.objects.get(pk=chosen.pk)
        theirs.headline = "Theirs"
        publishing.save([publishing.Draft(theirs)])

    monkeypatch.setattr(stamps, "hold", wait_for_their_save)
    act(editor, action, chosen)
    assert Article.objects.values_list("headline", "status").get() == ("Theirs", becomes)


def test_too_many_stories_at_once_are_refused_whole(editor, draft, monkeypatch):
    monkeypatch.setattr("articles.desk.stories.AT_ONCE", 1)
    page = act(editor, "publish", draft(), draft("Another")).content.decode()
    assert "At most 1 stories at once" in page
    assert "0 stories" not in page
    assert not Article.objects.filter(status="published").exists()


def test_the_list_asks_as_much_for_many_stories_as_for_few(editor, story, django_assert_max_num_queries):
    def opened():
        with django_assert_max_num_queries(12) as asked:
            editor.get(LIST)
        return len(asked)

    story(section="News")
    # The first page of a process looks up what the log of changes has told; the others need not.
    editor.get(LIST)
    few = opened()
    for number in range(12):
        story(headline=f"Story {number}", section=f"Section {number}")
    assert opened() == few


def test_the_list_never_counts_the_whole_archive(editor, story, django_assert_max_num_queries):
    story()
    with django_assert_max_num_queries(12) as asked:
        editor.get(LIST)
    counts = [query["sql"] for query in asked.captured_queries if "COUNT(" in query["sql"]]
    assert counts
    assert all("LIMIT 10000" in sql for sql in counts)


def test_the_desk_sees_how_often_a_story_was_read_and_a_prompt_shown(editor, story, stranger):
    article = story(html=f"<p>{'words ' * 60}</p>" * 8)
    prompt = prompts.Campaign.objects.record(heading="Join us")
    other = story("Unread")
    for _read in range(3):
        stranger.get(article.get_absolute_url())
    counters.flush()
    for page, number, row in (
        ("articles_article", 3, article.headline),
        ("articles_article", 0, other.headline),
        ("prompts_campaign", 3, prompt.name),
    ):
        text = editor.get(reverse(f"admin:{page}_changelist")).content.decode()
        line = next(part for part in text.split("<tr")[1:] if row in part)
        assert re.search(r'class="field-(reads|shown)">(\d+)<', line)[2] == str(number)
