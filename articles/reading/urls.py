from django.urls import path, re_path

from articles.reading import gift_views, history_views, media, seen, sitemaps, views

# A slug is letters of any script, digits and hyphens: `/articles/x/y.css` is no story.
SLUG = r"(?P<slug>[-\w]+)"

urlpatterns = [
    path("", views.front, name="front"),
    re_path(rf"^articles/{SLUG}/$", views.article, name="article"),
    re_path(rf"^articles/{SLUG}/gift/$", gift_views.gift, name="gift"),
    re_path(rf"^sections/{SLUG}/$", views.topic, {"by": "section"}, name="section"),
    re_path(rf"^tags/{SLUG}/$", views.topic, {"by": "tag"}, name="tag"),
    re_path(rf"^authors/{SLUG}/$", views.topic, {"by": "author"}, name="author"),
    path("account/history/", history_views.show, name="history"),
    path("feed/", views.feed, name="feed"),
    re_path(rf"^sections/{SLUG}/feed/$", views.topic_feed, {"by": "section"}, name="section-feed"),
    re_path(rf"^tags/{SLUG}/feed/$", views.topic_feed, {"by": "tag"}, name="tag-feed"),
    re_path(rf"^authors/{SLUG}/feed/$", views.topic_feed, {"by": "author"}, name="author-feed"),
]

machine_urlpatterns = [
    path("sitemap.xml", views.sitemap, name="sitemap"),
    path("robots.txt", sitemaps.robots, name="robots"),
    path("favicon.ico", sitemaps.favicon, name="favicon"),
    path("seen/", seen.seen, name="seen"),
    path("media/<path:name>", media.picture, name="picture"),
]
