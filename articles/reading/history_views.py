"""The page of a reader's own reading history, and its switch."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from articles.reading import history
from articles.reading.parts import keys, words
from articles.reading.parts.cards import direction
from members.accounts.corner import with_corner
from members.reader import Reader

PAGE_LENGTH = 50


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@with_corner
def show(request):
    """POST: `do` says what: "on", "off", or "wipe"."""
    if request.method == "POST":
        act, said = ACTS.get(request.POST.get("do"), (None, None))
        if act:
            act(request.user)
            messages.success(request, said())
        return redirect("history")
    reader, after = Reader.of(request), request.GET.get("after")
    found = history.visits(reader.user, reader)
    if after is not None:
        try:
            found = found.after(*keys.parse(after))
        except keys.BadKey:
            raise Http404(_("This list has no such page.")) from None
    found = list(found[: PAGE_LENGTH + 1])
    shown, path = found[:PAGE_LENGTH], reverse("history")
    older = f"{path}?after={keys.key(shown[-1].read_at, shown[-1].pk)}" if len(found) > PAGE_LENGTH else None
    said = {
        "on": reader.user.keeps_history,
        "visits": [_row(visit) for visit in shown],
        "older_url": older,
        "first_url": path if after is not None else None,
        "days": history.KEPT.days,
        "most": history.VISITS_MAX,
    }
    return TemplateResponse(request, "reading/history.html", said)


ACTS = {
    "on": (history.switch_on, lambda: _("Your reading history is on. It begins with the next story that you open.")),
    "off": (history.switch_off, lambda: _("Your reading history is off, and what was in it is deleted.")),
    "wipe": (history.wipe, lambda: _("Your reading history is empty.")),
}


def _row(visit):
    article = visit.article
    return {
        "url": article.get_absolute_url(),
        "headline": article.headline,
        "language": article.language,
        "direction": direction(article.language),
        "read": visit.read_at.isoformat(),
        "read_words": words.day_and_time(visit.read_at),
    }
