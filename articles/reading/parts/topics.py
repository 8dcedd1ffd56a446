"""What stories are listed by: a section, a tag, an author. One row each, for pages and feeds alike."""

from collections.abc import Callable
from dataclasses import dataclass

from django.db.models import Q
from django.shortcuts import get_object_or_404
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from articles.models import Author, Section
from articles.tags.models import Tag


@dataclass(frozen=True, slots=True)
class Topic:
    """kind: its name for readers. find(slug): the row, or 404. holds(row): which stories belong to it. about(row): a
    sentence or two, or nothing."""

    kind: str
    find: Callable
    holds: Callable
    about: Callable


TOPICS = {
    "section": Topic(
        _("Section"),
        lambda slug: get_object_or_404(Section, language=get_language(), slug=slug),
        lambda section: Q(section=section),
        lambda section: section.description,
    ),
    "tag": Topic(
        _("Tag"),
        lambda slug: get_object_or_404(Tag, slug=slug),
        lambda tag: Q(tagged__tag=tag),
        lambda tag: tag.description,
    ),
    "author": Topic(
        _("Author"),
        lambda slug: get_object_or_404(Author, slug=slug),
        lambda author: Q(bylines__author=author),
        lambda author: author.about,
    ),
}
