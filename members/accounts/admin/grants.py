"""Grants in the desk: complimentary, or paid by a way that does not pass Stripe. Nothing that was given is deleted."""

from django.contrib import admin, messages
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from members.accounts.admin.amounts import AmountForm
from members.models import Grant, Plan
from newsroom.ground import audit
from newsroom.ground.money import money

RECORDED = ["revoked_at", "granted_by", "created_at"]
# What a paid grant needs, and why.
PAID_NEEDS = {
    "amount": _("Say how much was paid."),
    "currency": _("Say in which currency it was paid."),
    "ends_at": _("Say until when it was paid for."),
}


class RunningFilter(admin.SimpleListFilter):
    title = _("state")
    parameter_name = "state"

    def lookups(self, request, model_admin):
        return [("running", _("Running")), ("over", _("Over"))]

    def queryset(self, request, queryset):
        now = timezone.now()
        if self.value() == "running":
            return queryset.running(now)
        if self.value() == "over":
            return queryset.filter(Q(ends_at__lte=now) | Q(revoked_at__isnull=False))
        return queryset


class GrantForm(AmountForm):
    needs_amount = False

    def clean(self):
        cleaned = super().clean()
        # What stands in no field was recorded before, and stays.
        told = {
            name: cleaned.get(name, getattr(self.instance, name)) for name in ("paid_through", "starts_at", *PAID_NEEDS)
        }
        if told["paid_through"]:
            for name, words in PAID_NEEDS.items():
                if not told[name] and name in self.fields and name not in self.errors:
                    self.add_error(name, words)
        elif told["amount"] or told["currency"]:
            self.add_error("paid_through", _("Say how it was paid, or take amount and currency away."))
        if told["ends_at"] and told["starts_at"] and told["ends_at"] <= told["starts_at"]:
            self.add_error("ends_at", _("A grant ends after it starts."))
        return cleaned


@admin.register(Grant)
class GrantAdmin(admin.ModelAdmin):
    form = GrantForm
    list_display = ["user", "reason", "plan", "paid", "starts_at", "ends_at", "revoked_at", "granted_by"]
    list_filter = [RunningFilter, "plan", "paid_through", "starts_at"]
    list_select_related = ["user", "plan", "granted_by"]
    search_fields = ["user__email", "user__display_name", "reason"]
    autocomplete_fields = ["user"]
    fieldsets = [
        (None, {"fields": ["user", "reason", "plan", "starts_at", "ends_at"]}),
        (
            _("If it was paid, but not by way of Stripe"),
            {
                "fields": ["paid_through", ("amount", "currency")],
                "description": _("All that was paid for the time above, however it came. Blank: complimentary."),
            },
        ),
    ]
    actions = ["revoke"]

    def has_delete_permission(self, request, obj=None):
        return False

    def get_fieldsets(self, request, obj=None):
        return [*self.fieldsets, *([(_("On record"), {"fields": RECORDED})] if obj else [])]

    def get_readonly_fields(self, request, obj=None):
        """To whom it was given, what, since when and by whom stays as it was; an ended grant stays ended."""
        if obj is None:
            return []
        fixed = ["user", "plan", "starts_at", "paid_through", "amount", "currency", *RECORDED]
        return [*fixed, "reason", "ends_at"] if obj.revoked_at else fixed

    @admin.display(description=_("paid"), ordering="amount")
    def paid(self, grant):
        return (
            f"{money(grant.amount, grant.currency)}, {grant.get_paid_through_display()}" if grant.paid_through else "–"
        )

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)
        if db_field.name == "plan":
            field.queryset = Plan.objects.offered()
            field.empty_label = _("No plan: what is for all members")
        return field

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name == "plan":
            # The form is about one grant: plans have pages of their own.
            field.widget.can_add_related = field.widget.can_change_related = False
            field.widget.can_delete_related = field.widget.can_view_related = False
        return field

    def save_model(self, request, grant, form, change):
        if not change:
            grant.granted_by = request.user
        super().save_model(request, grant, form, change)
        _record(request, "changed a grant" if change else "gave a grant", grant)

    @admin.action(description=_("End the chosen grants now"), permissions=["change"])
    def revoke(self, request, queryset):
        open_grants = queryset.filter(revoked_at=None).select_related("user")
        with transaction.atomic():
            for grant in open_grants:
                grant.revoke()
                _record(request, "ended a grant", grant)
        count = len(open_grants)
        said = ngettext("%(count)s grant was ended.", "%(count)s grants were ended.", count)
        self.message_user(request, said % {"count": count}, messages.SUCCESS)


def _record(request, deed, grant):
    """By the grant's number: its reason may tell of a person, and nothing is ever struck out of the log."""
    paid = f": {money(grant.amount, grant.currency)}, {grant.paid_through}" if grant.paid_through else ""
    audit.record(request.user, deed, "account", grant.user.key, f"grant {grant.pk}{paid}")
