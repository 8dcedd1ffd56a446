"""What the article's template draws, worked out from public fields alone."""

from django.db.models import OuterRef, Q, Subquery

from articles.models import Article, Related
from articles.reading import words
from articles.reading.cards import card, direction, foreign_source, picture
from members.reader import Reader
from newsroom.ground.site import absolute

RELATED_MAX = 12


def story(article, now, *, start):
    """The context of `reading/article.html` that says what the story is; seven queries at most. start: the id of the
    story's first block, empty where the reader gets none."""
    versions = [_translation(other) for other in translations(article, now)]
    authors = [{"name": author.name, "url": author.get_absolute_url()} for author in article.signed]
    section, links = article.section, list(article.tagged.select_related("tag"))
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
            "tags": [_tag(link, link.tag.name) for link in links if link.listed],
            "hashtags": [_tag(link, "#" + link.hashtag) for link in links if link.hashtag],
            "corrections": [_correction(correction) for correction in article.corrections.all()],
            "related": [card(other, now) for other in related(article, now)],
            "translations": versions,
            "language": article.language,
            "direction": direction(article.language),
            "start": start,
        },
        "meta": _meta(article, authors),
        "alternates": _alternates(article, versions),
    }


def related(article, now):
    """The stories that an article points to and that exist, in its order."""
    place = Related.objects.filter(article=article, other=OuterRef("pk")).values("position")
    return list(
        Article.objects.visible_to(Reader.stranger(now))
        .filter(pk__in=article.relations.values("other"))
        .annotate(place=Subquery(place))
        .order_by("place", "pk")
        .for_cards()[:RELATED_MAX]
    )


def translations(article, now):
    """The other language versions of an article."""
    original = article.translation_of_id or article.pk
    return list(
        Article.objects.visible_to(Reader.stranger(now))
        .filter(Q(pk=original) | Q(translation_of=original))
        .exclude(pk=article.pk)
        .order_by("language")
    )


def _tag(link, name):
    return {"name": name, "url": link.tag.get_absolute_url()}


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
