"""An account that is deleted at the very moment at which something is told of it."""

import threading
import time as clock

import pytest
from django.db import connection, transaction
from django.utils import timezone

from members.accounts import personal_data
from members.billing.models import Customer, Notice, Payment
from members.billing.refresh import fetch, write
from tests.billing.paying import joined

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


def in_a_thread(deed):
    """(thread, what it raised: an empty list where nothing was)."""
    raised = []

    def run():
        try:
            deed()
        except Exception as error:
            raised.append(error)
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    return thread, raised


def is_waiting():
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
        return cursor.fetchone()[0] > 0


def until_one_waits():
    for _try in range(200):
        if is_waiting():
            return
        clock.sleep(0.02)
    raise AssertionError("nobody waits")


def test_who_leaves_while_a_picture_is_written_waits_and_nobody_fails(shop, time, leyla):
    customer = joined(shop, leyla)
    Payment.objects.all().delete()
    Notice.objects.all().delete()
    fetched = fetch(customer.pk)
    with transaction.atomic():
        Customer.objects.select_for_update().get(pk=customer.pk)
        thread, raised = in_a_thread(lambda: personal_data.delete(leyla))
        until_one_waits()
        write(fetched, timezone.now())
    thread.join()
    assert raised == []


def test_a_picture_that_waited_for_who_leaves_keeps_nothing_of_them(shop, time, leyla):
    customer = joined(shop, leyla)
    Payment.objects.update(invoice_url="")
    fetched = fetch(customer.pk)

    def late():
        with transaction.atomic():
            write(fetched, timezone.now())

    with transaction.atomic():
        personal_data.delete(leyla)
        thread, raised = in_a_thread(late)
        until_one_waits()
    thread.join()
    assert raised == []
    assert Payment.objects.get().invoice_url == ""
    assert Customer.objects.get().card_last4 == ""
    assert Notice.objects.count() == 0
