"""The page of the desk that opens everything to everybody, for the night when all must be able to read."""

import logging

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import transaction
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from members.accounts.roles import may_open_house
from members.models import OpenHouse
from newsroom.ground import audit
from newsroom.ground.numbers import row_number

log = logging.getLogger("newsroom")

ROWS_A_PAGE = 50
PAGE = "admin:members_openhouse_changelist"


class ReasonForm(forms.ModelForm):
    class Meta:
        model = OpenHouse
        fields = ["reason"]
        widgets = {"reason": forms.TextInput(attrs={"size": 60})}


@admin.register(OpenHouse)
class OpenHouseAdmin(admin.ModelAdmin):
    """One page in place of Django's forms: the rows are a log, and nobody writes into a log."""

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False

    def changelist_view(self, request, extra_context=None):
        if not self.has_view_permission(request):
            raise PermissionDenied
        form = ReasonForm(request.POST if "open" in request.POST else None)
        if request.method == "POST":
            if not may_open_house(request.user):
                raise PermissionDenied
            if "close" in request.POST:
                self._close(request)
                return redirect(PAGE)
            if form.is_valid():
                self._open(request, form.cleaned_data["reason"])
                return redirect(PAGE)
        return self._page(request, form)

    def _open(self, request, reason):
        with transaction.atomic():
            row = OpenHouse.objects.begin(reason, request.user)
            if row:
                audit.record(request.user, "opened everything", "open house", row.pk, reason)
        if row is None:
            self.message_user(request, _("Somebody was faster: everything is open already."), messages.WARNING)
            return
        log.warning("Everything is open to everybody now: open house %s.", row.pk)
        self.message_user(request, _("Everything is open to everybody now."), messages.SUCCESS)

    def _close(self, request):
        pk = row_number(request.POST["close"]) or 0
        with transaction.atomic():
            closed = OpenHouse.objects.end(pk, request.user)
            if closed:
                audit.record(request.user, "closed everything again", "open house", pk)
        if not closed:
            self.message_user(request, _("Somebody was faster: it is closed already."), messages.WARNING)
            return
        log.warning("Everything is closed again: open house %s.", pk)
        self.message_user(request, _("It is closed: walls and meter stand again."), messages.SUCCESS)

    def _page(self, request, form):
        """The page as the database has it: other pages hear of it within a second."""
        rows = OpenHouse.objects.select_related("opened_by", "closed_by")
        context = self.admin_site.each_context(request) | {
            "title": _("Open everything now"),
            "opts": self.opts,
            "form": form,
            "may_close": may_open_house(request.user),
            "open_house": rows.running().first(),
            "page": Paginator(rows, ROWS_A_PAGE).get_page(request.GET.get("p")),
        }
        return render(request, "desk/open_house.html", context)
