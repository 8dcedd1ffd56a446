"""Campaigns in the desk: booked, copied, paused and looked at by editors themselves."""

from datetime import timedelta

from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import PermissionDenied
from django.db.models import Sum
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.template.loader import render_to_string
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from articles.ads import conflicts, delivery, pace, places, report, state
from articles.ads.admin.creatives import was_shown
from articles.ads.admin.forms import CampaignForm
from articles.ads.admin.targets import FIELDS
from articles.ads.models import Campaign
from newsroom.ground import spreadsheet
from newsroom.ground.models import Count

# Buttons below the form, by what they are called in what is sent, and what they do once the form is saved.
BUTTONS = ("_copy", "_pause", "_resume")


class StateFilter(admin.SimpleListFilter):
    title = _("time")
    parameter_name = "time"

    def lookups(self, request, model_admin):
        return [("booked", _("Running or to come")), ("draft", _("Drafts")), ("ended", _("Ended"))]

    def queryset(self, request, queryset):
        now = timezone.now()
        chosen = {
            "booked": lambda: queryset.booked(now),
            "draft": lambda: queryset.filter(starts_at=None),
            "ended": lambda: queryset.filter(ends_at__lte=now),
        }
        return chosen.get(self.value(), lambda: queryset)()


class CampaignList(ChangeList):
    """The list's rows with what no single query tells: their state by what was delivered, and what is in their way."""

    def get_results(self, request):
        super().get_results(request)
        tell(list(self.result_list), timezone.now())


def tell(campaigns, now):
    """Write to campaigns (rows, with creatives prefetched) their `told_state` and `told_conflicts`. Four queries."""
    done = report.done_by_campaign(campaigns)
    booked = list(Campaign.objects.booked(now).select_related("advertiser"))
    supply = supplied(now)
    for campaign in campaigns:
        goal = pace.of_campaign(campaign, timezone.localtime)
        active = sum(creative.active for creative in campaign.creatives.all())
        campaign.told_state = state.of(campaign, now, active, done[campaign.pk], goal)
        left = (campaign.goal or 0) - done[campaign.pk]
        at_its_places = sum(supply.get(kind, 0) for kind in campaign.kinds())
        running = campaign.told_state not in (state.State.ENDED, state.State.REACHED)
        campaign.told_conflicts = conflicts.of(campaign, booked, now, at_its_places, left) if running else []


def supplied(now):
    """{kind of place: impressions of the last seven days, the house's word among them}."""
    rows = Count.objects.filter(series=delivery.SERVED, hour__gte=now - timedelta(days=7)).order_by().values_list("key")
    found = {}
    for key, number in rows.annotate(total=Sum("number")):
        kind = key.partition(":")[2].rstrip("0123456789")
        if kind in places.SIZES:
            found[kind] = found.get(kind, 0) + number
    return found


@admin.register(Campaign)
class CampaignAdmin(admin.ModelAdmin):
    form = CampaignForm
    list_display = [
        "name",
        "advertiser",
        "state",
        "priority",
        "weight",
        "starts_at",
        "ends_at",
        "in_the_way",
        "numbers",
    ]
    list_filter = [StateFilter, "priority", "paused"]
    list_select_related = ["advertiser"]
    search_fields = ["name", "advertiser__name"]
    autocomplete_fields = ["advertiser"]
    actions = ["copy", "pause", "resume"]
    readonly_fields = ["state", "creatives", "in_the_way"]
    change_form_template = "admin/ads/campaign/form.html"
    fieldsets = [
        (None, {"fields": ["advertiser", "name"]}),
        (_("When"), {"fields": [("starts_at", "ends_at"), "paused", "weekdays", ("hour_from", "hour_until")]}),
        (_("How often"), {"fields": ["priority", "weight", ("goal", "goal_kind"), "cap", "exclusion_group"]}),
        (_("Where"), {"fields": ["placements"]}),
        (
            _("Only for"),
            {
                "fields": [f"include_{kind}" for kind in FIELDS],
                "description": _("Of several in one field any will do; all fields that say something must fit."),
            },
        ),
        (
            _("Not for"),
            {
                "fields": [f"exclude_{kind}" for kind in FIELDS],
                "description": _("Whatever fits one of these is left out, come what may."),
            },
        ),
    ]

    def get_fieldsets(self, request, obj=None):
        """A stored one with what there is to say of it on top."""
        told = (None, {"fields": ["state", "creatives", "in_the_way"]})
        return [self.fieldsets[0], *([told] if obj else []), *self.fieldsets[1:]]

    def get_queryset(self, request):
        return super().get_queryset(request).prefetch_related("creatives")

    def get_changelist(self, request, **kwargs):
        return CampaignList

    def get_object(self, request, object_id, from_field=None):
        found = super().get_object(request, object_id, from_field)
        if found is not None:
            tell([found], timezone.now())
        return found

    def get_urls(self):
        view = self.admin_site.admin_view
        return [
            path("<int:pk>/report/", view(self.report), name="ads_campaign_report"),
            path("<int:pk>/report/csv/", view(self.as_csv), name="ads_campaign_csv"),
            *super().get_urls(),
        ]

    def report(self, request, pk):
        """What came of a campaign."""
        campaign = self._looked_up(request, pk)
        context = self.admin_site.each_context(request) | {
            "title": _("Report: %(name)s") % {"name": campaign.name},
            "opts": self.opts,
            "campaign": campaign,
            "report": report.of_campaign(campaign, timezone.now()),
            "csv_url": reverse("admin:ads_campaign_csv", args=[pk]),
        }
        return render(request, "admin/ads/campaign/report.html", context)

    def as_csv(self, request, pk):
        campaign = self._looked_up(request, pk)
        return csv_of(f"campaign-{pk}", report.of_campaign(campaign, timezone.now()).rows)

    def _looked_up(self, request, pk):
        if not self.has_view_permission(request):
            raise PermissionDenied
        return get_object_or_404(Campaign.objects.select_related("advertiser"), pk=pk)

    def response_change(self, request, campaign):
        """After the form was saved: what the button that sent it says beside."""
        pressed = next((button for button in BUTTONS if button in request.POST), None)
        if pressed is None:
            return super().response_change(request, campaign)
        if pressed == "_copy":
            if not self.has_add_permission(request):
                raise PermissionDenied
            return self._to_the_copy(request, campaign)
        self._set_paused(request, Campaign.objects.filter(pk=campaign.pk), pressed == "_pause")
        return HttpResponseRedirect(request.path)

    def _to_the_copy(self, request, campaign):
        copy = campaign.copied()
        self.log_addition(request, copy, [{"added": {}}])
        self.message_user(request, _("This is the copy: a draft until you say when it begins."), messages.SUCCESS)
        return HttpResponseRedirect(reverse("admin:ads_campaign_change", args=[copy.pk]))

    def has_delete_permission(self, request, obj=None):
        """What was shown stays, for the numbers: it can be paused, or ended."""
        allowed = super().has_delete_permission(request, obj)
        return allowed and (obj is None or not was_shown(obj.creatives.values_list("pk", flat=True)))

    def get_actions(self, request):
        actions = super().get_actions(request)
        # One by one, where the page says whether it was shown.
        actions.pop("delete_selected", None)
        return actions

    @admin.display(description=_("state"))
    def state(self, campaign):
        return campaign.told_state.label

    @admin.display(description=_("in its way"), empty_value="–")
    def in_the_way(self, campaign):
        said = [f"{one.other}: {one.words}" if one.other else str(one.words) for one in campaign.told_conflicts]
        return "; ".join(said) or None

    @admin.display(description=_("numbers"))
    def numbers(self, campaign):
        return render_to_string("admin/ads/campaign/_report_link.html", {"campaign": campaign})

    @admin.display(description=_("creatives"))
    def creatives(self, campaign):
        return render_to_string("admin/ads/campaign/_creatives.html", {"campaign": campaign})

    @admin.action(description=_("Copy, as drafts"), permissions=["add"])
    def copy(self, request, campaigns):
        made = [campaign.copied() for campaign in campaigns]
        for copy in made:
            self.log_addition(request, copy, [{"added": {}}])
        said = ngettext("%(count)s draft was made.", "%(count)s drafts were made.", len(made))
        self.message_user(request, said % {"count": len(made)}, messages.SUCCESS)

    @admin.action(description=_("Pause"), permissions=["change"])
    def pause(self, request, campaigns):
        self._set_paused(request, campaigns, True)

    @admin.action(description=_("Go on"), permissions=["change"])
    def resume(self, request, campaigns):
        self._set_paused(request, campaigns, False)

    def _set_paused(self, request, campaigns, paused):
        changed = list(campaigns.exclude(paused=paused))
        for campaign in changed:
            self.log_change(request, campaign, [{"changed": {"fields": [str(_("paused"))]}}])
        Campaign.objects.filter(pk__in=[campaign.pk for campaign in changed]).update(paused=paused)
        said = (
            ngettext("%(count)s campaign pauses.", "%(count)s campaigns pause.", len(changed))
            if paused
            else ngettext("%(count)s campaign goes on.", "%(count)s campaigns go on.", len(changed))
        )
        self.message_user(request, said % {"count": len(changed)}, messages.SUCCESS)


def csv_of(name, rows):
    """Rows (dicts) as a file to be saved under a name."""
    headers = {"Content-Disposition": f'attachment; filename="{name}.csv"'}
    return HttpResponse(spreadsheet.written(rows), content_type="text/csv; charset=utf-8", headers=headers)
