"""Drives in the desk: their page, their goals, and whether their campaigns go before all others."""

from django.contrib import admin
from django.db.models import Count
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from members.accounts.admin.amounts import AmountForm
from members.prompts.drive import Drive


class DriveForm(AmountForm):
    needs_amount = False

    class Meta:
        model = Drive
        fields = [
            "name", "slug", "language", "heading", "text", "starts_at", "ends_at", "goal_members", "amount",
            "currency", "overrides",
        ]  # fmt: skip


@admin.register(Drive)
class DriveAdmin(admin.ModelAdmin):
    form = DriveForm
    list_display = ["name", "phase", "language", "starts_at", "ends_at", "overrides", "campaigns_count"]
    list_filter = ["language"]
    search_fields = ["name", "heading"]
    prepopulated_fields = {"slug": ["heading"]}
    fieldsets = [
        (None, {"fields": ["name", "language", ("starts_at", "ends_at"), "overrides"]}),
        (_("Its page"), {"fields": ["slug", "heading", "text"]}),
        (
            _("What it is to bring"),
            {
                "fields": ["goal_members", ("amount", "currency")],
                "description": _(
                    "The page shows how much of it has come. All count who become members while it runs, and all that"
                    " they pay and that is given once, less what is given back."
                ),
            },
        ),
    ]

    def get_queryset(self, request):
        return super().get_queryset(request).annotate(campaigns_total=Count("campaigns"))

    def view_on_site(self, drive):
        return drive.get_absolute_url()

    @admin.display(description=_("state"), ordering="starts_at")
    def phase(self, drive):
        return drive.phase(timezone.now()).label

    @admin.display(description=_("campaigns"), ordering="campaigns_total")
    def campaigns_count(self, drive):
        return drive.campaigns_total
