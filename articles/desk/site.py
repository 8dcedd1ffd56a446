"""The desk: Django's admin under the newsroom's name, behind the site's own sign-in."""

from functools import wraps

from allauth.account.decorators import secure_admin_login
from django.conf import settings
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import Http404
from django.shortcuts import redirect
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from members import open_house
from members.accounts.roles import may_open_house
from members.models import OpenHouse

# What editors open all day comes first; what is not listed follows as Django has it.
APPS = ["articles", "tags", "ads", "prompts", "members"]
MODELS = ["Article", "Image", "Section", "Author"]

# taggit's own tables, which nothing here uses.
HIDDEN = {"taggit"}


class DeskSite(admin.AdminSite):
    site_title = site_header = format_lazy(_("{site} desk"), site=settings.SITE_NAME)
    index_title = _("Desk")
    enable_nav_sidebar = False

    # allauth counts attempts and asks for second factors; Django's own form does neither.
    def login(self, request, extra_context=None):
        return secure_admin_login(super().login)(request, extra_context)

    def password_change(self, request, extra_context=None):
        """To the page of every account, which limits tries and sends a notice; Django's own does neither."""
        return redirect("account_change_password")

    def password_change_done(self, request, extra_context=None):
        return redirect("account")

    def get_urls(self):
        """As Django's; the address that leads from a row to its page takes rows of any table, and any text for their
        ids."""
        urls = super().get_urls()
        for pattern in urls:
            if getattr(pattern, "name", None) == "view_on_site":
                pattern.callback = _not_found_for_odd_ids(pattern.callback)
        return urls

    def index(self, request, extra_context=None):
        """With the switch for the night when everybody must be able to read, on top."""
        return super().index(request, {"may_open_house": may_open_house(request.user), **(extra_context or {})})

    def each_context(self, request):
        """With what every page of the desk says while everything is open; else without a question to the database."""
        context = super().each_context(request)
        if context["has_permission"] and open_house.is_open():
            running = OpenHouse.objects.running().select_related("opened_by").first()
            context |= {"open_house": running, "may_close": may_open_house(request.user)}
        return context

    def get_app_list(self, request, app_label=None):
        apps = [app for app in super().get_app_list(request, app_label) if app["app_label"] not in HIDDEN]
        for app in apps:
            app["models"].sort(key=lambda model: _place(model["object_name"], MODELS))
        return sorted(apps, key=lambda app: _place(app["app_label"], APPS))


def _not_found_for_odd_ids(view):
    @wraps(view)
    def asked(request, *args, **kwargs):
        try:
            return view(request, *args, **kwargs)
        except (ValidationError, ValueError):
            raise Http404 from None

    return asked


def _place(name, order):
    return order.index(name) if name in order else len(order)
