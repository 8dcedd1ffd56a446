"""Who an account is at Stripe: a customer that is made once, and found by the id that is kept here, never by an
address."""

from django.conf import settings
from django.utils import timezone

from members.billing import client
from members.billing.models import Customer
from newsroom.ground.tasks import retried


def of(user):
    """(the `Customer` of an account, whether it was made at Stripe just now). Raises the errors of `client`."""
    row, _new = Customer.objects.get_or_create(user=user, defaults={"live": settings.STRIPE_LIVE})
    if is_good(row):
        return row, False
    return _made(row, user), True


def is_good(row):
    """Whether a Customer is one of Stripe's that our key knows: not one that was deleted there, nor one of the test
    mode where the key is a live one."""
    return bool(row.stripe_id) and row.deleted_at is None and row.live == settings.STRIPE_LIVE


def _made(row, user):
    """What is sent with the key is the same at each try, however long ago the last one was: the address, which may
    have changed since, follows by itself."""
    key = "-".join(filter(None, ["customer", user.key, row.stripe_id]))
    told = client.ask("customers.create", metadata={"account": user.key}, key=key)
    _tell(told["id"], user)
    # Of two at once the second finds the first one's; both were told the same id.
    Customer.objects.filter(pk=row.pk, stripe_id=row.stripe_id).update(
        stripe_id=told["id"], live=settings.STRIPE_LIVE, deleted_at=None, currency=""
    )
    row.refresh_from_db()
    return row


def lost(row):
    """Note that Stripe knows a Customer no more, so that the next time another is made."""
    Customer.objects.filter(pk=row.pk, stripe_id=row.stripe_id).update(deleted_at=timezone.now())


def address_changed(user):
    """To be called where an account (its id) has another address."""
    if Customer.objects.filter(user=user).exclude(stripe_id=None).exists():
        tell_address.enqueue(user)


@retried
def tell_address(user):
    """Tell Stripe the address of an account (its id) that has a new one: receipts go there."""
    row = Customer.objects.filter(user=user).select_related("user").first()
    if row and is_good(row):
        _tell(row.stripe_id, row.user)


def _tell(stripe_id, user):
    client.ask("customers.update", stripe_id, email=user.email, preferred_locales=[user.language])
