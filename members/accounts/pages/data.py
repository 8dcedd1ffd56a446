"""An account's data, to take along, and its end."""

from allauth.account.adapter import get_adapter
from allauth.account.decorators import reauthentication_required
from django import forms
from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from members.accounts import personal_data
from members.accounts.corner import with_corner
from members.billing.pages import membership
from members.reader import Reader

FILE = "my-data.zip"


class DeleteForm(forms.Form):
    sure = forms.BooleanField(
        label=_("Delete my account, with all that hangs on it"),
        error_messages={"required": _("Tick this if you are sure.")},
    )


# Whoever finds an open browser neither takes all of it along nor deletes the account: the password is asked for first.
@reauthentication_required(app="allauth.account")
@require_http_methods(["GET", "HEAD", "POST"])
@with_corner
def data(request):
    """GET says what is in the file, POST gives it."""
    if request.method != "POST":
        return TemplateResponse(request, "members/data.html", {})
    response = HttpResponse(personal_data.archive(request.user), content_type="application/zip")
    response.headers["Content-Disposition"] = f'attachment; filename="{FILE}"'
    return response


@reauthentication_required(app="allauth.account")
@require_http_methods(["GET", "HEAD", "POST"])
@with_corner
def delete(request):
    form = DeleteForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            personal_data.delete(request.user)
        except personal_data.LastOwner:
            form.add_error(None, _("You are the last owner here. Make somebody else an owner first."))
        else:
            get_adapter(request).logout(request)
            response = redirect("account_deleted")
            response.delete_cookie(settings.BROWSER_COOKIE_NAME)
            return response
    said = {"form": form, "own": membership.of(Reader.of(request)), "address": settings.MEMBERS_EMAIL}
    return TemplateResponse(request, "members/delete.html", said)


@require_safe
@with_corner
def deleted(request):
    """Says that it is done: to whoever asks, since nothing knows the account any more."""
    return TemplateResponse(request, "members/deleted.html", {})
