"""Words that the database keeps without being able to read them: encrypted by keys that are derived from SECRET_KEY,
one a purpose, and read with SECRET_KEY_FALLBACKS as well. Whoever seizes the database alone holds paper."""

import base64
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings


class Broken(Exception):
    """What was to be opened was never sealed here, for this purpose, by a key that is still known."""


def sealed(text, purpose):
    """`text` (str) as nobody without the keys can read or change it; its length shows. purpose: a few words that name
    what is sealed, so that nothing passes for something else."""
    return _cipher(purpose, settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS).encrypt(text.encode()).decode()


def opened(told, purpose):
    """The text that `sealed` was given. Raises Broken."""
    try:
        return _cipher(purpose, settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS).decrypt(told.encode()).decode()
    except InvalidToken as error:
        raise Broken(f"This was not sealed here as {purpose}, or by a key that SECRET_KEY_FALLBACKS lacks.") from error


@lru_cache(maxsize=16)
def _cipher(purpose, *secrets):
    """The first of the secrets writes, all of them read."""
    return MultiFernet([Fernet(base64.urlsafe_b64encode(_derived(purpose, secret))) for secret in secrets])


def _derived(purpose, secret):
    return HKDF(SHA256(), length=32, salt=None, info=f"newsroom {purpose}".encode()).derive(secret.encode())
