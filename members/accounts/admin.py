"""Accounts and grants in the desk.

Editors look accounts up, to give grants; owners alone change them. Nobody sets a password for somebody else: who needs
one asks for it by mail. Nothing is deleted here: accounts are banned, grants are ended, and both leave their trace.
"""

import allauth.mfa.admin  # noqa: F401 - registers its page, which ours replaces
from allauth.mfa.models import Authenticator
from django.contrib import admin, messages
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from members.accounts.roles import appoint
from members.models import Grant, User

FOR_EVERYBODY = ["email", "display_name", "language", "date_joined", "banned_at"]
FOR_OWNERS = ["role", "is_superuser", "is_staff", "last_login"]


class RunningFilter(admin.SimpleListFilter):
    title = _("state")
    parameter_name = "state"

    def lookups(self, request, model_admin):
        return [("running", _("Running")), ("over", _("Over"))]

    def queryset(self, request, queryset):
        now = timezone.now()
        if self.value() == "running":
            return queryset.running(now)
        if self.value() == "over":
            return queryset.filter(Q(ends_at__lte=now) | Q(revoked_at__isnull=False))
        return queryset


@admin.register(User)
class UserAdmin(admin.ModelAdmin):
    list_display = ["email", "display_name", "role", "member", "date_joined", "banned_at"]
    list_filter = ["role", "language", ("banned_at", admin.EmptyFieldListFilter)]
    search_fields = ["email", "display_name"]
    search_help_text = _("Address or name")
    ordering = ["-date_joined"]
    list_per_page = 50
    show_full_result_count = False

    def get_queryset(self, request):
        running = Grant.objects.running(timezone.now()).filter(user=OuterRef("pk"))
        return super().get_queryset(request).annotate(is_member=Exists(running))

    @admin.display(description=_("member"), boolean=True, ordering="is_member")
    def member(self, user):
        return user.is_member

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
        if not change:
            user.set_unusable_password()
        appoint(user, user.role)


admin.site.unregister(Authenticator)


@admin.register(Authenticator)
class AuthenticatorAdmin(admin.ModelAdmin):
    """Who has which second factor: owners see that, and take away what was lost. The secrets are shown to nobody."""

    list_display = ["user", "type", "created_at", "last_used_at"]
    list_filter = ["type"]
    list_select_related = ["user"]
    search_fields = ["user__email"]
    fields = readonly_fields = ["user", "type", "created_at", "last_used_at"]

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False


@admin.register(Grant)
class GrantAdmin(admin.ModelAdmin):
    list_display = ["user", "reason", "starts_at", "ends_at", "revoked_at", "granted_by"]
    list_filter = [RunningFilter, "starts_at"]
    list_select_related = ["user", "granted_by"]
    search_fields = ["user__email", "user__display_name", "reason"]
    autocomplete_fields = ["user"]
    fields = ["user", "reason", "starts_at", "ends_at"]
    actions = ["revoke"]

    def has_delete_permission(self, request, obj=None):
        return False

    def get_fields(self, request, obj=None):
        return [*self.fields, *(["revoked_at", "granted_by", "created_at"] if obj else [])]

    def get_readonly_fields(self, request, obj=None):
        """To whom it was given, since when and by whom stays as it was; an ended grant stays ended."""
        if obj is None:
            return []
        fixed = ["user", "starts_at", "revoked_at", "granted_by", "created_at"]
        return [*fixed, "reason", "ends_at"] if obj.revoked_at else fixed

    def save_model(self, request, grant, form, change):
        if not change:
            grant.granted_by = request.user
        super().save_model(request, grant, form, change)

    @admin.action(description=_("End the chosen grants now"), permissions=["change"])
    def revoke(self, request, queryset):
        open_grants = queryset.filter(revoked_at=None)
        for grant in open_grants:
            grant.revoke()
        count = len(open_grants)
        said = ngettext("%(count)s grant was ended.", "%(count)s grants were ended.", count)
        self.message_user(request, said % {"count": count}, messages.SUCCESS)
