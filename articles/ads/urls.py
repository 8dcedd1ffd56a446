from django.urls import path, register_converter
from django.urls.converters import IntConverter

from articles.ads import outside, views


class RowNumber(IntConverter):
    """A number that a row can have; databases know no greater ones."""

    regex = "[0-9]{1,18}"


register_converter(RowNumber, "row")

machine_urlpatterns = [
    path("go/<row:pk>/", views.go, name="go"),
    path("creative/outside/<slug:kind>/", outside.frame, name="outside"),
    path("advertising/", outside.choice, name="advertising"),
    path("creative/<row:pk>/", views.creative, name="creative"),
    path("ads.txt", views.sellers, name="ads-txt"),
]
