"""The admin of sections, with what their new stories ask of readers."""

from django import forms
from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from articles.desk.terms import MOST_HOURS, PlansField, for_plans_alone
from articles.models import SectionPlan

TERMS = ["default_audience", "chosen_plans", "default_early_access_hours", "default_metered"]


class SectionForm(forms.ModelForm):
    chosen_plans = PlansField(
        label=_("For these plans alone"), help_text=_("None: for all members. A higher plan includes the lower ones.")
    )
    default_early_access_hours = forms.IntegerField(
        label=_("Members first, for hours"), required=False, min_value=1, max_value=MOST_HOURS,
        help_text=_("From publication on. Blank: not so."),
    )  # fmt: skip

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        # The list's own form shows a few fields alone, and so does the form of who may only look.
        if "chosen_plans" in self.fields:
            self.initial["chosen_plans"] = self.instance.plan_ids if self.instance.pk else []
            self.fields["chosen_plans"].offer(self.initial["chosen_plans"])

    def clean(self):
        cleaned = super().clean()
        if wrong := for_plans_alone(cleaned.get("default_audience"), cleaned.get("chosen_plans")):
            self.add_error("chosen_plans", wrong)
        return cleaned


class SectionAdmin(admin.ModelAdmin):
    form = SectionForm
    list_display = ["name", "language", "position", "default_audience", "slug"]
    list_editable = ["position"]
    list_filter = ["language"]
    search_fields = ["name"]
    prepopulated_fields = {"slug": ["name"]}
    fieldsets = [
        (None, {"fields": ["name", "slug", "language", "description", "position", "without_ads"]}),
        (
            _("Who may read its new stories"),
            {
                "fields": TERMS,
                "description": _(
                    "A new story takes this over where its author chooses nothing else. Stories that are there already"
                    " stay as they are."
                ),
            },
        ),
    ]

    def get_prepopulated_fields(self, request, obj=None):
        # Who may only look has no fields to fill in.
        return self.prepopulated_fields if self.has_change_permission(request, obj) else {}

    @admin.display(description=_("for these plans alone"))
    def chosen_plans(self, section):
        """For those who may look at the form but not change it."""
        return ", ".join(plan.name for plan in section.default_plans.all()) or "–"

    def save_related(self, request, form, formsets, change):
        super().save_related(request, form, formsets, change)
        if "chosen_plans" in form.changed_data:
            SectionPlan.objects.filter(section=form.instance).delete()
            plans = form.cleaned_data["chosen_plans"]
            SectionPlan.objects.bulk_create(SectionPlan(section=form.instance, plan=plan) for plan in plans)
