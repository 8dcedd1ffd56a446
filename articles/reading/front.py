"""The short way: the first middleware answers a GET for a page that this process knows, without the rest of the chain.
A stranger's asks no database; a signed-in reader's asks once, for session, account and membership together. Whatever is
out of the ordinary goes the long way.

Nothing is said twice: the host is checked and the scheme asked by the same calls, the response is joined by the same
function, and its headers are those that the middleware of the setting DRESS has put on such a response once.
"""

from django.conf import settings
from django.core.exceptions import DisallowedHost, SuspiciousOperation
from django.core.handlers.exception import convert_exception_to_response
from django.http import HttpResponse, QueryDict
from django.utils.encoding import escape_uri_path
from django.utils.module_loading import import_string

from articles.reading import store
from articles.reading.answer import answer, base_headers, response
from articles.reading.recipes import addressed
from articles.reading.spending import NotNow, spend
from members.reader import Reader
from members.sessions import signed_in
from newsroom.ground.language import of_path


class FrontMiddleware:
    def __init__(self, get_response):
        self.get_response = get_response
        self._dress = {}
        self._session_cookie = settings.SESSION_COOKIE_NAME
        self._https_only = settings.SECURE_SSL_REDIRECT

    def __call__(self, request):
        try:
            short = self._short(request)
        except Exception as error:
            return broken(request, error)
        return short or self.get_response(request)

    def _short(self, request):
        """The response, or None for the long way."""
        if request.method not in ("GET", "HEAD"):
            return None
        pages, address = store.default, _address(request)
        if not pages.holds(address) or not self._is_welcome(request):
            return None
        reader = self._reader(request)
        entry = reader and pages.known(address, reader)
        if entry is None:
            return None
        try:
            if not spend(request, entry, reader):
                return None
        except NotNow:
            return None
        said = answer(request, entry, reader, pages.pieces)
        return response(said, self._base(request, said.base), request)

    def _reader(self, request):
        """Who asks; None where a session is brought that does not speak for itself."""
        if self._session_cookie not in request.META.get("HTTP_COOKIE", ""):
            return Reader.asking(request)
        user = signed_in(request)
        return user and Reader.asking(request, user)

    def _is_welcome(self, request):
        """Whether the host is ours and the scheme the one that the site is served by; else the long way says so."""
        if self._https_only and not request.is_secure():
            return False
        try:
            request.get_host()
        except DisallowedHost:
            return False
        return True

    def _base(self, request, base):
        """The headers that answers of a kind have under this scheme and language, those that the middleware of DRESS
        adds among them: learned once."""
        kind = base, request.is_secure(), of_path(request.path_info)
        if kind not in self._dress:
            self._dress[kind] = dressed(request, base_headers(base))
        return self._dress[kind]


def broken(request, error):
    """What Django answers to an error such as the database's absence, in the headers of all other responses."""

    def bare(request):
        raise error

    bare = convert_exception_to_response(bare)
    for path in reversed(settings.DRESS):
        bare = import_string(path)(bare)
    return bare(request)


def dressed(request, base):
    """These headers after a response that has them passed the middleware of DRESS; as Django keeps headers."""

    def bare(request):
        made = HttpResponse()
        made.headers._store = dict(base)
        return made

    for path in reversed(settings.DRESS):
        bare = import_string(path)(bare)
    return bare(request).headers._store


def _address(request):
    """The name of the page that is asked for; one that no page has where the address must be looked at more closely."""
    path, query = request.path_info, request.META.get("QUERY_STRING", "")
    if "?" in path:
        return ""
    if not path.isascii():
        # As `reverse` writes the names of pages.
        path = escape_uri_path(path)
    # "%61fter" is after too.
    if "after" not in query and "%" not in query:
        return path
    try:
        return addressed(path, QueryDict(query).get("after"))
    except SuspiciousOperation:
        return ""
