"""The proof of who has neither password nor second factor: to sign in anew, by a code that is sent to the address."""

from urllib.parse import urlencode

from allauth.account.decorators import reauthentication_required
from allauth.account.utils import get_next_redirect_url
from allauth.account.views import PasswordSetView
from django.contrib.auth.decorators import login_required
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from members.accounts.corner import with_corner


class FirstPasswordView(PasswordSetView):
    """allauth's page for a first password, with the way past it: to an address of ours or to none."""

    def get_context_data(self, **kwargs):
        return {**super().get_context_data(**kwargs), "going": get_next_redirect_url(self.request)}


# Without a proof who found an open browser could choose a password, and prove all by it.
set_password = reauthentication_required(app="allauth.account")(FirstPasswordView.as_view())


@login_required
@require_safe
@with_corner
def sign_in_anew(request):
    """Says why, and leads out and back in by a code to where the reader was going."""
    going = get_next_redirect_url(request) or reverse("account")
    code_page = f"{reverse('account_request_login_code')}?{urlencode({'next': going})}"
    return TemplateResponse(request, "members/sign_in_anew.html", {"code_page": code_page})
