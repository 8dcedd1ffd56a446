"""The desk's one door to the whole texts of stories, those of today and those of before."""

from articles import body
from articles.models import Body, Revision


def whole(article_id):
    """The canonical HTML of a story's whole text, "" where it has none yet."""
    return body.html(blocks(article_id))


def blocks(article_id):
    """The blocks of a story's whole text as it was saved last, none where it has none yet."""
    return Body.of(article_id)


def revisions(article_id):
    """What was said when, by whom and why, newest first; without the texts, which a list does not show."""
    return Revision.of(article_id).defer("html", "standfirst")


def revision(article_id, number):
    """(revision, its text as sanitised HTML), or None where the story has no such number."""
    said = Revision.of(article_id).filter(number=number).first()
    return said and (said, body.clean(said.html))
