"""RSS of the newest stories: public fields alone, absolute addresses, no reader."""

from django.conf import settings
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.feedgenerator import Rss201rev2Feed
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from articles.models import Article
from articles.reading.topics import TOPICS
from members.reader import Reader
from newsroom.ground.site import absolute

LENGTH = 50


@require_safe
def site(request):
    return _feed(_stories(), settings.SITE_NAME, reverse("front"), request.path)


@require_safe
def topic(request, by, slug):
    """The feed of a section, a tag or an author: `by` is a name of TOPICS."""
    row = TOPICS[by]
    found = row.find(slug)
    stories = _stories().filter(row.holds(found))
    if not stories.exists():
        raise Http404
    return _feed(stories, found.name, found.get_absolute_url(), request.path)


def _stories():
    return Article.objects.visible_to(Reader.stranger()).filter(language=get_language())


def _feed(stories, title, path, feed_path):
    name = title if title == settings.SITE_NAME else f"{title} · {settings.SITE_NAME}"
    feed = Rss201rev2Feed(
        title=name,
        link=absolute(path),
        description=name,
        language=get_language(),
        feed_url=absolute(feed_path),
    )
    for article in stories.newest_first().for_cards()[:LENGTH]:
        feed.add_item(
            title=article.headline,
            link=absolute(article.get_absolute_url()),
            description=article.excerpt,
            unique_id=absolute(article.get_absolute_url()),
            unique_id_is_permalink=True,
            pubdate=article.published_at,
            updateddate=article.updated_at,
            author_name=", ".join(author.name for author in article.signed) or None,
            categories=[article.section.name] if article.section else [],
        )
    response = HttpResponse(feed.writeString("utf-8"), content_type="application/rss+xml; charset=utf-8")
    response["Cache-Control"] = "public, max-age=60"
    return response
