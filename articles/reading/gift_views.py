"""The page on which a reader gives a story away."""

import secrets

from django.contrib.auth.decorators import login_required
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_http_methods

from articles.models import Article
from articles.reading.giving import shares
from articles.reading.parts import words
from members import gifts
from members.accounts.corner import with_corner
from members.reader import Reader

ATTEMPT_BYTES = 16


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@with_corner
def gift(request, slug):
    """GET says what a gift is; POST makes the link and shows it, this once: it is kept nowhere."""
    reader = Reader.of(request)
    article = get_object_or_404(Article.objects.visible_to(reader), slug=slug, language=get_language())
    keys = shares(article, reader)
    if not keys:
        # Open to all, or not the reader's own: the story says which.
        return redirect(article)
    attempt, link = request.POST.get("attempt"), None
    if attempt:
        try:
            link = _link(request, article, *gifts.give(reader.user, keys, attempt, reader.now))
        except (gifts.Spent, Over):
            return redirect("gift", slug=slug)
    said = {
        "story": {"headline": article.headline, "url": article.get_absolute_url()},
        "gives": {"text": article.terms.key in keys, "audio": len(keys) > (article.terms.key in keys)},
        "days": gifts.LIVES.days,
        "openings": gifts.OPENINGS,
        "per_month": gifts.PER_MONTH,
        "left": gifts.left(reader.user, reader.now),
        "attempt": secrets.token_urlsafe(ATTEMPT_BYTES),
        "link": link,
    }
    return TemplateResponse(request, "reading/gift.html", said)


class Over(Exception):
    """A page is sent again whose link is over."""


def _link(request, article, token, made):
    """What the page shows of a link. It leads to the host that the reader reads on: others may be out of reach."""
    if not made.is_open_at(timezone.now()):
        raise Over
    address = request.build_absolute_uri(f"{article.get_absolute_url()}?{gifts.PARAMETER}={token}")
    return {"address": address, "number": made.pk, "ends": words.day_and_time(made.ends_at)}
