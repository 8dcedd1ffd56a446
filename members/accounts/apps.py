from django.apps import AppConfig, apps
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "members.accounts"
    verbose_name = _("Accounts")

    def ready(self):
        from allauth.account.signals import email_confirmed

        from members.accounts.first_proof import void_password
        from members.accounts.roles import ensure_roles

        # Django tells only of apps that have models, so the domain's own app speaks for this one.
        post_migrate.connect(ensure_roles, sender=apps.get_app_config("members"), dispatch_uid="roles")
        email_confirmed.connect(void_password, dispatch_uid="first proof")
