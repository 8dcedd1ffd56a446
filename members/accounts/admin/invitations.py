"""Invitations in the desk: a link is made, shown once, and sent if an address was given; nobody can read it later."""

from urllib.parse import urlencode

from django.contrib import admin, messages
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from members import emails
from members.accounts.registration import FIELD
from members.models import Invitation
from newsroom.ground.site import absolute

FILTERS = {"expires_at", "revoked_at"}


@admin.register(Invitation)
class InvitationAdmin(admin.ModelAdmin):
    list_display = ["note", "email", "uses", "uses_max", "expires_at", "revoked_at", "made_by"]
    list_filter = ["expires_at", ("revoked_at", admin.EmptyFieldListFilter)]
    list_select_related = ["made_by"]
    search_fields = ["note", "email"]
    actions = ["revoke"]

    def lookup_allowed(self, lookup, value, request):
        return lookup.partition("__")[0] in FILTERS

    def has_delete_permission(self, request, obj=None):
        return False

    def get_fields(self, request, obj=None):
        fields = ["note", "email", "uses_max", "expires_at"]
        return [*fields, "uses", "revoked_at", "made_by", "created_at"] if obj else fields

    def get_readonly_fields(self, request, obj=None):
        """A link that was sent goes to nobody else; what became of it stays as it was."""
        return ["email", "uses", "revoked_at", "made_by", "created_at"] if obj else []

    def save_model(self, request, invitation, form, change):
        if change:
            return super().save_model(request, invitation, form, change)
        invitation.made_by = request.user
        link = f"{absolute(reverse('account_signup'))}?{urlencode({FIELD: invitation.new_token()})}"
        super().save_model(request, invitation, form, change)
        if invitation.email:
            emails.invitation(invitation.email, link)
        told = _("The link, which is shown this once: %(link)s")
        return self.message_user(request, told % {"link": link}, messages.WARNING)

    @admin.action(description=_("Revoke the chosen invitations"), permissions=["change"])
    def revoke(self, request, queryset):
        open_ones = list(queryset.filter(revoked_at=None))
        for invitation in open_ones:
            invitation.revoke()
        count = len(open_ones)
        said = ngettext("%(count)s invitation was revoked.", "%(count)s invitations were revoked.", count)
        self.message_user(request, said % {"count": count}, messages.SUCCESS)
