"""Prompts in the desk: campaigns with the variants of their words."""

from collections import Counter
from functools import partial

from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList
from django.db.models import Sum
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from members.prompts import report_pages
from members.prompts.conflicts import conflicts
from members.prompts.forms import AIMING, AIMS, EXCLUDE, INCLUDE, CampaignForm
from members.prompts.models import Campaign, Variant
from members.prompts.running import Running
from newsroom.ground.models import Count


class VariantInline(admin.StackedInline):
    model = Variant
    extra = 0
    min_num = 1
    fields = [
        ("name", "weight"), "heading", "text", "pitch", "button", ("second_button", "second_url"),
        ("image", "image_alt"),
    ]  # fmt: skip

    def get_formset(self, request, obj=None, **kwargs):
        """A campaign without words is none."""
        return super().get_formset(request, obj, validate_min=True, **kwargs)


class CampaignList(ChangeList):
    """The list's rows with what no query tells: how often each was shown, and what always goes before it."""

    def get_results(self, request):
        super().get_results(request)
        now = timezone.now()
        shown, running = shown_counts(), Running.load(now)
        first, names = conflicts(running, now), dict(Campaign.objects.values_list("pk", "name"))
        for campaign in self.result_list:
            campaign.shown_count = shown.get(str(campaign.pk), 0)
            campaign.goes_first = names.get(first.get(campaign.pk), "")


def shown_counts():
    """{id of a campaign as text: how often it was shown}. What was counted before there were variants counts too."""
    totals = Count.objects.filter(series="prompt").order_by().values_list("key").annotate(Sum("number"))
    told = Counter()
    for key, number in totals:
        told[key.partition(".")[0]] += number
    return told


def _aims(way):
    return [f"{way}_{kind}" for one, kind in AIMS if one == way]


@admin.register(Campaign)
class CampaignAdmin(admin.ModelAdmin):
    """The desk may register one of its own instead, whose form picks tags, sections and stories by their names."""

    form = CampaignForm
    inlines = [VariantInline]
    list_display = ["name", "state", "priority", "language", "place", "shown", "conflict", "starts_at", "ends_at"]
    list_filter = ["status", "language", "place"]
    search_fields = ["name", "variants__heading", "variants__text"]
    actions = ["run", "pause", "put_away", "copy"]
    fieldsets = [
        (
            None,
            {
                "fields": [
                    "name",
                    "status",
                    "language",
                    ("starts_at", "ends_at"),
                    "drive",
                    "priority",
                    "goal",
                    "sensitive_ok",
                ]
            },
        ),
        (_("Where it stands"), {"fields": ["place", "after"]}),
        (
            _("For which stories and readers"),
            {
                "fields": ["by_story", "own_stories", "states", *_aims(INCLUDE)],
                "description": _("Of several in one line any will do; all lines that say something must fit."),
            },
        ),
        (
            _("Not for"),
            {"fields": _aims(EXCLUDE), "description": _("Whatever fits one of these is left out, come what may.")},
        ),
        (
            _("What the reader did lately"),
            {
                "fields": [("reads_min", "reads_max"), ("read_tag", "read_tag_min"), "walls_min"],
                "description": _(
                    "Kept by the reader's own browser. Whoever may be remembered nothing of is not asked by such a"
                    " campaign."
                ),
            },
        ),
        (_("How often"), {"fields": ["frequency", ("views_max", "from_view"), "quiet_days", "holdback"]}),
    ]

    def get_urls(self):
        own = [
            ("report/", report_pages.page, {"pk": None}, "reports"),
            ("report/csv/", report_pages.as_csv, {"pk": None}, "reports_csv"),
            ("<int:pk>/report/", report_pages.page, {}, "report"),
            ("<int:pk>/report/csv/", report_pages.as_csv, {}, "report_csv"),
        ]
        view = self.admin_site.admin_view
        return [
            *[
                path(way, view(partial(page, desk=self, **more)), name=f"prompts_campaign_{name}")
                for way, page, more, name in own
            ],
            *super().get_urls(),
        ]

    def stories_named(self, stories):
        """{id: `reports.Named`} of the stories (ids) that are known here: none. The desk knows them."""
        return {}

    def get_fieldsets(self, request, obj=None):
        """Who may only look has no form, so its own fields make way for those of the table."""
        fieldsets = super().get_fieldsets(request, obj)
        if obj is None or self.has_change_permission(request, obj):
            return fieldsets
        own = {*AIMING - {"by_story"}}
        told = [
            (title, more | {"fields": [one for one in more["fields"] if one not in own]}) for title, more in fieldsets
        ]
        return [*told, (None, {"fields": [INCLUDE, EXCLUDE]})]

    def get_changelist(self, request, **kwargs):
        return CampaignList

    def save_model(self, request, obj, form, change):
        obj.tag_names = self.tag_names(obj)
        super().save_model(request, obj, form, change)

    def save_related(self, request, form, formsets, change):
        super().save_related(request, form, formsets, change)
        form.save_stories()

    def tag_names(self, campaign):
        """{id as text: name} of the tags that a campaign is for, as far as they are known here."""
        return {str(tag): campaign.tag_names.get(str(tag), "") for tag in campaign.include.get("tag", ())}

    @admin.display(description=_("state"), ordering="status")
    def state(self, campaign):
        return campaign.state_at(timezone.now())

    @admin.display(description=_("shown"))
    def shown(self, campaign):
        return campaign.shown_count

    @admin.display(description=_("conflict"), empty_value="–")
    def conflict(self, campaign):
        if not campaign.goes_first:
            return None
        return _("Never shown: “%(name)s” always goes first.") % {"name": campaign.goes_first}

    @admin.action(description=_("Run"), permissions=["change"])
    def run(self, request, campaigns):
        self._become(request, campaigns, Campaign.Status.RUNNING)

    @admin.action(description=_("Pause"), permissions=["change"])
    def pause(self, request, campaigns):
        self._become(request, campaigns, Campaign.Status.PAUSED)

    @admin.action(description=_("Put away"), permissions=["change"])
    def put_away(self, request, campaigns):
        self._become(request, campaigns, Campaign.Status.ARCHIVED)

    @admin.action(description=_("Copy, as drafts"), permissions=["add"])
    def copy(self, request, campaigns):
        made = [campaign.copy() for campaign in campaigns]
        said = ngettext("%(count)s draft was made.", "%(count)s drafts were made.", len(made))
        self.message_user(request, said % {"count": len(made)}, messages.SUCCESS)

    def _become(self, request, campaigns, status):
        changed = campaigns.exclude(status=status)
        for campaign in changed:
            self.log_change(request, campaign, [{"changed": {"fields": [str(_("status"))]}}])
        count = changed.update(status=status)
        said = ngettext("%(count)s campaign was changed.", "%(count)s campaigns were changed.", count)
        self.message_user(request, said % {"count": count}, messages.SUCCESS)
