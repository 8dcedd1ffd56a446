"""/join/ of a newsroom that takes no payments: it gives memberships by hand, and says to whom one writes."""

from allauth.account.utils import get_next_redirect_url
from django.conf import settings
from django.template.response import TemplateResponse
from django.views.decorators.http import require_safe

from members.billing.belonging import higher_plans, membership
from members.reader import Reader


@require_safe
def by_hand(request):
    reader, story = Reader.of(request), get_next_redirect_url(request)
    said = {
        "known": reader.known,
        "membership": None if reader.owes else membership(reader),
        "plans": higher_plans(reader),
        "owes": reader.owes,
        "address": settings.MEMBERS_EMAIL,
        "registration_open": settings.REGISTRATION == "open",
        "story": story,
        "next": story or request.path,
    }
    return TemplateResponse(request, "members/join.html", said)
