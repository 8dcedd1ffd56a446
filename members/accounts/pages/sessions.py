"""The page of an account's sessions: where it is signed in, and out with it."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from members.accounts import signed_in
from members.accounts.corner import with_corner


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@with_corner
def sessions(request):
    """POST: `end` names the session to end, or `others` asks to end all but this one."""
    here = request.session.session_key
    if request.method == "POST":
        messages.success(request, _ended(request, here))
        return redirect("sessions")
    found = signed_in.sessions_of(request.user, here)
    return TemplateResponse(request, "members/sessions.html", {"sessions": found, "others": len(found) > 1})


def _ended(request, here):
    """End what the form asks for, and say so."""
    if "others" in request.POST:
        count = signed_in.end_others(request.user, here)
        return ngettext("%(count)s session was ended.", "%(count)s sessions were ended.", count) % {"count": count}
    if signed_in.end(request.user, request.POST.get("end", "")):
        return _("The session was ended.")
    return _("That session had ended already.")
