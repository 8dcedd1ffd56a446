"""Migrations of the prompts' tables that carry rows over, forward and back."""

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

pytestmark = pytest.mark.django_db(transaction=True)

BEFORE, CAMPAIGNS = [("prompts", "0001_initial")], [("prompts", "0002_campaigns")]


@pytest.fixture
def at():
    """at(targets) migrates there and is the apps as they were then."""

    def migrate(targets):
        MigrationExecutor(connection).migrate(targets)
        return MigrationExecutor(connection).loader.project_state(targets).apps

    yield migrate
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes())


def test_a_prompt_becomes_a_campaign_of_its_number_with_its_words_and_stories(at):
    prompts = at(BEFORE).get_model("prompts", "Prompt").objects
    words = {"text": "Words.", "pitch": "Now?", "button": "Join", "language": "ru"}
    everywhere = prompts.create(title="Everywhere", everywhere=True, key="a", **words)
    gone = prompts.create(title="Gone", key="gone")
    own = prompts.create(title="Own", active=False, key="b")
    gone.delete()
    for story in (7, 8):
        own.stories.create(story=story)
    made_at = everywhere.created_at

    apps = at(CAMPAIGNS)
    campaigns, variants = (apps.get_model("prompts", name).objects for name in ("Campaign", "Variant"))
    told = campaigns.order_by("pk").values_list(
        "pk", "name", "status", "language", "by_story", "place", "from_view", "frequency", "follows_import"
    )
    assert list(told) == [
        (everywhere.pk, "Everywhere", "running", "ru", False, "top", 1, True, False),
        (own.pk, "Own", "paused", "en", True, "top", 1, True, True),
    ]
    assert campaigns.get(pk=everywhere.pk).created_at == made_at
    told = variants.order_by("pk").values_list("campaign", "heading", "text", "pitch", "button", "key", "weight")
    assert list(told) == [
        (everywhere.pk, "Everywhere", "Words.", "Now?", "Join", "a", 1),
        (own.pk, "Own", "", "", "Become a member", "b", 1),
    ]
    assert set(campaigns.get(pk=own.pk).stories.values_list("story", flat=True)) == {7, 8}

    # The database numbers on from there, and what is new or has no words goes back as well as it can.
    new = campaigns.create(name="New", status="draft")
    assert new.pk > own.pk
    variants.create(campaign=new, heading="New", key="c")
    campaigns.create(name="Without words")
    campaigns.filter(pk=own.pk).update(status="running")

    apps = at(BEFORE)
    prompts, links = (apps.get_model("prompts", name).objects for name in ("Prompt", "PromptStory"))
    told = prompts.order_by("pk").values_list(
        "pk", "title", "text", "button", "language", "everywhere", "active", "key"
    )
    assert list(told) == [
        (everywhere.pk, "Everywhere", "Words.", "Join", "ru", True, True, "a"),
        (own.pk, "Own", "", "Become a member", "en", False, True, "b"),
        (new.pk, "New", "", "Become a member", "en", True, False, "c"),
    ]
    assert prompts.get(pk=everywhere.pk).created_at == made_at
    assert set(links.values_list("prompt", "story")) == {(own.pk, 7), (own.pk, 8)}
    assert prompts.create(title="After", key="d").pk > own.pk
