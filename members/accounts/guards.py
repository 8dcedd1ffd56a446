"""How often what may be tried at an account's pages before who tries it is challenged (`newsroom.ground.challenge`).

Nobody is shut out. Of one network: a school signs in from one address. Of one account: who fails for somebody else on
purpose slows its owner by a second of puzzle, or a wait; and a new password or a code by mail, counted by themselves,
stay open to the owner whatever is done to the sign-in. What holds against guessing in earnest is beside it: the rules
for passwords, the second factor, and that a code by mail dies after three wrong tries and an app's after five in five
minutes.
"""

from datetime import timedelta

from newsroom.ground.challenge import guarded
from newsroom.ground.limits import Rule, by_prefix

TEN_MINUTES = timedelta(minutes=10)
# Where allauth keeps who has shown a password and not yet the rest.
HALF_WAY = "account_login"
# And an address that was typed and is to be proven.
NEW_ADDRESS = "account_email_verification_code"


def by_address(request):
    """The e-mail address that was typed, whether it has an account or not: the limits do not tell."""
    typed = request.POST.get("login") or request.POST.get("email") or ""
    return typed.strip().lower() or None


def by_account(request):
    """The account that is signed in, or half-way so; None for a stranger. Half-way by the address that was typed, where
    one was, whether it has an account or not."""
    if request.user.is_authenticated:
        return str(request.user.pk)
    half_way = request.session.get(HALF_WAY) or {}
    typed = (request.session.get(NEW_ADDRESS) or half_way).get("email")
    name = typed.lower() if typed else half_way.get("user_pk")
    return f"half-way {name}" if name else None


SIGN_IN = (Rule("sign-in", 30, TEN_MINUTES, by_prefix), Rule("sign-in to", 10, TEN_MINUTES, by_address))
SIGN_UP = (Rule("sign-up", 20, TEN_MINUTES, by_prefix), Rule("sign-up of", 5, TEN_MINUTES, by_address))
MAIL = (Rule("mail", 20, TEN_MINUTES, by_prefix), Rule("mail to", 5, TEN_MINUTES, by_address))
CODE = (Rule("code", 40, TEN_MINUTES, by_prefix), Rule("code of", 15, TEN_MINUTES, by_account))
ACCOUNT = (Rule("account from", 60, TEN_MINUTES, by_prefix), Rule("account", 15, TEN_MINUTES, by_account))

# By the name of the address. All others change nothing that could be guessed or flooded.
RULES = {
    "account_login": SIGN_IN,
    "mfa_login_webauthn": SIGN_IN,
    "account_signup": SIGN_UP,
    "account_reset_password": MAIL,
    "account_request_login_code": MAIL,
    "account_reset_password_from_key": CODE,
    "account_email_verification_sent": CODE,
    "account_confirm_login_code": CODE,
    "mfa_authenticate": CODE,
    "account_reauthenticate": ACCOUNT,
    "mfa_reauthenticate": ACCOUNT,
    "mfa_reauthenticate_webauthn": ACCOUNT,
    "mfa_activate_totp": ACCOUNT,
    "account_change_password": ACCOUNT,
    "account_set_password": ACCOUNT,
    "account_email": ACCOUNT,
}


def guard(name, view):
    """The view of the address of a name, under its rules if it has any."""
    return guarded(RULES[name], view) if name in RULES else view
