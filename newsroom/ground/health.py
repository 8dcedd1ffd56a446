"""Whether this process lives, whether it can do its work, and what is said when it cannot or must not."""

import logging
import sys

from django.db import Error, InterfaceError, OperationalError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.encoding import escape_uri_path
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_safe
from django.views.defaults import permission_denied, server_error

RETRY_AFTER = 10  # seconds
TEXT = "text/plain; charset=utf-8"

log = logging.getLogger("newsroom")


@require_safe
def alive(request):
    """Always 200: the process answers. Asks nothing of anybody."""
    return HttpResponse("ok\n", content_type=TEXT)


@require_safe
def ready(request):
    """200 when requests can be answered in full, else 503 with a line for each thing that is away."""
    lines = [f"{name}: {trouble}\n" for name, check in CHECKS.items() if (trouble := check())]
    return HttpResponse(lines or "ok\n", content_type=TEXT, status=503 if lines else 200)


def database():
    """What is wrong with the database, in a few words; empty when nothing is."""
    try:
        executor = MigrationExecutor(connection)
        pending = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except Error:
        return "cannot be reached"
    return "has migrations pending" if pending else ""


CHECKS = {"database": database}


def trouble(request):
    """The answer where something broke (the URLconf's handler500): 503 if it was the database's absence, else 500."""
    if not isinstance(sys.exc_info()[1], (OperationalError, InterfaceError)):
        return server_error(request)
    response = render(request, "503.html", status=503, using="django")
    response.headers["Retry-After"] = str(RETRY_AFTER)
    return response


def refused(request, exception):
    """The answer to who asks for what is not theirs (the URLconf's handler403). The server's log is told of it: with
    the account's key where somebody who works here asks, without a name where a reader does."""
    user = getattr(request, "user", None)
    who = user.key if getattr(user, "is_staff", False) else "A reader"
    log.warning("%s was refused: %s %s", who, request.method, escape_uri_path(request.path))
    return permission_denied(request, exception)


def unproven(request, reason=""):
    """The answer to a form that does not prove that it comes from a page of ours (the setting CSRF_FAILURE_VIEW). It
    says what may have happened, asks the database nothing, and leads to the form anew where the address is a path of
    ours. reason: Django's words for the log, which are nobody else's."""
    path = request.get_full_path()
    again = path if url_has_allowed_host_and_scheme(path, allowed_hosts=None) else ""
    return render(request, "403_csrf.html", {"again": again}, status=403, using="django")
