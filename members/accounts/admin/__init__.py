"""The members' pages of the desk."""

from members.accounts.admin import accounts, invitations, open_house, plans

__all__ = ["accounts", "invitations", "open_house", "plans"]
