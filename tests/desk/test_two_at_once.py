"""Two at the desk at once, on PostgreSQL: one saves while the other's save waits for the lock."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event

import pytest
from django.contrib.auth.models import Permission
from django.db import connection, transaction
from django.urls import reverse

from articles import publishing
from articles.models import Article, Body
from members.models import OpenHouse
from newsroom.ground import stamps

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def meanwhile(monkeypatch):
    """`with meanwhile(client, address, sent) as answer:` posts in a second thread and enters once that waits for the
    lock; it goes on when the block is left. answer() is its response."""
    hold, waiting = stamps.hold, Event()

    def held():
        waiting.set()
        hold()

    def post(client, address, sent):
        try:
            return client.post(address, sent)
        finally:
            connection.close()

    @contextmanager
    def run(client, address, sent):
        with ThreadPoolExecutor(1) as threads, transaction.atomic():
            hold()
            monkeypatch.setattr(stamps, "hold", held)
            posted = threads.submit(post, client, address, sent)
            assert waiting.wait(timeout=30)
            yield posted.result

    return run


def save_theirs(story):
    theirs = Article.objects.get(pk=story.pk)
    theirs.headline = "Theirs"
    publishing.save([publishing.Draft(theirs, "<p>Theirs.</p>")])


def test_of_two_who_save_a_story_at_once_the_second_is_told_and_loses_nothing(editor, story, form_of, meanwhile):
    live = story(html="<p>Old.</p>")
    sent = form_of(editor, live) | {"html": "<p>Mine.</p>"}
    with meanwhile(editor, reverse("admin:articles_article_change", args=[live.pk]), sent) as answer:
        save_theirs(live)
    response = answer()
    assert response.status_code == 200
    assert "Someone else saved" in str(response.context["errors"])
    assert response.context["adminform"].form["html"].value() == "<p>Mine.</p>"
    assert [block.html for block in Body.of(live.pk)] == ["<p>Theirs.</p>"]


def test_a_list_action_keeps_what_was_saved_while_it_waited(editor, story, meanwhile):
    live = story(html="<p>Old.</p>")
    sent = {"action": "withdraw", "_selected_action": [live.pk]}
    with meanwhile(editor, reverse("admin:articles_article_changelist"), sent) as answer:
        save_theirs(live)
    assert answer().status_code == 302
    assert Article.objects.values_list("headline", "status").get() == ("Theirs", "withdrawn")
    assert [block.html for block in Body.of(live.pk)] == ["<p>Theirs.</p>"]


def test_of_two_who_open_everything_at_once_the_second_is_told(as_, davit, meanwhile):
    davit.user_permissions.set(Permission.objects.filter(content_type__model="openhouse"))
    address = reverse("admin:members_openhouse_changelist")
    browser, reason = as_(davit), {"open": "now", "reason": "The flood"}
    with meanwhile(browser, address, reason) as answer:
        OpenHouse.objects.begin("The quake", davit)
    assert answer().status_code == 302
    assert "Somebody was faster" in browser.get(address).content.decode()
    assert OpenHouse.objects.get().reason == "The quake"
