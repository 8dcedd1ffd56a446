from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PromptsConfig(AppConfig):
    name = "members.prompts"
    verbose_name = _("Membership prompts")
