"""How a link for a new password names its account: by the account's random key, never by its number.

allauth's address takes letters and digits there, which the key is not made of alone; so it stands in hexadecimal.
"""

from members.models import User


def name_of(user):
    return user.key.encode().hex()


def account_of(name):
    """The account that a link names; None for whatever names none."""
    try:
        key = bytes.fromhex(name).decode("ascii")
    except ValueError:
        return None
    # No database looks for the letter NUL.
    return User.objects.filter(key=key).first() if key.isprintable() else None
