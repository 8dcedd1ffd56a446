"""What the article's template draws, worked out from public fields alone."""

from django.db.models import Q

from articles.models import Article
from articles.reading.parts import words
from articles.reading.parts.cards import card, direction, foreign_source, picture
from members.reader import Reader
from newsroom.ground.site import absolute

RELATED_MAX = 12


def story(article, basis, *, start):
    """The context of `reading/article.html` that says what the story is; nine queries at most. start: the id of the
    story's first block, empty where the reader gets none."""
    versions = [_translation(other) for other in translations(article, basis)]
    authors = [{"name": author.name, "url": author.get_absolute_url()} for author in article.signed]
    section, links = article.section, list(article.tagged.select_related("tag"))
    basis.shows(article, section, article.image, *article.signed, *[link.tag for link in links])
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
            "related": [card(other, basis) for other in related(article, basis)],
            "translations": versions,
            "language": article.language,
            "direction": direction(article.language),
            "start": start,
        },
        "meta": _meta(article, authors),
        "alternates": _alternates(article, versions),
    }


def related(article, basis):
    """The stories that an article points to and that exist, in its order."""
    links = list(article.relations.values_list("other", flat=True))
    sisters = Q(translation_of=article.translation_of_id or article.pk) | Q(pk=article.translation_of_id)
    basis.lasts_until(Article.objects.next_due(basis.now, among=Q(pk__in=links) | sisters))
    if not links:
        return []
    for other in links:
        basis.rests_on("article", other)
    found = Article.objects.visible_to(Reader.stranger(basis.now)).filter(pk__in=links).for_cards()
    place = {pk: number for number, pk in enumerate(links)}
    return sorted(found, key=lambda other: place[other.pk])[:RELATED_MAX]


def translations(article, basis):
    """The other language versions of an article."""
    original = article.translation_of_id or article.pk
    basis.rests_on("versions", original)
    versions = Q(pk=original) | Q(translation_of=original)
    found = Article.objects.visible_to(Reader.stranger(basis.now)).filter(versions).exclude(pk=article.pk)
    found = list(found.order_by("language"))
    basis.shows(*found)
    return found


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
