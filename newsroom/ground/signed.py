"""Bytes that a browser keeps for us, as text that nobody else can make or change: base64 with an authentication."""

import base64
import hashlib
import hmac

AUTHENTICATION = 16


def told(content, key, person):
    """`content` (bytes) as text. key: bytes, at most 64; person: what it is for (bytes, at most 16), so that nothing
    passes for something else."""
    return _coded(content + _authentication(content, key, person))


def read(text, keys, person, most):
    """The content that `told` was given under one of these keys; None for anything else, and for what is longer than
    `most` letters."""
    if len(text) > most:
        return None
    try:
        whole = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError:
        return None
    # One writing of each is ours, so that not a letter of it can be changed.
    if _coded(whole) != text:
        return None
    content, sent = whole[:-AUTHENTICATION], whole[-AUTHENTICATION:]
    return content if any(hmac.compare_digest(sent, _authentication(content, key, person)) for key in keys) else None


def length(content):
    """How many letters `told` makes of so many bytes."""
    return (4 * (content + AUTHENTICATION) + 2) // 3


def _coded(content):
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def _authentication(content, key, person):
    return hashlib.blake2b(content, digest_size=AUTHENTICATION, key=key, person=person).digest()
