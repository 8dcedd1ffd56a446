"""Memberships in the desk. Who pays, and whether a payment failed, owners alone see: no role has a right on them."""

from django import forms
from django.contrib import admin
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from members.models import Membership
from members.standing import Status
from newsroom.ground import audit


class MembershipForm(forms.ModelForm):
    def clean(self):
        """A failed payment without a moment failed now: grace has to count from somewhere."""
        cleaned = super().clean()
        if cleaned.get("status") == Status.PAST_DUE and not cleaned.get("failed_at"):
            cleaned["failed_at"] = timezone.now()
        return cleaned


@admin.register(Membership)
class MembershipAdmin(admin.ModelAdmin):
    form = MembershipForm
    list_display = ["user", "plan", "status", "started_at", "failed_at", "ends_at"]
    list_filter = ["status", "plan", "started_at"]
    list_select_related = ["user", "plan"]
    search_fields = ["user__email", "user__display_name"]
    search_help_text = _("Address or name")
    autocomplete_fields = ["user"]
    fields = ["user", "plan", "status", "started_at", "failed_at", "ends_at"]
    list_per_page = 50
    show_full_result_count = False

    def get_readonly_fields(self, request, obj=None):
        """What is paid by way of Stripe is changed there, by the member's page: written here, it would be written over,
        and what it brings would not add up."""
        if obj and obj.stripe_subscription:
            return self.fields
        return ["user"] if obj else []

    def save_model(self, request, membership, form, change):
        super().save_model(request, membership, form, change)
        audit.record(
            request.user,
            "changed a membership" if change else "made a membership",
            "account",
            membership.user.key,
            f"{membership.plan.slug}: {membership.status}",
        )

    def has_delete_permission(self, request, obj=None):
        return False
