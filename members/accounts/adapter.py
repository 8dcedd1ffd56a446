"""Where allauth asks this project."""

from allauth.account.adapter import DefaultAccountAdapter


def display_name(user):
    return user.get_short_name()


class AccountAdapter(DefaultAccountAdapter):
    pass
