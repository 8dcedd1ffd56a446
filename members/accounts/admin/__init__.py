"""The members' pages of the desk."""

from members.accounts.admin import (
    accounts,
    drives,
    grants,
    invitations,
    memberships,
    offers,
    open_house,
    payments,
    plans,
    revenue,
)

__all__ = [
    "accounts", "drives", "grants", "invitations", "memberships", "offers", "open_house", "payments", "plans",
    "revenue",
]  # fmt: skip
