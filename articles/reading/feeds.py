"""RSS of the newest stories: public fields alone, absolute addresses, no reader."""

from datetime import UTC, datetime

from django.conf import settings
from django.http import Http404
from django.utils.feedgenerator import Rss201rev2Feed
from django.utils.translation import get_language

from articles.reading.page import Page
from newsroom.ground.site import absolute

LENGTH = 50
TYPE = "application/rss+xml; charset=utf-8"


# When a feed without stories was last changed, as far as anybody can say.
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Feed(Rss201rev2Feed):
    def latest_post_date(self):
        """Of no stories Django says "now", which would be another feed each time."""
        return super().latest_post_date() if self.items else EPOCH


def compile(stories, title, path, feed_path, basis):
    """The Page of a feed of visible stories. title: of its section, tag or author (None: the whole paper's, which is
    there even while it is empty); path: of the page that it belongs to."""
    found = list(stories.newest_first().for_cards()[:LENGTH])
    if title and not found:
        raise Http404
    name = f"{title} · {settings.SITE_NAME}" if title else settings.SITE_NAME
    feed = Feed(
        title=name,
        link=absolute(path),
        description=name,
        language=get_language(),
        feed_url=absolute(feed_path),
    )
    for article in found:
        basis.shows(article, article.section, *article.signed)
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
    return Page((feed.writeString("utf-8").encode(),), type=TYPE)
