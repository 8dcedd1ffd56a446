"""What the article's template draws, worked out from public fields alone."""

from articles.models import Article
from articles.reading.parts import rows, words
from articles.reading.parts.cards import Style, direction, drawn, foreign_source, picture
from newsroom.ground.site import absolute

RELATED_MAX = 12
ROW = Style("row", 3)


def story(article, tags, basis, *, start):
    """The context of `reading/article.html` that says what the story is; three queries, and two for each related story
    that was not drawn lately. tags: its `rows.tags`; start: the id of its first block, empty where the reader gets
    none."""
    versions = [_translation(other) for other in translations(article, basis)]
    authors = [{"name": author.name, "url": author.get_absolute_url()} for author in article.signed]
    section = article.section
    basis.shows(article, section, article.image, *article.signed, *tags)
    return {
        "story": {
            "headline": article.headline,
            "kicker": section.name if section else "",
            "kicker_url": section.get_absolute_url() if section else "",
            "standfirst": article.standfirst,
            "byline": authors,
            "published": article.published_at.isoformat(),
            "published_words": words.day_and_time(article.published_at),
            "updated": article.updated_at.isoformat() if article.updated_at else None,
            "updated_words": words.day_and_time(article.updated_at) if article.updated_at else "",
            "minutes": words.minutes(article.words),
            "source": foreign_source(article),
            "source_url": article.source_url,
            "image": picture(article.image),
            "tags": [_tag(tag, tag.name) for tag in tags if tag.listed],
            "hashtags": [_tag(tag, "#" + tag.hashtag) for tag in tags if tag.hashtag],
            "corrections": [_correction(correction) for correction in rows.corrections(article.pk)],
            "related": related(article, basis),
            "translations": versions,
            "language": article.language,
            "direction": direction(article.language),
            "start": start,
        },
        "meta": _meta(article, authors),
        "alternates": _alternates(article, versions),
    }


def related(article, basis):
    """The drawn cards of the stories that an article points to and that exist, in its order."""
    links = rows.linked(article.pk)
    for other, _status, published_at in links:
        basis.rests_on("article", other)
        basis.lasts_until(published_at)
    there = [pk for pk, status, at in links if status == Article.Status.PUBLISHED and at <= basis.now]
    return [drawn(pk, lambda pk=pk: rows.signed(rows.by_id(pk)[0]), ROW, basis) for pk in there[:RELATED_MAX]]


def translations(article, basis):
    """The other language versions of an article."""
    original = article.translation_of_id or article.pk
    basis.rests_on("versions", original)
    # It may be a version of yet another story, and then it is no member of the versions that it is named for.
    basis.rests_on("article", original)
    others = rows.versions(original, article.pk)
    for other in others:
        basis.lasts_until(other.published_at)
    there = [other for other in others if other.published_at <= basis.now]
    basis.shows(*there)
    return there


def _tag(tag, name):
    return {"name": name, "url": tag.get_absolute_url()}


def _correction(correction):
    return {
        "date": correction.published_at.isoformat(),
        "date_words": words.day(correction.published_at),
        "text": correction.text,
    }


def _translation(other):
    return {"language": other.language, "name": other.get_language_display(), "url": other.get_absolute_url()}


def _alternates(article, versions):
    """hreflang wants every version to name all of them, itself too."""
    own = {"language": article.language, "name": article.get_language_display(), "url": article.get_absolute_url()}
    return [{**version, "url": absolute(version["url"])} for version in [own, *versions]] if versions else []


def _meta(article, authors):
    return {
        "title": article.headline,
        "description": article.excerpt,
        "image": absolute(article.image.share_url) if article.image else "",
        "image_alt": article.image.alt if article.image else "",
        "robots": "",
        "type": "article",
        "section": article.section.name if article.section else "",
        "published": article.published_at.isoformat(),
        "updated": article.updated_at.isoformat() if article.updated_at else "",
        "authors": [author["name"] for author in authors],
    }
