"""allauth's forms of second factors in our own dress."""

from allauth.mfa.base import forms as base
from allauth.mfa.models import Authenticator
from allauth.mfa.totp import forms as totp
from allauth.mfa.webauthn import forms as webauthn
from django.conf import settings
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from members.accounts import signed_in
from members.accounts.factors.adapter import FactorAdapter
from members.accounts.forms import Plain

# Seconds for which an app's code can be right: its own time step and those beside it that are accepted too.
CODE_HOLDS = 30 * (2 * settings.MFA_TOTP_TOLERANCE + 1)
NAME_MAX = 60


class Coded(Plain):
    """A field for a code, with digits first on a phone's keyboard."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["code"].label = _("Code")
        self.fields["code"].widget.attrs |= {"inputmode": "numeric", "maxlength": 20}


class Once(Coded):
    """An app's code is good for one use as long as it holds; allauth itself looks at one time step alone."""

    def clean_code(self):
        try:
            code = super().clean_code()
        except ValidationError:
            signed_in.note_refused("the second factor", self.user.email)
            raise
        digits = "".join(filter(str.isdigit, code))
        used = f"app-code:{self.user.pk}:{digits}"
        if self.authenticator.type == Authenticator.Type.TOTP and not cache.add(used, 1, timeout=CODE_HOLDS):
            raise FactorAdapter().validation_error("incorrect_code")
        return code


class AuthenticateForm(Once, base.AuthenticateForm):
    pass


class ReauthenticateForm(Once, base.ReauthenticateForm):
    pass


class ActivateForm(Coded, totp.ActivateTOTPForm):
    pass


class Named(Plain):
    """What a passkey is called by its owner."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["name"].label = _("Name of the passkey")
        self.fields["name"].max_length = NAME_MAX
        self.fields["name"].widget.attrs["maxlength"] = NAME_MAX
        self.fields["name"].help_text = _("So that you can tell it from others: “my phone”.")


class AddPasskeyForm(Named, webauthn.AddWebAuthnForm):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        # Ours are all of the kind that signs in by itself: the page asks the browser for no other.
        self.fields.pop("passwordless", None)

    def clean_name(self):
        return super().clean_name()[:NAME_MAX]


class EditPasskeyForm(Named, webauthn.EditWebAuthnForm):
    def clean_name(self):
        return self.cleaned_data["name"][:NAME_MAX]
