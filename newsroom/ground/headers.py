"""Headers that every response carries, unless a view said otherwise: files and refusals too, so this middleware stands
outside all others but the short way, which puts them on by itself."""

from csp.constants import HEADER
from csp.middleware import CheckableLazyObject, CSPMiddleware
from django.conf import settings
from django.http import HttpResponse, HttpResponseNotAllowed

ALWAYS = {
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=(), browsing-topics=()",
    "Cross-Origin-Resource-Policy": "same-origin",
    # Django's SecurityMiddleware writes the next three too, but not where it refuses a host.
    "Cross-Origin-Opener-Policy": settings.SECURE_CROSS_ORIGIN_OPENER_POLICY,
    "Referrer-Policy": settings.SECURE_REFERRER_POLICY,
    "X-Content-Type-Options": "nosniff",
    # What nobody thought about is never kept: a view that may be cached says so itself.
    "Cache-Control": "private, no-store",
}
# Nothing of ours answers by repeating what was sent, and nobody below need think of it.
METHODS = ("GET", "HEAD", "POST", "OPTIONS")


class HeadersMiddleware:
    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        known = request.method in METHODS
        response = self.get_response(request) if known else HttpResponseNotAllowed(METHODS)
        for name, value in ALWAYS.items():
            response.headers.setdefault(name, value)
        return response


class PolicyMiddleware(CSPMiddleware):
    """django-csp's, which writes the policy anew for each response; where neither a nonce nor a view changes it, it is
    the same words each time, taken from there once."""

    plain = None

    def process_response(self, request, response):
        own = any(name.startswith("_csp") for name in vars(response))
        if own or getattr(request, "_csp_nonce", None) is not None:
            return super().process_response(request, response)
        if self.plain is None:
            self.plain = super().process_response(request, HttpResponse()).headers[HEADER]
        response.headers.setdefault(HEADER, self.plain)
        # As there: a nonce that is asked for now would stand in no header.
        request.csp_nonce = CheckableLazyObject(self._csp_nonce_post_response)
        return response
