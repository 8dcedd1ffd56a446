"""Plans in the desk. What is sold, publishers decide; editors look it up, to name plans in stories and grants."""

from collections import Counter

from django.contrib import admin, messages
from django.contrib.admin.utils import NestedObjects
from django.db import transaction
from django.db.models import Prefetch, ProtectedError
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from members.accounts.admin.prices import PricePart
from members.models import Plan, Price
from newsroom.ground import audit

HELP = {"ad_free": _("Nor do members of a higher plan see any.")}


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
    list_display = ["name", "costs", "level", "ad_free", "position", "archived_at"]
    list_filter = [OfferedFilter]
    search_fields = ["name", "slug"]
    prepopulated_fields = {"slug": ["name"]}
    fields = [
        "name", "slug", "text", "perks", "level", "ad_free", "trial_days", "names_own_price", "position", "archived_at",
    ]  # fmt: skip
    inlines = [PricePart]
    readonly_fields = ["earlier"]
    actions = ["archive", "offer"]

    def get_queryset(self, request):
        offered = Prefetch("prices", Price.objects.offered(), to_attr="on_offer")
        return super().get_queryset(request).prefetch_related(offered)

    def get_fields(self, request, obj=None):
        return [*self.fields, "earlier"] if obj else self.fields

    def get_form(self, request, obj=None, **kwargs):
        return super().get_form(request, obj, help_texts=HELP, **kwargs)

    @admin.display(description=_("on offer"))
    def costs(self, plan):
        return ", ".join(map(str, plan.on_offer))

    @admin.display(description=_("earlier prices"))
    def earlier(self, plan):
        """Those that members may still pay, and nobody new."""
        return ", ".join(map(str, plan.prices.filter(is_offered=False).order_by("-pk"))) or "–"

    def save_model(self, request, plan, form, change):
        super().save_model(request, plan, form, change)
        for field in form.changed_data:
            note = f"{field}: {form.initial.get(field)} → {form.cleaned_data[field]}"
            audit.record(request.user, "changed a plan" if change else "made a plan", "plan", plan.slug, note)

    def save_formset(self, request, form, formset, change):
        for before, now in formset.save():
            audit.record(request.user, "changed a price", "plan", form.instance.slug, f"{before or '–'} → {now or '–'}")

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
