"""The addresses of advertisements: where a click goes, and the document of a frame."""

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_safe

from articles.ads import ads_txt, delivery, markup, places
from articles.ads.models import Creative, Sellers
from members.reader import Reader
from members.visit import Visitor
from newsroom.ground import counters
from newsroom.ground.prefetch import is_prefetch

# The advertiser is told which paper its reader comes from, and never which page.
REFERRER = "strict-origin"
# How long /ads.txt may be held by whoever passes it on.
SHARED_FOR = "public, max-age=3600"


@require_safe
def go(request, pk):
    """To where a creative leads: the stored address, and nothing that the request names. Counts the click."""
    creative = _creative(pk)
    if is_prefetch(request):
        # The reader's own click asks again.
        return HttpResponse(status=503)
    if Visitor.of(request, Reader.of(request), counts=request.method == "GET").counted:
        counters.add(delivery.CLICKED, f"{creative.pk}:{_place(request)}")
    response = HttpResponseRedirect(creative.url)
    response["Referrer-Policy"] = REFERRER
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response


@require_safe
@xframe_options_sameorigin
def creative(request, pk):
    """The document of an HTML creative, for its frame."""
    found = _creative(pk)
    if found.kind != Creative.Kind.HTML:
        raise Http404
    document = markup.document(found.html, f"{reverse('go', args=[found.pk])}?at={_place(request)}")
    headers = {"Content-Security-Policy": markup.policy(document), "X-Robots-Tag": "noindex, nofollow"}
    return HttpResponse(document, headers=headers)


@require_safe
def sellers(request):
    """/ads.txt; 404 while it is empty."""
    row = Sellers.objects.first()
    if row is None or not row.text.strip():
        raise Http404
    headers = {"Cache-Control": SHARED_FOR}
    return HttpResponse(ads_txt.written(row.text), content_type="text/plain; charset=utf-8", headers=headers)


def _creative(pk):
    # Of a campaign that has begun: what is over still leads where it led, what is to come tells nobody of itself.
    found = Creative.objects.filter(pk=pk, campaign__starts_at__lte=timezone.now()).first()
    if found is None:
        raise Http404
    return found


def _place(request):
    """The place that the address names, of those there are."""
    told = request.GET.get("at", "")
    return told if places.is_place(told) else places.ELSEWHERE
