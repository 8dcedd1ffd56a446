"""Second factors: an authenticator app, passkeys, recovery codes. Where allauth's `mfa` asks this project.

What a stolen database could be signed in with, the apps' secrets and the seeds of recovery codes, lies there encrypted
by a key that is derived from SECRET_KEY (and read with SECRET_KEY_FALLBACKS as well).
"""

import base64
from functools import lru_cache

import qrcode
from allauth.account.internal.flows.login import get_authentication_records, record_authentication
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.db.models import Exists, OuterRef
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from members.models import User

# What proves more than knowing a password; recovery codes exist beside one of them only.
STRONG = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
# How an authentication by a second factor is called in a session's records.
METHOD = "mfa"
# White modules around a QR code, without which cameras do not find it (ISO/IEC 18004).
QUIET_ZONE = 4


class FactorAdapter(DefaultMFAAdapter):
    """The setting MFA_ADAPTER names it."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": _("This code does not fit, or was used already. Wait for the next one."),
        "unverified_email": _("Confirm your e-mail address first; then a second factor can be set up."),
        "cannot_generate_recovery_codes": _("Set up an app or a passkey first; recovery codes stand beside them."),
    }

    def get_totp_issuer(self):
        return settings.SITE_NAME

    def _get_site_name(self):
        return settings.SITE_NAME

    def build_totp_svg(self, url):
        return qr_code(url)

    def encrypt(self, text):
        return _cipher(settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS).encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text):
        return _cipher(settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS).decrypt(encrypted_text.encode()).decode()


@lru_cache(maxsize=4)
def _cipher(*secrets):
    """The first of the secrets writes, all of them read."""
    return MultiFernet([Fernet(base64.urlsafe_b64encode(_derived(secret.encode()))) for secret in secrets])


def _derived(secret):
    return HKDF(SHA256(), length=32, salt=None, info=b"newsroom second factors").derive(secret)


def has_strong(user):
    """Whether an account has a second factor: an app or a passkey."""
    return Authenticator.objects.filter(user=user, type__in=STRONG).exists()


def staff_without():
    """The accounts that work here and have no second factor."""
    strong = Authenticator.objects.filter(user=OuterRef("pk"), type__in=STRONG)
    return User.objects.filter(~Exists(strong), is_staff=True, banned_at=None, erased_at=None)


def was_asked(request):
    """Whether whoever is signed in by this session has shown a second factor in it."""
    return any(record.get("method") == METHOD for record in get_authentication_records(request, request.user))


def note_shown(request, authenticator):
    """Note in the session that a factor that was just set up was shown by that: nobody need show it twice."""
    record_authentication(request, request.user, METHOD, id=authenticator.pk, type=authenticator.type)


def qr_code(text):
    """A QR code of `text` as an SVG element, black on white in any light; without style attributes, which our policy
    blocks, and hidden from screen readers: the page says the secret in letters beside it."""
    drawn = qrcode.QRCode(border=QUIET_ZONE)
    drawn.add_data(text)
    rows = drawn.get_matrix()
    modules = "".join(f"M{x} {y}h1v1h-1z" for y, row in enumerate(rows) for x, dark in enumerate(row) if dark)
    return format_html(
        '<svg class="qr" viewBox="0 0 {} {}" width="240" height="240" aria-hidden="true" shape-rendering="crispEdges">'
        '<rect width="100%" height="100%" fill="#fff"/><path d="{}"/></svg>',
        len(rows),
        len(rows),
        modules,
    )
