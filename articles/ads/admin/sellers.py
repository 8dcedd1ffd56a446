"""/ads.txt in the desk: one text, on one page."""

from django.contrib import admin
from django.http import HttpResponseRedirect
from django.urls import reverse

from articles.ads.models import Sellers

# The number of the one row.
ONE = 1


@admin.register(Sellers)
class SellersAdmin(admin.ModelAdmin):
    fields = ["text"]

    def changelist_view(self, request, extra_context=None):
        """There is one at most: its page in place of a list, or that on which it is written for the first time."""
        if self.has_view_permission(request) and Sellers.objects.exists():
            return HttpResponseRedirect(reverse("admin:ads_sellers_change", args=[ONE]))
        if self.has_add_permission(request):
            return HttpResponseRedirect(reverse("admin:ads_sellers_add"))
        return super().changelist_view(request, extra_context)

    def save_model(self, request, obj, form, change):
        # Of two who write the first at once, the later one's stands.
        obj.pk = ONE
        super().save_model(request, obj, form, change)

    def add_view(self, request, form_url="", extra_context=None):
        if Sellers.objects.exists():
            return HttpResponseRedirect(reverse("admin:ads_sellers_change", args=[ONE]))
        return super().add_view(request, form_url, extra_context)

    def has_delete_permission(self, request, obj=None):
        return False
