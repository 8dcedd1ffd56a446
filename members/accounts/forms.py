"""allauth's forms in our own dress: labels above the fields, so no placeholders that repeat them."""

from allauth.account import forms
from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from members.accounts import links
from members.models import User, new_key

LABELS = {
    "login": _("E-mail address"),
    "email": _("E-mail address"),
    "password": _("Password"),
    "oldpassword": _("Your password now"),
    "code": _("Code"),
}
NEW_PASSWORD = _("New password")
NEW_PASSWORD_AGAIN = _("New password, again")


class Plain:
    """What the forms below share: our labels, no placeholders, no help that the page itself gives."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.label = LABELS.get(name, field.label)
            field.widget.attrs.pop("placeholder", None)
            if name in {"password", "oldpassword"}:
                field.help_text = ""


class LoginForm(Plain, forms.LoginForm):
    pass


class SignupForm(Plain, forms.SignupForm):
    password_hash = ""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["password1"].label = LABELS["password"]

    def clean(self):
        """Hashes the password here: outside the transaction that saves the account, since it is slow, and for an
        address that has an account too, so that the time taken does not tell that it has one."""
        cleaned = super().clean()
        if not self.errors:
            self.password_hash = make_password(cleaned["password1"])
        return cleaned

    def try_save(self, request):
        if self.account_already_exists:
            self._write_as_much()
        return super().try_save(request)

    def _write_as_much(self):
        """Write an account as for a new address, and take it back: the time that it takes is the same."""
        nobody = f"{new_key().lower()}@invalid"
        with transaction.atomic():
            user = User.objects.create(email=nobody, password=self.password_hash)
            EmailAddress.objects.create(user=user, email=nobody)
            transaction.set_rollback(True)


class AskCodeForm(Plain, forms.RequestLoginCodeForm):
    pass


class EnterCodeForm(Plain, forms.ConfirmLoginCodeForm):
    pass


class ConfirmEmailForm(Plain, forms.ConfirmEmailVerificationCodeForm):
    pass


class AddEmailForm(Plain, forms.AddEmailForm):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["email"].label = _("New e-mail address")


class ResetPasswordForm(Plain, forms.ResetPasswordForm):
    pass


class ReauthenticateForm(Plain, forms.ReauthenticateForm):
    pass


class NewPassword(Plain):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["password1"].label = NEW_PASSWORD
        self.fields["password2"].label = NEW_PASSWORD_AGAIN


class ChangePasswordForm(NewPassword, forms.ChangePasswordForm):
    pass


class SetPasswordForm(NewPassword, forms.SetPasswordForm):
    pass


class TokenForm(forms.UserTokenForm):
    """What a link for a new password brings: the name of the account, and allauth's token."""

    def _get_user(self, uidb36):
        return links.account_of(uidb36)


class ResetPasswordKeyForm(NewPassword, forms.ResetPasswordKeyForm):
    pass
