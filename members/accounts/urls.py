"""Addresses of accounts: our own pages, and allauth's under accounts/."""

from allauth.account.urls import urlpatterns as allauth_patterns
from allauth.mfa.urls import urlpatterns as factor_patterns
from django.urls import URLPattern, URLResolver, include, path, re_path

from members.accounts import outbox, views
from members.accounts.corner import with_corner
from members.accounts.factors import views as factors
from members.accounts.guards import guard
from members.accounts.pages import anew, data, drives, gifts, mail, sessions
from members.accounts.signed_in import renewing
from members.billing import urls as billing

# Views of ours that stand in for allauth's of the same name.
OURS = {
    "account_login": views.login,
    "account_signup": views.signup,
    "account_request_login_code": views.ask_code,
    "account_reset_password": views.password_reset,
    "account_reset_password_from_key": views.password_reset_from_key,
    "account_set_password": anew.set_password,
    "account_email_verification_sent": views.confirm_address,
    "account_confirm_login_code": views.confirm_login,
    **factors.VIEWS,
}
# Where who is signed in proves that anew, or by more.
PROOFS = {
    "account_reauthenticate",
    "mfa_reauthenticate",
    "mfa_reauthenticate_webauthn",
    "mfa_activate_totp",
    "mfa_add_webauthn",
}


def framed(pattern):
    """An address of allauth's, or a branch of them: pages with the reader's corner in the masthead, under the
    limits of their name."""
    if isinstance(pattern, URLResolver):
        branch = [framed(one) for one in pattern.url_patterns]
        return URLResolver(pattern.pattern, branch, pattern.default_kwargs, pattern.app_name, pattern.namespace)
    view = guard(pattern.name, OURS.get(pattern.name, pattern.callback))
    view = with_corner(renewing(view) if pattern.name in PROOFS else view)
    return URLPattern(pattern.pattern, view, pattern.default_args, pattern.name)


urlpatterns = [
    path("account/", views.account, name="account"),
    path("account/anew/", anew.sign_in_anew, name="sign_in_anew"),
    path("account/data/", data.data, name="account_data"),
    path("account/delete/", data.delete, name="account_delete"),
    path("account/deleted/", data.deleted, name="account_deleted"),
    path("account/sessions/", sessions.sessions, name="sessions"),
    path("account/gifts/", gifts.show, name="gifts"),
    path("account/mail/", mail.preferences, name="mail_preferences"),
    path("account/mail/off/<str:token>/", mail.off, name="mail_off"),
    re_path(r"^drives/(?P<slug>[-\w]+)/$", drives.show, name="drive"),
    re_path(r"^drives/(?P<slug>[-\w]+)/remind/$", drives.remind, name="drive_remind"),
    path("reminders/<str:token>/", drives.confirm, name="drive_confirm"),
    path("reminders/<str:token>/off/", drives.off, name="drive_off"),
    *[framed(pattern) for pattern in billing.urlpatterns],
    path("accounts/2fa/", include([framed(pattern) for pattern in factor_patterns])),
    path("accounts/", include([framed(pattern) for pattern in allauth_patterns])),
]

machine_urlpatterns = [path("outbox/", outbox.show, name="outbox")]
