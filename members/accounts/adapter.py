"""Where allauth asks this project."""

from urllib.parse import urlencode

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import record_authentication
from allauth.account.internal.flows.reauthentication import get_reauthentication_flows
from allauth.account.utils import get_next_redirect_url
from allauth.core.exceptions import ReauthenticationRequired
from django.conf import settings
from django.contrib import messages
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from members import emails, meter
from members.accounts import first_proof, links, registration, signed_in, trails
from members.billing import customers
from newsroom.ground import client
from newsroom.ground.site import here

# What the page that follows says by itself.
UNSAID = {
    "account/messages/logged_in.txt",
    "account/messages/logged_out.txt",
    "account/messages/email_confirmation_sent.txt",
}

WORDS = {
    "email_password_mismatch": _("This address and this password do not go together."),
    "enter_current_password": _("This is not your password."),
    "incorrect_password": _("This is not your password."),
    "incorrect_code": _("This is not the code that we sent."),
    "email_taken": _("This address belongs to another account."),
    "duplicate_email": _("This is your address already."),
    "too_many_login_attempts": _("This was tried too often. Wait a few minutes, then try again."),
    "rate_limited": _("This was tried too often. Wait a moment, then try again."),
}
VOIDED = _(
    "Your address is confirmed now. The password that was chosen before no longer works: it could have been somebody"
    " else's."
)


def display_name(user):
    return user.get_short_name()


class AccountAdapter(DefaultAccountAdapter):
    error_messages = {**DefaultAccountAdapter.error_messages, **WORDS}

    def send_mail(self, template_prefix, email, context):
        emails.account(template_prefix, email, {**context, "registration_open": registration.is_open_to_everybody()})

    def send_account_already_exists_mail(self, email):
        """To who signs up with an address that has an account. Where it was never confirmed, its password may be one
        that was typed another time, or by somebody else: a code by mail is the way that works."""
        said = {
            "confirmed": first_proof.is_confirmed(email),
            "password_reset_url": here(self.request, reverse("account_reset_password")),
            "code_url": here(self.request, reverse("account_request_login_code")),
        }
        self.send_mail("account/email/account_already_exists", email, said)

    def send_notification_mail(self, template_prefix, user, context=None, email=None):
        """Without the client's address, which allauth would tell: we keep none, and neither should mailboxes."""
        emails.notice(template_prefix, user, {"browser": signed_in.browser_of(self.request), **(context or {})}, email)

    def confirm_email(self, request, email_address):
        """An address that is proven is told to Stripe too, where the account pays there."""
        is_confirmed = super().confirm_email(request, email_address)
        if is_confirmed:
            customers.address_changed(email_address.user_id)
        return is_confirmed

    def set_password(self, user, password):
        """A new password ends all other sessions: Django no longer answers them, but their rows would be listed. It
        alone is written: what the desk decided of the account since the request began must stand."""
        user.set_password(password)
        user.save(update_fields=["password"])
        signed_in.end_others(user, self.request.session.session_key)

    def login(self, request, user):
        super().login(request, user)
        signed_in.begin(request)
        meter.merge(request, user)

    def post_login(self, request, user, *, signup, **kwargs):
        response = super().post_login(request, user, signup=signup, **kwargs)
        signed_in.recognise(request, response, user, is_new=signup)
        signed_in.note(request, user)
        return self._offer_password(request, response) if first_proof.voided_password(request, user) else response

    def _offer_password(self, request, response):
        """On to the page that says what became of the password, and from there to where the reader was going."""
        messages.warning(request, VOIDED)
        return redirect(f"{reverse('account_set_password')}?{urlencode({'next': response.url})}")

    def is_reauthentication_required(self, *, app, **kwargs):
        is_asked = super().is_reauthentication_required(app=app, **kwargs) and not signed_in.is_fresh(self.request)
        if is_asked and not get_reauthentication_flows(self.request.user):
            # Who has nothing to prove it by would count as proven.
            raise ReauthenticationRequired
        return is_asked

    def get_reauthentication_methods(self, user):
        """Those of allauth; who has neither password nor second factor signs in anew."""
        anew = [{"id": "sign_in_anew", "description": "", "url": reverse("sign_in_anew")}]
        return super().get_reauthentication_methods(user) or (anew if user.is_authenticated else [])

    def authentication_failed(self, request, **credentials):
        signed_in.note_refused("the password", credentials.get("email") or "")

    def is_open_for_signup(self, request):
        return registration.is_open(registration.token_of(request), timezone.now())

    def save_user(self, request, user, form, commit=True):
        """The account of a sign-up form, which holds the password hashed already."""
        user.email = form.cleaned_data["email"]
        user.password = form.password_hash
        user.language = get_language()
        if commit:
            user.save()
            record_authentication(request, user, first_proof.BY_PASSWORD)
            trails.count_sign_up(request)
        return user

    def is_safe_url(self, url):
        """Whether a reader may be sent to `url` (say, the value of `next`): a path, or an address of our own hosts."""
        return url_has_allowed_host_and_scheme(url, set(settings.SITE_HOSTS), require_https=self.request.is_secure())

    def get_client_ip(self, request):
        """The address that allauth's own limits count by."""
        return client.address(request)

    def pre_authenticate(self, request, **credentials):
        """allauth would refuse an account after some wrong passwords, and so lock out its owner. Our guard counts them
        (members.accounts.guards)."""

    def is_ajax(self, request):
        """Never: every form is a page, and no second way of answering is left open."""
        return False

    def add_message(self, request, level, message_template=None, *args, **kwargs):
        """Pass on failures, and successes to whoever manages an account. A reader who is on the way in goes on to a
        story, which shows no messages: there they would wait and be read much later."""
        if message_template in UNSAID or (level < messages.WARNING and not request.user.is_authenticated):
            return
        super().add_message(request, level, message_template, *args, **kwargs)

    def respond_email_verification_sent(self, request, user):
        """On to the page for the code; it knows where the reader was going, should the address have to be mended."""
        return redirect(self._going_on(reverse("account_email_verification_sent")))

    def get_email_verification_redirect_url(self, email_address):
        return reverse("account" if self.request.user.is_authenticated else "account_login")

    def get_password_change_redirect_url(self, request):
        return reverse("account")

    def send_password_reset_mail(self, user, email, context):
        """With an address that names the account by its key: allauth's would tell its number."""
        path = reverse("account_reset_password_from_key", args=[links.name_of(user), context["key"]])
        said = {**context, "password_reset_url": self._going_on(here(self.request, path))}
        super().send_password_reset_mail(user, email, said)

    def _going_on(self, url):
        """`url` with the page that the reader was going to, if there is one and it is ours."""
        going = get_next_redirect_url(self.request)
        return f"{url}?{urlencode({'next': going})}" if going else url
