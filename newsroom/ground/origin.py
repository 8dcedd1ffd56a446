"""Whether a request comes from a page of ours. For what changes little and stands on pages that hold no CSRF token:
beacons, and answers to what a page asks."""

from urllib.parse import urlsplit


def is_ours(request):
    """By the word of the browser, which no page of another site can change: Sec-Fetch-Site, and where a browser
    does not send that, Origin. Who sends neither is not believed."""
    told = request.META.get("HTTP_SEC_FETCH_SITE")
    if told is not None:
        return told == "same-origin"
    try:
        origin = urlsplit(request.META.get("HTTP_ORIGIN", ""))
    except ValueError:
        return False
    return (origin.scheme, origin.netloc) == (request.scheme, request.get_host())
