"""The pages of an account that allauth does not bring, and those of its own that go another way here."""

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.signup import send_unknown_account_mail
from allauth.account.internal.stagekit import clear_login
from allauth.account.stages import EmailVerificationStage
from allauth.account.views import (
    ConfirmEmailVerificationCodeView,
    ConfirmLoginCodeView,
    LoginView,
    PasswordResetFromKeyView,
    PasswordResetView,
    RequestLoginCodeView,
    SignupView,
)
from django.contrib.auth.decorators import login_required
from django.db import IntegrityError, transaction
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from members.accounts import first_proof, registration, signed_in
from members.accounts.corner import with_corner
from members.accounts.factors.shown import has_strong
from members.accounts.mail_cap import too_many_requests
from members.billing.belonging import membership
from members.billing.pages import membership as own_membership
from members.reader import Reader


@login_required
@require_safe
@with_corner
def account(request):
    """Who the reader is here, what that gives, and the ways to change it."""
    reader = Reader.of(request)
    said = {
        "account": reader.user,
        "desk": reader.desk,
        "membership": membership(reader),
        "own": own_membership.of(reader),
        "factor": has_strong(reader.user),
    }
    return TemplateResponse(request, "members/account.html", said)


class OneStepSignupView(SignupView):
    """allauth's sign-up, with the account, its mail and the use of an invitation saved together or not at all."""

    def form_valid(self, form):
        try:
            return self._saved(form)
        except IntegrityError:
            # Somebody took the address between the form's look and the row: answer as for any taken address.
            form.account_already_exists = True
            return self._saved(form)

    def _saved(self, form):
        with transaction.atomic():
            if not registration.take(registration.token_of(self.request), timezone.now()):
                return self.closed()
            return super().form_valid(form)

    def closed(self):
        """The page for whom no account is opened says why: nobody's is, or only by invitation, or this one is over."""
        said = {
            "by_invitation": registration.is_by_invitation(),
            "came_with_one": bool(registration.token_of(self.request)),
        }
        return TemplateResponse(self.request, self.template_name_signup_closed, said)

    def get_context_data(self, **kwargs):
        said = super().get_context_data(**kwargs)
        token = registration.token_of(self.request) if registration.is_by_invitation() else ""
        return {**said, "invitation": token, "invitation_field": registration.FIELD}


class Capped:
    """A page whose form allauth refuses once an address has had enough mail: the answer is a page that says what is
    open, in place of a word beside a field."""

    def form_invalid(self, form):
        errors = [error for of_field in form.errors.as_data().values() for error in of_field]
        if any(error.code == "too_many_login_attempts" for error in errors):
            return too_many_requests(self.request)
        return super().form_invalid(form)


class CappedLoginView(Capped, LoginView):
    """allauth's sign-in. It sends mail where the address was never confirmed, and offers an account only where one can
    be had."""

    def get_context_data(self, **kwargs):
        opened = registration.is_open_to_everybody()
        said = {"registration_open": opened, "by_invitation": registration.is_by_invitation()}
        return {**super().get_context_data(**kwargs), **said}


class CappedAskCodeView(Capped, RequestLoginCodeView):
    """allauth's request for a code that signs in. Open to who has just signed up too: where the address has an account
    that was never confirmed, this is the way in."""

    def _redirect_to_pending_stage(self, request, stage):
        if stage.key == EmailVerificationStage.key:
            return None
        return super()._redirect_to_pending_stage(request, stage)

    def form_valid(self, form):
        # A code proves the mailbox, and nothing of a password that somebody chose in this browser before.
        clear_login(self.request)
        return super().form_valid(form)


class ToldPasswordResetView(PasswordResetView):
    """allauth's request for a new password. It says that a mail was sent before the reader goes anywhere else; the link
    in the mail leads on to where the reader was going."""

    def get_success_url(self):
        return reverse("account_reset_password_done")


class ProvingResetView(PasswordResetFromKeyView):
    """allauth's page for a new password. Who has followed the link has proven the address: no code is asked for."""

    def form_valid(self, form):
        first_proof.by_mail(self.request, self.reset_user)
        return super().form_valid(form)


class ResendingCodeView(ConfirmEmailVerificationCodeView):
    """allauth's page for the code of a new address. Where there is none since the address has an account, it sends
    nothing again; here the mail that says so is sent again, so that neither the time taken nor the mailbox tells."""

    def _resend_form_valid(self, form):
        response = super()._resend_form_valid(form)
        if self._process.user is None and getattr(self._process, "did_send", False):
            get_adapter().send_account_already_exists_mail(self._process.email)
        return response


class ResendingLoginCodeView(ConfirmLoginCodeView):
    """allauth's page for the code that signs in; as above, for an address that has no account. The code proves the
    address too."""

    def _verify_form_valid(self, form):
        first_proof.by_mail(self.request, self._process.user)
        return super()._verify_form_valid(form)

    def _resend_form_valid(self, form):
        response = super()._resend_form_valid(form)
        if self._process.user is None:
            send_unknown_account_mail(self.request, self._process.state["email"])
        return response

    def form_invalid(self, form):
        signed_in.note_refused("the code by mail", self._process.state["email"])
        return super().form_invalid(form)


ask_code = CappedAskCodeView.as_view()
login = CappedLoginView.as_view()
signup = OneStepSignupView.as_view()
confirm_address = ResendingCodeView.as_view()
confirm_login = ResendingLoginCodeView.as_view()
password_reset_from_key = ProvingResetView.as_view()
password_reset = ToldPasswordResetView.as_view()
