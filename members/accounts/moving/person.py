"""What a row of a file says of somebody, whatever the format."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Given:
    """A membership that comes along: complimentary, or paid another way than by Stripe (`through` says how).

    plan: the name or short name of one of ours, which must be there; tier: what it was called elsewhere, which counts
    where a plan of ours is called so. Both blank: the plan that whoever imports has chosen. starts: None: now.
    """

    reason: str
    plan: str = ""
    tier: str = ""
    starts: datetime | None = None
    ends: datetime | None = None
    through: str = ""
    amount: int | None = None
    currency: str = ""


@dataclass(frozen=True, slots=True)
class Person:
    """key: the account's, which our own table alone has. customer: an id at Stripe. remark: what whoever imports must
    know beside; left_out: why nothing is taken over, "" where it is."""

    email: str
    key: str = ""
    name: str = ""
    language: str = ""
    joined: datetime | None = None
    note: str = ""
    given: Given | None = None
    customer: str = ""
    remark: str = ""
    left_out: str = ""
