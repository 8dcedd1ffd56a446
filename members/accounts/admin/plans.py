"""Plans, memberships and grants in the desk.

What is sold, publishers decide; editors look it up, to name plans in stories and grants. Who pays, and whether a
payment failed, owners alone see: no role has a right on memberships. Nothing that was given or paid is deleted.
"""

from collections import Counter

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import NestedObjects
from django.db import transaction
from django.db.models import ProtectedError, Q
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from members.models import Grant, Membership, Plan
from members.standing import Status
from newsroom.ground import audit


class OfferedFilter(admin.SimpleListFilter):
    title = _("state")
    parameter_name = "state"

    def lookups(self, request, model_admin):
        return [("offered", _("Offered")), ("archived", _("Archived"))]

    def queryset(self, request, queryset):
        if self.value() == "offered":
            return queryset.offered()
        if self.value() == "archived":
            return queryset.exclude(archived_at=None)
        return queryset


@admin.register(Plan)
class PlanAdmin(admin.ModelAdmin):
    list_display = ["name", "level", "position", "archived_at"]
    list_filter = [OfferedFilter]
    search_fields = ["name", "slug"]
    prepopulated_fields = {"slug": ["name"]}
    fields = ["name", "slug", "level", "position", "archived_at"]
    actions = ["archive", "offer"]

    def save_model(self, request, plan, form, change):
        super().save_model(request, plan, form, change)
        for field in form.changed_data:
            note = f"{field}: {form.initial.get(field)} → {form.cleaned_data[field]}"
            audit.record(request.user, "changed a plan" if change else "made a plan", "plan", plan.slug, note)

    def get_prepopulated_fields(self, request, obj=None):
        # Who may only look has no fields to fill in.
        return self.prepopulated_fields if self.has_add_permission(request) else {}

    def get_actions(self, request):
        """Plans are deleted one by one, where the page says why one cannot be."""
        actions = super().get_actions(request)
        actions.pop("delete_selected", None)
        return actions

    def get_deleted_objects(self, objs, request):
        """As Django has it, but what stands in the way is counted: whose memberships they are, a publisher need not
        know."""
        deleted, counts, lacking, protected = super().get_deleted_objects(objs, request)
        if protected:
            used = Counter(row._meta.verbose_name_plural for row in _in_the_way(objs))
            return deleted, counts, set(), [f"{capfirst(name)}: {count}" for name, count in used.items()]
        return deleted, counts, lacking, protected

    def delete_view(self, request, *args, **kwargs):
        try:
            return super().delete_view(request, *args, **kwargs)
        except ProtectedError:
            # Somebody took the plan between look and deed. Looked at anew, the page says what stands in the way.
            return super().delete_view(request, *args, **kwargs)

    @admin.action(description=_("Archive the chosen plans"), permissions=["change"])
    def archive(self, request, queryset):
        count = _set_archived(request, queryset.filter(archived_at=None), timezone.now())
        said = ngettext("%(count)s plan was archived.", "%(count)s plans were archived.", count)
        self.message_user(request, said % {"count": count}, messages.SUCCESS)

    @admin.action(description=_("Offer the chosen plans again"), permissions=["change"])
    def offer(self, request, queryset):
        count = _set_archived(request, queryset.exclude(archived_at=None), None)
        said = ngettext("%(count)s plan is offered again.", "%(count)s plans are offered again.", count)
        self.message_user(request, said % {"count": count}, messages.SUCCESS)


def _set_archived(request, plans, moment):
    """Archive plans at a moment, or offer them again (None), noted as the form notes it. Returns how many."""
    with transaction.atomic():
        held = list(plans.select_for_update())
        for plan in held:
            note = f"archived_at: {plan.archived_at} → {moment}"
            audit.record(request.user, "changed a plan", "plan", plan.slug, note)
        return Plan.objects.filter(pk__in=[plan.pk for plan in held]).update(archived_at=moment)


def _in_the_way(plans):
    """The rows that forbid the plans' deletion."""
    collector = NestedObjects(using=Plan.objects.db)
    collector.collect(plans)
    return collector.protected


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


@admin.register(Grant)
class GrantAdmin(admin.ModelAdmin):
    list_display = ["user", "reason", "plan", "starts_at", "ends_at", "revoked_at", "granted_by"]
    list_filter = [RunningFilter, "plan", "starts_at"]
    list_select_related = ["user", "plan", "granted_by"]
    search_fields = ["user__email", "user__display_name", "reason"]
    autocomplete_fields = ["user"]
    fields = ["user", "reason", "plan", "starts_at", "ends_at"]
    actions = ["revoke"]

    def has_delete_permission(self, request, obj=None):
        return False

    def get_fields(self, request, obj=None):
        return [*self.fields, *(["revoked_at", "granted_by", "created_at"] if obj else [])]

    def get_readonly_fields(self, request, obj=None):
        """To whom it was given, what, since when and by whom stays as it was; an ended grant stays ended."""
        if obj is None:
            return []
        fixed = ["user", "plan", "starts_at", "revoked_at", "granted_by", "created_at"]
        return [*fixed, "reason", "ends_at"] if obj.revoked_at else fixed

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
    audit.record(request.user, deed, "account", grant.user.key, f"grant {grant.pk}")
