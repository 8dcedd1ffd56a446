"""Who reads and who pays."""

from members.models.account import Session, User, UserManager, new_key
from members.models.invitation import Invitation
from members.models.membership import PLANS, Grant, Membership, Plan, granted
from members.models.reading import OPEN_HOUSE, Gift, Opened, OpenHouse

__all__ = [
    "OPEN_HOUSE",
    "PLANS",
    "Gift",
    "Grant",
    "Invitation",
    "Membership",
    "OpenHouse",
    "Opened",
    "Plan",
    "Session",
    "User",
    "UserManager",
    "granted",
    "new_key",
]
