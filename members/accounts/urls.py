"""Addresses of accounts: our own pages, and allauth's under accounts/."""

from allauth.account.urls import urlpatterns as allauth_patterns
from allauth.mfa.urls import urlpatterns as factor_patterns
from django.urls import URLPattern, URLResolver, include, path

from members.accounts import factor_views, outbox, views
from members.accounts.corner import with_corner

# Views of ours that stand in for allauth's of the same name.
OURS = {"account_signup": views.signup, "account_reset_password": views.password_reset, **factor_views.VIEWS}


def framed(pattern):
    """An address of allauth's, or a branch of them: pages with the reader's corner in the masthead."""
    if isinstance(pattern, URLResolver):
        branch = [framed(one) for one in pattern.url_patterns]
        return URLResolver(pattern.pattern, branch, pattern.default_kwargs, pattern.app_name, pattern.namespace)
    view = with_corner(OURS.get(pattern.name, pattern.callback))
    return URLPattern(pattern.pattern, view, pattern.default_args, pattern.name)


urlpatterns = [
    path("account/", views.account, name="account"),
    path("join/", views.join, name="join"),
    path("accounts/2fa/", include([framed(pattern) for pattern in factor_patterns])),
    path("accounts/", include([framed(pattern) for pattern in allauth_patterns])),
]

machine_urlpatterns = [path("outbox/", outbox.show, name="outbox")]
