"""The desk's door: nobody works there by a password alone."""

from urllib.parse import urlencode

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.contrib import messages
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from members.accounts.factors import shown
from newsroom.ground.hosts import is_loopback

DESK = "admin"
# The way out is never barred.
OPEN = {"logout"}


class DeskDoorMiddleware:
    """Sends staff without a second factor to set one up, and staff who have not shown theirs in this session to show
    it, before any page of the desk. Who does not work here goes on: the desk itself turns them away."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_view(self, request, view, args, kwargs):
        match = request.resolver_match
        if DESK not in match.namespaces or match.url_name in OPEN or not request.user.is_staff or is_demo(request):
            return None
        if not shown.has_strong(request.user):
            messages.warning(request, _("The desk opens with a second factor only. Set one up here first."))
            return redirect("mfa_index")
        return None if shown.was_asked(request) else redirect(way_to_show(request))


def is_demo(request):
    """Whether the demo's comforts hold: in the demo, and on this machine alone."""
    return settings.DEMO and is_loopback(request.get_host())


def way_to_show(request):
    """Where the account of a request shows its second factor, and then comes back to what it asked for. What a form
    held is not carried along: nobody has sent one from a desk that was never opened."""
    methods = get_adapter().get_reauthentication_methods(request.user)
    way = next(method["url"] for method in methods if method["id"].startswith("mfa_reauthenticate"))
    return f"{way}?{urlencode({'next': request.get_full_path()})}"
