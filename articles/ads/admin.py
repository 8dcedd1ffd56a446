"""Advertisements in the desk."""

from django.contrib import admin

from articles.ads.models import Advertiser, Campaign, Creative, Sellers


@admin.register(Advertiser, Campaign, Creative, Sellers)
class PlainAdmin(admin.ModelAdmin):
    pass
