"""The mails about a membership: what each is told. `members.emails` sends them."""

from members import emails


def write(kind, membership, customer):
    """Write one mail (a kind of `letters`) about a membership, in the transaction that calls for it."""
    emails.membership(kind, customer.user, {"membership": membership, "customer": customer})
