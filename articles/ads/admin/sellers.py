"""/ads.txt in the desk: one text, on one page."""

from django.contrib import admin
from django.http import HttpResponseRedirect
from django.urls import reverse

from articles.ads.models import Sellers


@admin.register(Sellers)
class SellersAdmin(admin.ModelAdmin):
    fields = ["text"]

    def changelist_view(self, request, extra_context=None):
        """There is one: its page in place of a list."""
        if not self.has_view_permission(request):
            return super().changelist_view(request, extra_context)
        row, _made = Sellers.objects.get_or_create(pk=1)
        return HttpResponseRedirect(reverse("admin:ads_sellers_change", args=[row.pk]))

    def has_add_permission(self, request):
        return False

    def has_delete_permission(self, request, obj=None):
        return False
