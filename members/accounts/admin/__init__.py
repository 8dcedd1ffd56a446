"""The members' pages of the desk."""

from members.accounts.admin import (
    accounts,
    grants,
    invitations,
    memberships,
    offers,
    open_house,
    payments,
    plans,
    revenue,
)

__all__ = ["accounts", "grants", "invitations", "memberships", "offers", "open_house", "payments", "plans", "revenue"]
