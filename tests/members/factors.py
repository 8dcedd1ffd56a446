"""What tests do with second factors: an app's codes, and an account that has one."""

import base64
import hashlib
import hmac
import struct
import time

from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from django.utils import timezone

from members.sessions import STARTED

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def code(secret=SECRET, steps=0):
    """What an app shows (RFC 6238), `steps` times 30 seconds from now."""
    counter = struct.pack(">Q", int(time.time()) // 30 + steps)
    digest = hmac.new(base64.b32decode(secret), counter, hashlib.sha1).digest()
    place = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[place : place + 4])[0] & 0x7FFFFFFF) % 1_000_000:06}"


def give_app(user):
    """An account gets an app and recovery codes, which are returned."""
    TOTP.activate(user, SECRET)
    return RecoveryCodes.activate(user).generate_codes()


def just_signed_in(browser):
    """A browser of somebody who has signed in at this moment, which counts as proof."""
    session = browser.session
    session[STARTED] = timezone.now().isoformat()
    session.save()
    return browser
