from django.apps import AppConfig, apps
from django.utils.translation import gettext_lazy as _


class DeskConfig(AppConfig):
    name = "articles.desk"
    verbose_name = _("Desk")

    def ready(self):
        # Before the admin's own ready() looks for what is registered: this app stands above it in INSTALLED_APPS.
        apps.get_app_config("admin").default_site = "articles.desk.site.DeskSite"
