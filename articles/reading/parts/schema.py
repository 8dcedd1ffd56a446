"""What search engines are told of a story: schema.org's NewsArticle, of public fields alone.

Paywalled parts are named as Google's "structured data for subscription and paywalled content" asks.
"""

import json

from django.conf import settings
from django.utils.safestring import mark_safe

from newsroom.ground.site import absolute

GATED, WALL = ".gated", ".wall"


def news_article(article, *, free, walled):
    """JSON-LD, safe inside a <script>. free: anyone gets the whole text; walled: this page holds the preview alone."""
    said = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": article.headline,
        "description": article.excerpt,
        "inLanguage": article.language,
        "datePublished": article.published_at.isoformat(),
        "dateModified": (article.updated_at or article.published_at).isoformat(),
        "author": [
            {"@type": "Person", "name": author.name, "url": absolute(author.get_absolute_url())}
            for author in article.signed
        ],
        "publisher": {"@type": "NewsMediaOrganization", "name": settings.SITE_NAME, "url": absolute("/")},
        "mainEntityOfPage": absolute(article.get_absolute_url()),
        "isAccessibleForFree": free,
    }
    if article.section:
        said["articleSection"] = article.section.name
    if article.image:
        said["image"] = [absolute(article.image.share_url)]
    if not free:
        said["hasPart"] = [
            {"@type": "WebPageElement", "isAccessibleForFree": False, "cssSelector": WALL if walled else GATED}
        ]
    text = json.dumps(said, ensure_ascii=False)
    return mark_safe(text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026"))
