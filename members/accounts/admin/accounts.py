"""Accounts in the desk.

Editors look accounts up, to give grants; owners alone change them. Nobody sets a password for somebody else: who needs
one asks for it by mail. Nothing is deleted here: accounts are banned, which leaves its trace.
"""

import allauth.mfa.admin  # noqa: F401 - registers its page, which ours replaces
from allauth.mfa.models import Authenticator
from django.contrib import admin, messages
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from members.accounts.roles import appoint
from members.models import Grant, Membership, Session, User
from newsroom.ground import audit

FOR_EVERYBODY = ["email", "display_name", "language", "date_joined", "banned_at"]
FILTERS = {"role", "language", "banned_at"}
FOR_OWNERS = ["role", "is_superuser", "is_staff", "last_login"]
# What the audit log notes when an owner changes it.
AUDITED = ["role", "is_superuser", "banned_at"]


@admin.register(User)
class UserAdmin(admin.ModelAdmin):
    list_display = ["email", "display_name", "role", "member", "date_joined", "banned_at"]
    list_filter = ["role", "language", ("banned_at", admin.EmptyFieldListFilter)]
    search_fields = ["email", "display_name"]
    search_help_text = _("Address or name")
    ordering = ["-date_joined"]
    list_per_page = 50
    actions = ["sign_out"]
    show_full_result_count = False

    def get_queryset(self, request):
        now, own = timezone.now(), {"user": OuterRef("pk")}
        given, paid = Grant.objects.running(now).filter(**own), Membership.objects.running(now).filter(**own)
        return super().get_queryset(request).annotate(is_member=Exists(given) | Exists(paid))

    def lookup_allowed(self, lookup, value, request):
        """By the filters of the list alone: a list that can be filtered by any field tells it letter by letter."""
        return lookup.partition("__")[0] in FILTERS

    @admin.display(description=_("member"), boolean=True, ordering="is_member")
    def member(self, user):
        return user.is_member

    @admin.action(description=_("Sign out everywhere"), permissions=["change"])
    def sign_out(self, request, accounts):
        for user in accounts:
            Session.objects.filter(user=user).delete()
            audit.record(request.user, "ended the sessions", "account", user.key)
        self.message_user(request, _("They are signed out everywhere."), messages.SUCCESS)

    def has_add_permission(self, request):
        return request.user.is_superuser

    def has_change_permission(self, request, obj=None):
        return request.user.is_superuser

    def has_delete_permission(self, request, obj=None):
        return False

    def get_fields(self, request, obj=None):
        if obj is None:
            return ["email", "display_name", "language", "role"]
        return [*FOR_EVERYBODY, *(FOR_OWNERS if request.user.is_superuser else [])]

    def get_readonly_fields(self, request, obj=None):
        """The address is its owner's to change, with proof; whether someone works here follows from the role."""
        return ["email", "date_joined", "is_staff", "last_login"] if obj else []

    def save_model(self, request, user, form, change):
        if change:
            # What was changed and no more: the account may have been banned, or erased, since the form read it.
            changed = {name: form.cleaned_data[name] for name in form.changed_data}
            User.objects.filter(pk=user.pk, erased_at=None).update(**changed)
        else:
            user.set_unusable_password()
            user.save()
        appoint(user, user.role)
        for field in [name for name in AUDITED if name in form.changed_data]:
            note = f"{field}: {form.initial.get(field)} → {form.cleaned_data[field]}"
            audit.record(request.user, "changed an account", "account", user.key, note)


admin.site.unregister(Authenticator)


@admin.register(Authenticator)
class AuthenticatorAdmin(admin.ModelAdmin):
    """Who has which second factor: owners see that, and take away what was lost. The secrets are shown to nobody."""

    list_display = ["user", "type", "created_at", "last_used_at"]
    list_filter = ["type"]
    list_select_related = ["user"]
    search_fields = ["user__email"]
    fields = readonly_fields = ["user", "type", "created_at", "last_used_at"]

    def lookup_allowed(self, lookup, value, request):
        return lookup.partition("__")[0] == "type"

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def delete_model(self, request, factor):
        _record_taken(request, [factor])
        super().delete_model(request, factor)

    def delete_queryset(self, request, factors):
        with transaction.atomic():
            _record_taken(request, factors)
            super().delete_queryset(request, factors)


def _record_taken(request, factors):
    for factor in factors:
        audit.record(request.user, "took a second factor", "account", factor.user.key, factor.type)
