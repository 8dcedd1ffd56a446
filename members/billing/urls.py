"""Addresses of payments: plain views, which accounts frames with the reader's corner; those of machines stand outside
of the languages."""

from django.urls import path

from members.billing.pages import join

urlpatterns = [
    path("join/", join.join, name="join"),
]

machine_urlpatterns = []
