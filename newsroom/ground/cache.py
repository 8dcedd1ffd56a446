"""The cache table, which holds the limits that guard sign-in: they outlive restarts, and no traffic pushes them out."""

from django.core.cache import caches
from django.db import connection

from newsroom.ground import batches


def table_exists():
    return caches["default"]._table in connection.introspection.table_names()


def forget_expired(now):
    """Delete what expired before `now` (aware). Left alone the table would keep readers' addresses until it is full."""
    table = connection.ops.quote_name(caches["default"]._table)
    with connection.cursor() as cursor:
        expired = connection.ops.adapt_datetimefield_value(now.replace(microsecond=0))
        over = f"SELECT cache_key FROM {table} WHERE expires < %s LIMIT %s"  # noqa: S608 (a name out of the settings)
        deleted = batches.MANY
        while deleted == batches.MANY:
            cursor.execute(f"DELETE FROM {table} WHERE cache_key IN ({over})", [expired, batches.MANY])  # noqa: S608
            deleted = cursor.rowcount
