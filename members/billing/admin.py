"""The inbox in the desk: what Stripe told, what came of it, and a button for what was given up. Owners alone see it."""

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponseRedirect
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from members.billing import client, inbox
from members.billing.models import Cancellation, Comparison, Event

# Run while the owner waits; the worker runs the others within a minute.
AT_ONCE = 20


class ForOwners(admin.ModelAdmin):
    """Kept by the site itself: looked at, and not written in."""

    show_full_result_count = False
    list_per_page = 50

    def has_view_permission(self, request, obj=None):
        return request.user.is_superuser

    def has_module_permission(self, request):
        return request.user.is_superuser

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False


@admin.register(Event)
class EventAdmin(ForOwners):
    list_display = ["type", "status", "customer", "about", "attempts", "error", "received_at"]
    list_filter = ["status", "received_at"]
    search_fields = ["stripe_id", "about", "customer"]
    search_help_text = _("An id of Stripe's: of the event, of a customer, of what it is about")
    fields = readonly_fields = [
        "stripe_id", "type", "about", "customer", "made_at", "received_at", "status", "attempts", "next_at", "done_at",
        "error",
    ]  # fmt: skip
    actions = ["run_again"]
    change_form_template = "admin/billing/event/change_form.html"

    def change_view(self, request, object_id, form_url="", extra_context=None):
        if request.method != "POST":
            return super().change_view(request, object_id, form_url, extra_context)
        if not self.has_view_permission(request):
            raise PermissionDenied
        self.run_again(request, Event.objects.filter(stripe_id=request.POST.get("again", "")))
        return HttpResponseRedirect(request.path)

    @admin.action(description=_("Run the chosen events again"), permissions=["view"])
    def run_again(self, request, events):
        """Outside of any transaction, as Django leaves actions."""
        if not client.is_set():
            self.message_user(request, _("No key of Stripe's is set, so nothing can be asked there."), messages.ERROR)
            return
        chosen = list(events.values_list("pk", flat=True)[:AT_ONCE])
        inbox.again(events)
        failed = [event.error for event in Event.objects.filter(pk__in=chosen) if inbox.attempt(event)]
        done = len(chosen) - len(failed)
        said = ngettext("%(count)s event was run.", "%(count)s events were run.", done) % {"count": done}
        self.message_user(request, said, messages.SUCCESS)
        if failed:
            told = _("Not so with %(count)s, which wait for another attempt: %(errors)s")
            errors = ", ".join(sorted(set(failed)))
            self.message_user(request, told % {"count": len(failed), "errors": errors}, messages.WARNING)


@admin.register(Comparison)
class ComparisonAdmin(ForOwners):
    list_display = fields = readonly_fields = ["started_at", "finished_at", "looked_at", "differed", "failed"]
    actions = None


@admin.register(Cancellation)
class CancellationAdmin(ForOwners):
    """Why members leave, without who they are: that is for their own pages to know."""

    list_display = ["at", "reason", "text"]
    list_filter = ["reason", "at"]
    search_fields = ["text"]
    fields = readonly_fields = ["at", "reason", "text"]
