"""The pages of the reports in the desk: of one campaign, and of all."""

from datetime import timedelta

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as say
from django.utils.translation import gettext_lazy as _

from members.prompts import experiments, reports
from newsroom.ground import spreadsheet

# Days that a report tells where nobody says which; and the most that it tells.
DAYS, DAYS_MAX = 30, 366 * 3


class SpanForm(forms.Form):
    since = forms.DateField(label=_("From"), widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(label=_("Until"), widget=forms.DateInput(attrs={"type": "date"}))

    def clean(self):
        cleaned = super().clean()
        if "since" in cleaned and "until" in cleaned:
            days = (cleaned["until"] - cleaned["since"]).days
            if days < 0:
                self.add_error("until", _("It ends before it starts."))
            if days > DAYS_MAX:
                self.add_error("since", _("Take three years at the most."))
        return cleaned


def span_of(told, today):
    """(the Span that a query asks for, its form): the last DAYS where it says nothing, or nothing that can be."""
    first = today - timedelta(days=DAYS - 1)
    asked = {"since": told.get("since") or first.isoformat(), "until": told.get("until") or today.isoformat()}
    form = SpanForm(asked)
    if form.is_valid():
        return reports.Span(form.cleaned_data["since"], form.cleaned_data["until"]), form
    return reports.Span(first, today), form


def page(request, desk, pk):
    """desk: the ModelAdmin of campaigns; pk: of one, None for all."""
    campaign = _campaign(request, desk, pk)
    span, form = span_of(request.GET, timezone.localdate())
    report = _report(desk, campaign, span)
    context = desk.admin_site.each_context(request) | {
        "title": say("What came of “%(name)s”") % {"name": campaign} if campaign else say("What came of prompts"),
        "opts": desk.opts,
        "campaign": campaign,
        "form": form,
        "report": report,
        "worth": experiments.in_words(*report.arms) if report.arms else "",
        "query": request.GET.urlencode(),
    }
    return render(request, "admin/prompts/report.html", context, status=200 if form.is_valid() else 400)


def as_csv(request, desk, pk):
    campaign = _campaign(request, desk, pk)
    span, _form = span_of(request.GET, timezone.localdate())
    name = f"prompts-{campaign.pk if campaign else 'all'}-{span.first:%Y-%m-%d}-{span.last:%Y-%m-%d}.csv"
    told = spreadsheet.written(_report(desk, campaign, span).rows)
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(told, content_type="text/csv; charset=utf-8", headers=headers)


def _campaign(request, desk, pk):
    """A Campaign, None for all of them. Raises PermissionDenied, Http404."""
    campaign = None if pk is None else desk.get_object(request, str(pk))
    if not desk.has_view_permission(request, campaign):
        raise PermissionDenied
    if pk is not None and campaign is None:
        raise Http404
    return campaign


def _report(desk, campaign, span):
    return reports.of_all(span) if campaign is None else reports.of_campaign(campaign, span, desk.stories_named)
