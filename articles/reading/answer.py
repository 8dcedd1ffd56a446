"""An entry, joined into a response: the same on the short way and on the long one."""

from dataclasses import dataclass

from django.http import HttpResponse
from django.http.response import ResponseHeaders

from articles.reading import history, holes
from members import cookie, gifts
from members.visit import Visitor
from newsroom.ground import counters
from newsroom.ground.prefetch import is_prefetch

# How long a page that is the same for everybody may be held by whoever passes it on.
SHARED_FOR = "public, max-age=60"
STRANGERS = "private, no-cache"
PRIVATE = "private, no-store"


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
    "private": {"Vary": "Cookie", "Cache-Control": PRIVATE},
    # The address is what opens it: it goes to no other site, and into no index.
    "gift": {
        "Vary": "Cookie",
        "Cache-Control": PRIVATE,
        "Referrer-Policy": "no-referrer",
        "X-Robots-Tag": "noindex, nofollow, noarchive",
    },
    "crawler": {"Vary": "Cookie", "Cache-Control": PRIVATE, "X-Robots-Tag": "noarchive"},
}


def answer(request, entry, reader, pieces):
    """The Answer of an entry to a reader. Counts what it shows, and notes it for who keeps a reading history."""
    kind, found = _kind(entry, reader), entry.status == 200
    shown = found and request.method == "GET" and not is_prefetch(request)
    visitor = _visitor(request, entry, reader, pieces, shown)
    filled, tags, laid = holes.fill(entry, reader, pieces, visitor)
    headers = {}
    if found and kind in TAGGED:
        headers["ETag"] = f'W/"{"-".join([entry.digest, *tags])}"'
    if shown:
        if laid is not None:
            laid.note(visitor, pieces.inserts.booked)
        if entry.story is not None:
            counters.add("read", str(entry.story.pk))
        history.note(request, entry, reader)
    elif visitor is not None and visitor.habits is not None:
        visitor.habits.changed = False
    if headers and _is_held(request, headers["ETag"]):
        return Answer(304, (kind, None), headers, b"")
    content = entry.join(filled)
    headers["Content-Length"] = str(len(content))
    return Answer(entry.status, (kind, entry.type), headers, content)


def _visitor(request, entry, reader, pieces, shown):
    """Who looks at a page on which inserts may stand, this visit noted; None where none may. shown: whether anybody is
    shown it at all."""
    if entry.subject is None:
        return None
    visitor = Visitor.of(request, reader, shown)
    pieces.inserts.note_visit(entry.subject, entry.variant.wall is not None, visitor)
    return visitor


# Kinds that who has them need not get again.
TAGGED = {"shared", "strangers"}


def _kind(entry, reader):
    if not entry.slots:
        return "shared"
    if reader.gifts is not gifts.NONE:
        return "gift"
    if reader.crawler:
        return "crawler"
    return "private" if reader.known or entry.is_granted(reader.now) else "strangers"


def joined(request, entry, reader, pieces):
    """The answer as a response of Django's."""
    said = answer(request, entry, reader, pieces)
    return response(said, base_headers(said.base), request)


def base_headers(base):
    """The headers of an Answer's `base`, as Django keeps them: {lower: (name, value)}."""
    kind, media_type = base
    headers = ResponseHeaders(BASES[kind])
    if media_type:
        headers["Content-Type"] = media_type
    return headers._store


def response(said, base, request):
    """The response of an Answer, its base headers given as Django keeps them. They are checked when they are made, not
    for each response: that would cost more than all the rest. The reader's cookie goes along where it has changed."""
    made = HttpResponse(said.content, status=said.status)
    made.headers._store = base | {name.lower(): (name, value) for name, value in said.headers.items()}
    cookie.deliver(request, made)
    return made


def _is_held(request, etag):
    """Whether the client has what this (weak) tag names: RFC 9110, 13.1.2, weak comparison."""
    told = request.META.get("HTTP_IF_NONE_MATCH")
    if not told:
        return False
    opaque = etag.removeprefix("W/")
    return told.strip() == "*" or opaque in [one.strip().removeprefix("W/") for one in told.split(",")]
