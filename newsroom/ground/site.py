"""What every template may know of the site. Constants only: no query, nothing of the reader."""

from django.conf import settings


def site(request):
    return {"site_name": settings.SITE_NAME, "site_url": settings.SITE_URL, "demo": settings.DEMO}


def absolute(path):
    """The canonical address of a path, whatever host was asked."""
    return settings.SITE_URL + path


def here(request, path):
    """The address of a path on the host that was asked, so that who reads a mirror stays there; on the canonical host
    where the request names one that is not exactly ours, such as another port."""
    host = request.get_host().lower()
    return f"{request.scheme}://{host}{path}" if host in settings.SITE_HOSTS else absolute(path)
