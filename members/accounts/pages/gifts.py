"""The list of the links by which an account gave stories away. It names no story: the database does not know which."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from members import gifts
from members.accounts.corner import with_corner


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@with_corner
def show(request):
    """POST: `withdraw` names the link to end, by its number."""
    now = timezone.now()
    if request.method == "POST":
        ended = gifts.withdraw(request.user, request.POST.get("withdraw", ""), now)
        said = _("The link is withdrawn: it opens nothing any more.") if ended else _("That link had ended already.")
        messages.success(request, said)
        return redirect("gifts")
    said = {
        "gifts": [_row(gift, now) for gift in request.user.gifts.all()],
        "left": gifts.left(request.user, now),
        "per_month": gifts.PER_MONTH,
    }
    return TemplateResponse(request, "members/gifts.html", said)


def _row(gift, now):
    """What the page says of a link; `open`: whether it can be withdrawn."""
    return {
        "number": gift.pk,
        "made": _told(gift.made_at),
        "ends": _told(gift.ends_at),
        "withdrawn": gift.revoked_at is not None,
        "over": gift.ends_at <= now,
        "opened": gifts.OPENINGS - gift.left,
        "openings": gifts.OPENINGS,
        "open": gift.is_open_at(now),
    }


def _told(moment):
    return date_format(timezone.localtime(moment), _("j F Y, H:i"))
