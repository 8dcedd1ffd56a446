"""An entry, joined into a response: the same on the short way and on the long one."""

from dataclasses import dataclass

from django.http import HttpResponse
from django.http.response import ResponseHeaders

from articles.reading import holes
from newsroom.ground import counters

# How long a page that is the same for everybody may be held by whoever passes it on.
SHARED_FOR = "public, max-age=60"
STRANGERS = "private, no-cache"
SIGNED_IN = "private, no-store"


@dataclass(slots=True)
class Answer:
    """What is sent: a status, {header: value}, bytes. base: the headers (a name of BASES and the type) that follow from
    the kind of entry and reader alone; headers: those of this very answer."""

    status: int
    base: tuple
    headers: dict
    content: bytes


# The headers of each kind of answer, beside its type.
BASES = {
    "shared": {"Cache-Control": SHARED_FOR},
    "strangers": {"Vary": "Cookie", "Cache-Control": STRANGERS},
    "signed in": {"Vary": "Cookie", "Cache-Control": SIGNED_IN},
}


def answer(request, entry, reader, pieces):
    """The Answer of an entry to a reader. Counts what it shows."""
    filled, tags, counted = holes.fill(entry, reader, pieces)
    kind = "shared" if not entry.slots else "signed in" if reader.known else "strangers"
    headers, found = {}, entry.status == 200
    if found and kind != "signed in":
        headers["ETag"] = f'W/"{"-".join([entry.digest, *tags])}"'
    if found and request.method == "GET" and not is_prefetch(request):
        _count(entry, counted)
    if headers and _is_held(request, headers["ETag"]):
        return Answer(304, (kind, None), headers, b"")
    content = entry.join(filled)
    headers["Content-Length"] = str(len(content))
    return Answer(entry.status, (kind, entry.type), headers, content)


def joined(request, entry, reader, pieces):
    """The answer as a response of Django's."""
    said = answer(request, entry, reader, pieces)
    return response(said, base_headers(said.base))


def base_headers(base):
    """The headers of an Answer's `base`, as Django keeps them: {lower: (name, value)}."""
    kind, media_type = base
    headers = ResponseHeaders(BASES[kind])
    if media_type:
        headers["Content-Type"] = media_type
    return headers._store


def response(said, base):
    """The response of an Answer, its base headers given as Django keeps them. They are checked when they are made, not
    for each response: that would cost more than all the rest."""
    made = HttpResponse(said.content, status=said.status)
    made.headers._store = base | {name.lower(): (name, value) for name, value in said.headers.items()}
    return made


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
