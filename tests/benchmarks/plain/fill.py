"""Makes the tables of the plain view and fills them: YARDSTICK=plain python -m tests.benchmarks.plain.fill STORIES."""

import sys
from datetime import UTC, datetime, timedelta

from django.db import connection, transaction
from django.utils.text import slugify

# The first of these sets the yardsticks' project up; the models want that.
from tests.benchmarks import stories, yardsticks
from tests.benchmarks.plain.models import Article, Section, Tag

# Makes a page of about 30 kB.
LETTERS = 23_000


def fill(count):
    with connection.schema_editor() as editor:
        for model in (Section, Tag, Article):
            editor.create_model(model)
    with transaction.atomic():
        sections = {name: Section.objects.create(name=name, slug=slugify(name)) for name in stories.SECTIONS}
        tags = {name: Tag.objects.create(name=name, slug=slugify(name)) for name in stories.TAGS}
        articles = [_article(number, sections, tags) for number in range(count)]
        for number, article in enumerate(articles):
            article.related.set([articles[other] for other in stories.related(number, count)])


def _article(number, sections, tags):
    story = stories.story(number, LETTERS)
    article = Article.objects.create(
        headline=story.headline,
        slug=f"story-{number}",
        standfirst=story.paragraphs[0][:240],
        byline=", ".join(story.authors),
        text="\n\n".join(story.paragraphs),
        published_at=datetime.now(UTC) - timedelta(hours=number + 2),
        section=sections[story.section],
    )
    article.tags.set([tags[name] for name in story.tags])
    return article


if __name__ == "__main__":
    assert yardsticks.YARDSTICK == "plain"
    fill(int(sys.argv[1]))
