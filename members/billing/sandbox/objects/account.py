"""The account whose key is used: there is one, whatever the key."""

from members.billing.sandbox.core import schema

ID = "acct_1NewsroomSandbox"


def fetch(books, given):
    return schema.blank(
        "account",
        id=ID,
        business_profile={"name": "Newsroom sandbox", "url": None},
        charges_enabled=True,
        country="GE",
        default_currency="eur",
        details_submitted=True,
        email="sandbox@example.com",
        payouts_enabled=False,
        settings={"dashboard": {"display_name": "Newsroom sandbox", "timezone": "Etc/UTC"}},
        type="standard",
    )
