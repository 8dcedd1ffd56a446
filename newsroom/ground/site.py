"""What every template may know of the site. Constants only: no query, nothing of the reader."""

from django.conf import settings


def site(request):
    return {"site_name": settings.SITE_NAME, "site_url": settings.SITE_URL, "demo": settings.DEMO}


def absolute(path):
    """The canonical address of a path, whatever host was asked."""
    return settings.SITE_URL + path
