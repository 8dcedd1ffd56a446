"""Accounts in the desk.

Editors look accounts up, to give grants; owners alone change them, and see what tells of payments. Nobody sets a
password for somebody else: who needs one asks for it by mail. Nothing is deleted here: accounts are banned, which
leaves its trace.
"""

import allauth.mfa.admin  # noqa: F401 - registers its page, which ours replaces
from allauth.mfa.models import Authenticator
from django.contrib import admin, messages
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.urls import path, reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from members.accounts.admin import finding, member, moving
from members.accounts.roles import appoint, sees_payments
from members.models import Grant, Membership, Session, User
from newsroom.ground import audit

FOR_EVERYBODY = ["email", "display_name", "language", "date_joined", "banned_at"]
FILTERS = {"role", "language", "banned_at", "date_joined"}
FILTERS_OF_PAYMENTS = (finding.MembershipFilter, finding.PlanFilter, finding.RiskFilter)
MEMBER_SINCE = "membership__started_at"
FOR_OWNERS = ["role", "is_superuser", "is_staff", "last_login"]
# What the audit log notes when an owner changes it.
AUDITED = ["role", "is_superuser", "banned_at"]
# Rows that a list counts and turns through: an exact number of a million costs a walk through all of them.
COUNTED = 10_000


class BoundedPaginator(Paginator):
    @cached_property
    def count(self):
        return self.object_list[:COUNTED].count()


@admin.register(User)
class UserAdmin(admin.ModelAdmin):
    list_display = ["email", "display_name", "role", "member", "date_joined", "banned_at"]
    list_filter = ["role", "language", ("banned_at", admin.EmptyFieldListFilter), "date_joined"]
    # By `finding.found`; Django asks that some be named.
    search_fields = ["email", "display_name"]
    search_help_text = _("The beginning of an address or a name; a key; for owners an id at Stripe (cus_, sub_, pi_)")
    ordering = ["-date_joined"]
    list_per_page = 50
    actions = ["sign_out"]
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    paginator = BoundedPaginator

    def get_queryset(self, request):
        now, own = timezone.now(), {"user": OuterRef("pk")}
        given, paid = Grant.objects.running(now).filter(**own), Membership.objects.running(now).filter(**own)
        return super().get_queryset(request).annotate(is_member=Exists(given) | Exists(paid))

    def get_search_results(self, request, queryset, search_term):
        if not search_term.strip():
            return queryset, False
        return finding.found(queryset, search_term, sees_payments(request.user)), False

    def get_list_display(self, request):
        if not sees_payments(request.user):
            return self.list_display
        return [name if name != "member" else "held" for name in self.list_display]

    def get_list_select_related(self, request):
        return ["membership__plan"] if sees_payments(request.user) else False

    def get_list_filter(self, request):
        if not sees_payments(request.user):
            return self.list_filter
        return [*FILTERS_OF_PAYMENTS, (MEMBER_SINCE, finding.MemberSinceFilter), *self.list_filter]

    def lookup_allowed(self, lookup, value, request):
        """By the filters of the list alone: a list that can be filtered by any field tells it letter by letter."""
        named = lookup in {one.parameter_name for one in FILTERS_OF_PAYMENTS}
        if sees_payments(request.user) and (named or lookup.rpartition("__")[0] == MEMBER_SINCE):
            return True
        return lookup.partition("__")[0] in FILTERS

    # Not to be ordered by: that would look up what each of all accounts holds.
    @admin.display(description=_("member"), boolean=True)
    def member(self, user):
        return user.is_member

    @admin.display(description=_("membership"))
    def held(self, user):
        """A link to the whole story, in words of what there is."""
        paid = getattr(user, "membership", None)
        words = f"{paid.plan}: {paid.get_status_display()}" if paid else (_("By a grant") if user.is_member else "–")
        return format_html('<a href="{}">{}</a>', reverse("admin:members_user_member", args=[user.pk]), words)

    def get_urls(self):
        view = self.admin_site.admin_view
        return [
            path("import/", view(moving.import_members), name="members_user_import"),
            path("export/", view(moving.export_members), name="members_user_export"),
            path("<int:pk>/member/", view(member.page), name="members_user_member"),
            path("<int:pk>/member/<slug:name>/", view(member.act), name="members_user_act"),
            *super().get_urls(),
        ]

    def changelist_view(self, request, extra_context=None):
        said = {"may_move_members": request.user.is_superuser}
        return super().changelist_view(request, said | (extra_context or {}))

    def change_view(self, request, object_id, form_url="", extra_context=None):
        said = {"sees_payments": sees_payments(request.user)}
        return super().change_view(request, object_id, form_url, said | (extra_context or {}))

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
