"""The short way: the first middleware answers a stranger's GET for a page that this process knows, without the rest of
the chain. Whatever is out of the ordinary goes the long way.

Nothing is said twice: the host is checked and the scheme asked by the same calls, the response is joined by the same
function, and its headers are those that the middleware of the setting DRESS has put on such a response once.
"""

from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.http import HttpResponse, QueryDict
from django.utils.module_loading import import_string

from articles.reading import store
from articles.reading.answer import joined
from articles.reading.recipes import addressed
from members.reader import Reader
from newsroom.ground.language import of_path


class FrontMiddleware:
    def __init__(self, get_response):
        self.get_response = get_response
        self._dress = {}

    def __call__(self, request):
        return self._short(request) or self.get_response(request)

    def _short(self, request):
        """The response, or None for the long way."""
        if request.method not in ("GET", "HEAD") or settings.SESSION_COOKIE_NAME in request.COOKIES:
            return None
        pages, reader = store.default, Reader.stranger()
        entry = pages.known(_address(request), reader)
        if entry is None or not _is_welcome(request):
            return None
        response = joined(request, entry, reader, pages.pieces)
        for name, value in self._headers(request):
            response.headers.setdefault(name, value)
        return response

    def _headers(self, request):
        """What the middleware of DRESS adds to a response under this scheme and language: learned once."""
        kind = request.is_secure(), of_path(request.path_info)
        if kind not in self._dress:
            self._dress[kind] = list(dressed(request).items())
        return self._dress[kind]


def dressed(request):
    """The headers of an empty response to a request that has passed the middleware of DRESS."""

    def bare(request):
        response = HttpResponse()
        del response.headers["Content-Type"]
        return response

    for path in reversed(settings.DRESS):
        bare = import_string(path)(bare)
    return bare(request).headers


def _address(request):
    if "after=" not in request.META.get("QUERY_STRING", ""):
        return request.path_info
    return addressed(request.path_info, QueryDict(request.META["QUERY_STRING"]).get("after"))


def _is_welcome(request):
    """Whether the host is ours and the scheme the one that the site is served by; else the long way says so."""
    if settings.SECURE_SSL_REDIRECT and not request.is_secure():
        return False
    try:
        request.get_host()
    except DisallowedHost:
        return False
    return True
