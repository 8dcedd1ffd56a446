"""Second factors: an authenticator app, passkeys, recovery codes. Where allauth's `mfa` asks this project.

What a stolen database could be signed in with, the apps' secrets and the seeds of recovery codes, lies there sealed.
"""

import qrcode
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from members.accounts.browsers import name_of
from newsroom.ground import seal

# What the seal is told that it is for.
PURPOSE = "second factors"

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

    def generate_authenticator_name(self, user, type):
        """What a new passkey is called unless its owner says otherwise: the browser that it was made in."""
        return name_of(context.request.headers.get("user-agent", "")) or gettext("Passkey")

    def build_totp_svg(self, url):
        return qr_code(url)

    def encrypt(self, text):
        return seal.sealed(text, PURPOSE)

    def decrypt(self, encrypted_text):
        return seal.opened(encrypted_text, PURPOSE)


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
