"""The page on which an advertiser reads its own numbers: whoever holds its link, and nobody else's."""

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from articles.ads import report
from articles.ads.models import Advertiser
from newsroom.ground import spreadsheet

# The address is what opens it: it goes to no other site, into no index and into no cache.
HEADERS = {
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow, noarchive",
    "Cache-Control": "private, no-store",
}


@require_safe
def page(request, token):
    """What came of the advertiser's campaigns that have begun."""
    advertiser, reports = _reports(token)
    said = {"advertiser": advertiser, "reports": reports, "csv_url": reverse("advertiser-csv", args=[token])}
    response = render(request, "ads/advertiser.html", said)
    return _bound(response)


@require_safe
def as_csv(request, token):
    _advertiser, reports = _reports(token)
    rows = [{"campaign": campaign.name, **row} for campaign, told in reports for row in told.rows]
    response = HttpResponse(spreadsheet.written(rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="campaigns.csv"'
    return _bound(response)


def _reports(token):
    """(Advertiser, [(Campaign, its Report)], the latest first) that a link's token opens. Raises Http404."""
    advertiser = Advertiser.objects.of_token(token).first()
    if advertiser is None:
        raise Http404
    now = timezone.now()
    campaigns = advertiser.campaigns.filter(starts_at__lte=now).order_by("-starts_at", "-pk")
    return advertiser, [(campaign, report.of_campaign(campaign, now)) for campaign in campaigns]


def _bound(response):
    for name, value in HEADERS.items():
        response[name] = value
    return response
