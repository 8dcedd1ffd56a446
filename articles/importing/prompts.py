"""Prompts that stood in files: campaigns that stand where they were found, or on all that their words are about."""

from django.conf import settings

from articles.importing.models import Sighting
from articles.models import ArticleTag
from members.prompts.models import Campaign, CampaignStory, words_key

# So many letters of a prompt's title, pitch and button are kept.
TITLE_LENGTH, PITCH_LENGTH, BUTTON_LENGTH = 300, 500, 60


def digest(prompt):
    """The beginning of the key under which a prompt's words are kept; blank without a prompt."""
    return words_key(prompt.title[:TITLE_LENGTH], prompt.text, prompt.pitch[:PITCH_LENGTH])[:32] if prompt else ""


def attach(steps):
    """Record the prompts of a batch's stories. steps: those of `load`, their stories saved."""
    _detach(steps)
    stories = {}
    for step in steps:
        if step.news and step.sight.story.prompt:
            stories.setdefault(step.sight.story.prompt, {})[step.known.pk] = step.sight.story.language
    for prompt, found in stories.items():
        campaign = Campaign.objects.record(
            heading=prompt.title[:TITLE_LENGTH],
            text=prompt.text,
            pitch=prompt.pitch[:PITCH_LENGTH],
            button=prompt.button[:BUTTON_LENGTH],
            language=next(iter(found.values())) or settings.LANGUAGE_CODE,
            by_story=True,
            follows_import=True,
        )
        campaign.attach(found)
        tags = ArticleTag.objects.filter(content_object__in=found, listed=True).order_by("position", "pk")
        campaign.fit(dict(tags.values_list("tag", "tag__name")))


def _detach(steps):
    """Take prompts away that were replaced where they stood, unless another place still gives them to the story."""
    replaced = {(step.known.pk, step.old_prompt) for step in steps if step.old_prompt}
    given = Sighting.objects.filter(
        origin__in={pk for pk, _prompt in replaced}, prompt__in={prompt for _pk, prompt in replaced}
    )
    stories = {}
    for pk, prompt in replaced - set(given.values_list("origin", "prompt")):
        stories.setdefault(prompt, []).append(pk)
    for prompt, pks in stories.items():
        campaigns = list(Campaign.objects.filter(variants__key__startswith=prompt))
        CampaignStory.objects.filter(story__in=pks, campaign__in=campaigns).delete()
        for campaign in campaigns:
            campaign.forsake()
