"""The cache table, which holds the limits that guard sign-in: they outlive restarts, and no traffic pushes them out."""

from django.core.cache import caches
from django.db import connection


def table_exists():
    return caches["default"]._table in connection.introspection.table_names()


def forget_expired(now):
    """Delete what expired before `now` (aware). Left alone the table would keep readers' addresses until it is full."""
    table = connection.ops.quote_name(caches["default"]._table)
    with connection.cursor() as cursor:
        expired = connection.ops.adapt_datetimefield_value(now.replace(microsecond=0))
        cursor.execute(f"DELETE FROM {table} WHERE expires < %s", [expired])  # noqa: S608 (a name out of the settings)
