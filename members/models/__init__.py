"""Who reads and who pays."""

from members.models.account import Session, User, UserManager, new_key
from members.models.invitation import Invitation
from members.models.membership import Grant, Membership, PaidThrough, granted
from members.models.note import Note
from members.models.plan import PLANS, Interval, Plan, Price
from members.models.reading import OPEN_HOUSE, Gift, Opened, OpenHouse

__all__ = [
    "OPEN_HOUSE",
    "PLANS",
    "Gift",
    "Grant",
    "Interval",
    "Invitation",
    "Membership",
    "Note",
    "OpenHouse",
    "Opened",
    "PaidThrough",
    "Plan",
    "Price",
    "Session",
    "User",
    "UserManager",
    "granted",
    "new_key",
]
