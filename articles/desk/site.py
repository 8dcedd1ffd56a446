"""The desk: Django's admin under the newsroom's name, behind the site's own sign-in."""

from allauth.account.decorators import secure_admin_login
from django.conf import settings
from django.contrib import admin
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


def _place(name, order):
    return order.index(name) if name in order else len(order)
