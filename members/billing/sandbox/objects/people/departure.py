"""What goes with a customer that is deleted."""

from members.billing.sandbox.objects.paying import payment_methods
from members.billing.sandbox.objects.people import customers
from members.billing.sandbox.objects.subscribing import collecting, subscriptions


def delete(books, given, key):
    customers.alive(books, key, "id")
    for subscription in subscriptions.listed(books, {"customer": key}):
        collecting.end(books, subscription, "cancellation_requested")
    for method in payment_methods.listed(books, {"customer": key}):
        payment_methods.detach(books, {}, method["id"])
    return customers.bury(books, key)
