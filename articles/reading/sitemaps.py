"""What machines may look for: the sitemap of public addresses, and robots.txt."""

from xml.sax.saxutils import escape

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import redirect
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from articles.models import Article
from articles.reading.page import Page
from articles.reading.parts.frame import sections
from members.reader import Reader
from newsroom.ground.language import PREFIXED, address
from newsroom.ground.site import absolute

# https://www.sitemaps.org/protocol.html: at most 50,000 addresses a file; of more stories the newest are named.
ADDRESSES_MAX = 50_000
SECTIONS_MAX = 100
HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n'

CLOSED_TO_ROBOTS = ("/admin/", "/account/", "/accounts/", "/prompts/", "/outbox/")


def compile(basis):
    """The Page of the sitemap."""
    languages = [language for language, _name in settings.LANGUAGES]
    for language in languages:
        basis.rests_on("list", language)
    basis.lasts_until(Article.objects.next_due(basis.now))
    stories = Article.objects.visible_to(Reader.stranger(basis.now)).newest_first()
    fields = stories.only("slug", "language", "published_at", "updated_at")[: ADDRESSES_MAX - 1000]
    lines = [_url(address("front", language)) for language in languages]
    shown = [section for language in languages for section in sections(language, basis)[:SECTIONS_MAX]]
    lines += [_url(section.get_absolute_url()) for section in shown]
    lines += [_url(article.get_absolute_url(), article.updated_at or article.published_at) for article in fields]
    return Page((f"{HEAD}{''.join(lines)}</urlset>\n".encode(),), type="application/xml; charset=utf-8")


@require_safe
def robots(request):
    prefixes = ["", *(f"/{language}" for language in sorted(PREFIXED))]
    closed = "".join(f"Disallow: {prefix}{path}\n" for path in CLOSED_TO_ROBOTS for prefix in prefixes)
    response = HttpResponse(
        f"User-agent: *\n{closed}Sitemap: {absolute(reverse('sitemap'))}\n", content_type="text/plain; charset=utf-8"
    )
    response["Cache-Control"] = "public, max-age=3600"
    return response


@require_safe
def favicon(request):
    """Where browsers look that found no icon named in a page."""
    return redirect(static("icon.svg"))


def _url(path, changed=None):
    when = f"<lastmod>{timezone.localtime(changed).isoformat(timespec='seconds')}</lastmod>" if changed else ""
    return f"<url><loc>{escape(absolute(path))}</loc>{when}</url>\n"
