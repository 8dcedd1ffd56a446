"""Addresses of accounts: our own pages, and allauth's under accounts/."""

from allauth.account.urls import urlpatterns as allauth_patterns
from django.urls import URLPattern, include, path

from members.accounts import outbox, views
from members.accounts.corner import with_corner

# Views of ours that stand in for allauth's of the same name.
OURS = {"account_signup": views.signup, "account_reset_password": views.password_reset}


def framed(pattern):
    """An address of allauth's, its page with the reader's corner in the masthead."""
    view = with_corner(OURS.get(pattern.name, pattern.callback))
    return URLPattern(pattern.pattern, view, pattern.default_args, pattern.name)


urlpatterns = [
    path("account/", views.account, name="account"),
    path("join/", views.join, name="join"),
    path("accounts/", include([framed(pattern) for pattern in allauth_patterns])),
]

machine_urlpatterns = [path("outbox/", outbox.show, name="outbox")]
