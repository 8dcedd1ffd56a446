"""An entry, joined into a response: the same on the short way and on the long one."""

from django.http import HttpResponse, HttpResponseNotModified

from articles.reading import holes
from newsroom.ground import counters

# How long a page that is the same for everybody may be held by whoever passes it on.
SHARED_FOR = "public, max-age=60"
STRANGERS = "private, no-cache"
SIGNED_IN = "private, no-store"


def joined(request, entry, reader, pieces):
    """The response of an entry for a reader. Counts what it shows."""
    filled, tags, counted = holes.fill(entry, reader, pieces) if entry.slots else ({}, (), ())
    headers = {"Content-Type": entry.type}
    if not entry.slots:
        headers["Cache-Control"] = SHARED_FOR
    else:
        headers["Vary"] = "Cookie"
        headers["Cache-Control"] = SIGNED_IN if reader.known else STRANGERS
    if not (reader.known and entry.slots) and entry.status == 200:
        headers["ETag"] = f'W/"{"-".join([entry.digest, *tags])}"'
    if entry.status == 200 and not is_prefetch(request) and request.method == "GET":
        _count(entry, counted)
    if "ETag" in headers and _is_held(request, headers["ETag"]):
        del headers["Content-Type"]
        return _dressed(HttpResponseNotModified(), headers)
    content = entry.join(filled)
    headers["Content-Length"] = str(len(content))
    return _dressed(HttpResponse(content, status=entry.status), headers)


def is_prefetch(request):
    """Whether a browser asks on its own, before its reader does."""
    return "prefetch" in request.META.get("HTTP_SEC_PURPOSE", "") or request.META.get("HTTP_PURPOSE") == "prefetch"


def _count(entry, counted):
    if entry.story is not None:
        counters.add("read", str(entry.story.pk))
    for series, key in counted:
        counters.add(series, key)


def _is_held(request, etag):
    """Whether the client has what this (weak) tag names: RFC 9110, 13.1.2, weak comparison."""
    told = request.META.get("HTTP_IF_NONE_MATCH")
    if not told:
        return False
    opaque = etag.removeprefix("W/")
    return told.strip() == "*" or opaque in [one.strip().removeprefix("W/") for one in told.split(",")]


def _dressed(response, headers):
    for name, value in headers.items():
        response.headers[name] = value
    return response
