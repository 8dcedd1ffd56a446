"""An outside ad server, Google Ad Manager: a mode of its own, off until the setting ADS_OUTSIDE names an ad unit.

Places that none of the paper's own campaigns took are then given to it, in the browsers whose reader has said yes; all
others get the house's word. Its script is loaded into a frame of its own, with a policy of its own and an origin of
nobody: the page around it loads nothing from elsewhere and cannot be looked into. What Google learns all the same, the
reader's address and browser, is what the README says of this mode.
"""

import json
import secrets

from django.conf import settings
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_http_methods, require_safe

from articles.ads import places
from members import cookie, habits
from members.habits import Outside

# The id, to counts, of what comes from there.
OUTSIDE = "outside"
SERVER = "https://securepubads.g.doubleclick.net"
SCRIPT = f"{SERVER}/tag/js/gpt.js"
SANDBOX = "allow-scripts allow-popups allow-popups-to-escape-sandbox"


def policy(nonce):
    """What the frame may load: advertisements come from anywhere, over TLS, and style what they show by scripts."""
    told = [
        "default-src 'none'",
        f"script-src {SERVER} https://*.googlesyndication.com 'nonce-{nonce}'",
        "frame-src https:",
        "img-src https: data:",
        "connect-src https:",
        f"style-src 'nonce-{nonce}'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'self'",
        f"sandbox {SANDBOX}",
    ]
    return "; ".join(told)


def is_wanted(visitor):
    """Whether the reader has said yes to it, in this browser."""
    return bool(settings.ADS_OUTSIDE) and visitor.habits is not None and visitor.habits.outside == Outside.ALLOWED


@require_safe
@xframe_options_sameorigin
def frame(request, kind):
    """The document of the frame for a kind of place; 404 where the mode is off, or the reader has not said yes."""
    if not settings.ADS_OUTSIDE or kind not in places.SIZES:
        raise Http404
    known = habits.of(request, timezone.now())
    if known is None or known.outside != Outside.ALLOWED:
        raise Http404
    nonce = secrets.token_urlsafe(16)
    told = json.dumps({"unit": settings.ADS_OUTSIDE, "sizes": places.SIZES[kind]})
    document = render_to_string("ads/outside.html", {"script": SCRIPT, "nonce": nonce, "told": told})
    return HttpResponse(
        document, headers={"Content-Security-Policy": policy(nonce), "X-Robots-Tag": "noindex, nofollow"}
    )


@require_http_methods(["GET", "HEAD", "POST"])
@csrf_protect
def choice(request):
    """Where a reader says yes or no to advertisements from elsewhere; 404 where the mode is off."""
    if not settings.ADS_OUTSIDE:
        raise Http404
    known = habits.of(request, timezone.now())
    back = request.POST.get("next") or request.GET.get("next", "")
    back = back if url_has_allowed_host_and_scheme(back, None) else "/"
    if request.method == "POST" and known is not None and request.POST.get("outside") in ("yes", "no"):
        known.note_outside(Outside.ALLOWED if request.POST["outside"] == "yes" else Outside.REFUSED)
        response = HttpResponseRedirect(back)
        cookie.deliver(request, response)
        return response
    said = {"next": back, "refused_by_browser": known is None, "outside": known and known.outside}
    return HttpResponse(render_to_string("ads/choice.html", said, request))
