"""Requests that a browser makes on its own, before its reader does."""


def is_prefetch(request):
    """Whether a browser asks for something that nobody has asked it for yet."""
    return "prefetch" in request.META.get("HTTP_SEC_PURPOSE", "") or request.META.get("HTTP_PURPOSE") == "prefetch"
