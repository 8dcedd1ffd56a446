"""One at a time: a lock with a name, held until the end of the transaction that took it."""

import zlib

from django.db import connection


def hold(name):
    """Inside a transaction: wait until no other transaction holds the name. Taking it twice is harmless.

    On SQLite every writing transaction is alone from its beginning (transaction_mode IMMEDIATE).
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [zlib.crc32(name.encode())])
