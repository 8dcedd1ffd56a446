"""Advertisers, and the links by which they read their own numbers."""

from django.contrib import admin, messages
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from articles.ads.models import Advertiser
from newsroom.ground.site import absolute


@admin.register(Advertiser)
class AdvertiserAdmin(admin.ModelAdmin):
    list_display = ["name", "email", "exclusion_group", "has_link"]
    search_fields = ["name", "email"]
    fields = ["name", "email", "exclusion_group", "has_link"]
    readonly_fields = ["has_link"]
    actions = ["make_links", "withdraw_links"]

    @admin.display(description=_("link to its numbers"), boolean=True)
    def has_link(self, advertiser):
        return bool(advertiser.token_digest)

    @admin.action(description=_("Make a new link to the numbers"), permissions=["change"])
    def make_links(self, request, advertisers):
        """Shown once: only its digest is kept. The link of before opens nothing any more."""
        for advertiser in advertisers:
            address = absolute(reverse("advertiser", args=[advertiser.make_token()]))
            self.log_change(request, advertiser, [{"changed": {"fields": [str(_("link to its numbers"))]}}])
            said = _("%(name)s reads its numbers at %(address)s. Copy it now: it is not shown again.")
            self.message_user(request, said % {"name": advertiser, "address": address}, messages.SUCCESS)

    @admin.action(description=_("Withdraw the link to the numbers"), permissions=["change"])
    def withdraw_links(self, request, advertisers):
        for advertiser in advertisers.exclude(token_digest=""):
            advertiser.withdraw_token()
            self.log_change(request, advertiser, [{"changed": {"fields": [str(_("link to its numbers"))]}}])
            self.message_user(request, _("The link of %(name)s opens nothing any more.") % {"name": advertiser})
