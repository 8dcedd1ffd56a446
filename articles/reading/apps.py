from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ReadingConfig(AppConfig):
    name = "articles.reading"
    verbose_name = _("Readers' pages")
