from django.urls import path, register_converter
from django.urls.converters import IntConverter, StringConverter

from articles.ads import numbers, outside, views


class RowNumber(IntConverter):
    """A number that a row can have; databases know no greater ones."""

    regex = "[0-9]{1,18}"


class Token(StringConverter):
    """What `Advertiser.make_token` makes."""

    regex = "[A-Za-z0-9_-]{32}"


register_converter(RowNumber, "row")
register_converter(Token, "token")

machine_urlpatterns = [
    path("go/<row:pk>/", views.go, name="go"),
    path("creative/outside/<slug:kind>/", outside.frame, name="outside"),
    path("advertising/", outside.choice, name="advertising"),
    path("creative/<row:pk>/", views.creative, name="creative"),
    path("ads.txt", views.sellers, name="ads-txt"),
    path("advertisers/<token:token>/", numbers.page, name="advertiser"),
    path("advertisers/<token:token>/csv/", numbers.as_csv, name="advertiser-csv"),
]
