from django.urls import path

from tests.benchmarks.plain import views

urlpatterns = [path("<slug:slug>/", views.article)]
