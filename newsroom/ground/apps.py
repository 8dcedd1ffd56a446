from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class GroundConfig(AppConfig):
    name = "newsroom.ground"
    verbose_name = _("Ground")
