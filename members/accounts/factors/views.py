"""allauth's pages of second factors that go another way here."""

from allauth.account.mixins import NextRedirectMixin
from allauth.account.models import Login
from allauth.mfa.base.views import AuthenticateView
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.views import ActivateTOTPView
from allauth.mfa.webauthn.internal import auth, flows
from allauth.mfa.webauthn.views import AddWebAuthnView, LoginWebAuthnView, ReauthenticateWebAuthnView
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.generic.edit import FormView

from members.accounts import signed_in
from members.accounts.factors import shown


class ShowFactorView(AuthenticateView):
    """Showing the second factor at sign-in: a code, or a passkey if the account has one."""

    def get_context_data(self, **kwargs):
        said = super().get_context_data(**kwargs)
        return {**said, "asked": said["js_data"]["request_options"]}


class AppView(ActivateTOTPView):
    """Setting up an app; who has just entered its code need not show it again at the desk."""

    def form_valid(self, form):
        response = super().form_valid(form)
        owned = Authenticator.objects.filter(user=self.request.user, type=Authenticator.Type.TOTP)
        shown.note_shown(self.request, owned.get())
        return response


class AddPasskeyView(AddWebAuthnView):
    """Adding a passkey, of the kind that lies in the device and asks for its owner's finger, face or PIN."""

    def get_context_data(self, **kwargs):
        said = super(AddWebAuthnView, self).get_context_data(**kwargs)
        return {**said, "asked": auth.begin_registration(self.request.user, passwordless=True)}

    def form_valid(self, form):
        response = super().form_valid(form)
        owned = Authenticator.objects.filter(user=self.request.user, type=Authenticator.Type.WEBAUTHN)
        shown.note_shown(self.request, owned.latest("pk"))
        return response


@method_decorator(never_cache, name="dispatch")
class PasskeyLoginView(NextRedirectMixin, LoginWebAuthnView):
    """Signing in with a passkey alone, on a page of its own: the one of allauth is made for scripts."""

    template_name = "mfa/webauthn/login.html"

    def get(self, request, *args, **kwargs):
        return FormView.get(self, request, *args, **kwargs)

    def get_context_data(self, **kwargs):
        said = super().get_context_data(**kwargs)
        return {**said, "asked": auth.begin_authentication(user=None)}

    def form_valid(self, form):
        authenticator = form.cleaned_data["credential"]
        login = Login(user=authenticator.user, redirect_url=self.get_next_url())
        return flows.perform_passwordless_login(self.request, authenticator, login)

    def form_invalid(self, form):
        signed_in.note_refused("the passkey", "")
        return FormView.form_invalid(self, form)


class ShowPasskeyView(ReauthenticateWebAuthnView):
    """Showing a passkey again; what went wrong is said on the page where it did."""

    def get_context_data(self, **kwargs):
        said = super(ReauthenticateWebAuthnView, self).get_context_data(**kwargs)
        return {**said, "asked": auth.begin_authentication(self.request.user)}

    def form_invalid(self, form):
        return FormView.form_invalid(self, form)


VIEWS = {
    "mfa_authenticate": ShowFactorView.as_view(),
    "mfa_activate_totp": AppView.as_view(),
    "mfa_add_webauthn": AddPasskeyView.as_view(),
    "mfa_login_webauthn": PasskeyLoginView.as_view(),
    "mfa_reauthenticate_webauthn": ShowPasskeyView.as_view(),
}
