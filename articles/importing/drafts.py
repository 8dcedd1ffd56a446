"""What a story of a file does to a story of the site: the rules of taking it over. No queries."""

import re

from articles.models import Article
from articles.models.author import LENT
from articles.publishing import Draft
from members.access import Audience

# Story's field -> Article's field. What a file leaves empty erases nothing.
FIELDS = {
    "headline": "headline",
    "standfirst": "standfirst",
    "language": "language",
    "source": "source",
    "source_url": "source_url",
    "audio": "audio",
}
MOMENTS = {"published": "published_at", "updated": "updated_at", "early_access_until": "early_access_until"}
LISTS = ("tags", "hashtags", "authors", "corrections")
# Story's field -> Article's fields that have their defaults again once a file tells it no more.
BLANKED = {
    "standfirst": ["standfirst"],
    "section": ["section"],
    "audience": ["audience"],
    "metered": ["metered"],
    "early_access_until": ["early_access_until", "early_access_hours"],
    "audio": ["audio"],
    "image": ["image"],
}
# Story's field -> what the section says in its place (of `models.author.LENT`).
LEFT_TO_SECTION = {"audience": "audience", "early_access_until": "early_access", "metered": "metered"}
# A lower form brings these alone, and only where nothing is known yet.
FILLED = ("source", "source_url", "audio")

_FIGURE = re.compile(r'<figure (?:data-alt="[^"]*" )?data-image="(\d+)"(?: data-alt="[^"]*")?>.*?</figure>\n?')


def new(story, images):
    """A `Draft` of a new article. What the story does not say of its terms, its section says. images: ids of stored
    images by picture, None for what could not be stored."""
    return take(Draft(Article(), external_id=story.external_id, as_section=LENT), story, images)


def take(draft, story, images, gone=()):
    """Let a draft say what the story says, and keep what the story is silent about. Returns the draft.

    gone: names of fields that the file told before and tells no more; they become as if it had never told them.
    """
    draft.as_section -= _names_of_section(story.said)
    _take_fields(draft.article, story)
    if image := images.get(story.image):
        draft.article.image_id = image
    draft.html = _FIGURE.sub(lambda found: _figure(found, story, images), story.html)
    draft.section = story.section or draft.section
    for name in ("tags", "hashtags", "authors"):
        if names := getattr(story, name):
            setattr(draft, name, list(names))
    if story.corrections:
        draft.corrections = [(correction.moment, correction.text) for correction in story.corrections]
    _take_back(draft, gone)
    draft.as_section |= _names_of_section(gone)
    draft.revise = True
    return draft


def _take_back(draft, gone):
    for name in gone:
        if name in LISTS:
            setattr(draft, name, [])
        else:
            for blanked in BLANKED[name]:
                field = Article._meta.get_field(blanked)
                setattr(draft.article, field.attname, field.get_default())


def _names_of_section(names):
    return {LEFT_TO_SECTION[name] for name in names if name in LEFT_TO_SECTION}


def _take_fields(article, story):
    for ours, theirs in FIELDS.items():
        if value := getattr(story, ours):
            setattr(article, theirs, value)
    for ours, theirs in MOMENTS.items():
        moment = getattr(story, ours)
        # A moment that was worked out from an age changes with the day of the import: it counts once.
        if moment and (ours not in story.worked_out or (article.pk is None and not getattr(article, theirs))):
            setattr(article, theirs, moment)
            if theirs == "early_access_until":
                # It stands as it was told, wherever the date of publication goes.
                article.early_access_hours = None
    if story.audience:
        article.audience = Audience[story.audience.upper()]
    if story.metered is not None:
        article.metered = story.metered


def fill(draft, story):
    """Take from a lower form what the article does not know yet. Returns whether that was anything."""
    article, filled = draft.article, False
    for name in FILLED:
        value = getattr(story, name)
        if value and getattr(article, name) in ("", Article.Audio.OFF):
            setattr(article, name, value)
            filled = True
    return filled


def _figure(found, story, images):
    number = int(found[1])
    image = images.get(story.pictures[number - 1]) if 0 < number <= len(story.pictures) else None
    return found[0].replace(f'data-image="{number}"', f'data-image="{image}"') if image else ""
