"""Databases of a drill's own: a PostgreSQL database, a numbered database of Redis, and the SQLite file of a folder."""

import os
import sqlite3
from contextlib import closing, contextmanager
from urllib.parse import urlsplit, urlunsplit

import psycopg
import redis
from psycopg import sql

from tests.faults.relay import Relay

# Each process of the tests has a number for itself (tests/environment.py); the drills' is so many further on.
FURTHER = 4


@contextmanager
def postgres(name):
    """(address, address through the relay, relay) of a new database on the server of DATABASE_URL; dropped at the end."""
    assert "DATABASE_URL" in os.environ, "Run by: make test-postgres"
    name = f"drill_{name}_{os.getpid()}"
    server = urlsplit(os.environ["DATABASE_URL"])
    with psycopg.connect(urlunsplit(server._replace(path="/postgres")), autocommit=True) as owner:
        drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
        owner.execute(drop)
        owner.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        try:
            with Relay((server.hostname, server.port or 5432)) as relay:
                own = server._replace(path=f"/{name}")
                yield urlunsplit(own), _through(own, relay), relay
        finally:
            owner.execute(drop)


@contextmanager
def own_redis():
    """(client, address through the relay, relay) of a numbered database on the server of REDIS_URL, empty at both ends."""
    server = urlsplit(os.environ["REDIS_URL"])
    own = server._replace(path=f"/{int(server.path.strip('/')) + FURTHER}")
    with (
        closing(redis.Redis.from_url(urlunsplit(own))) as cache,
        Relay((server.hostname, server.port or 6379)) as relay,
    ):
        cache.flushdb()
        try:
            yield cache, _through(own, relay), relay
        finally:
            cache.flushdb()


def _through(url, relay):
    user, at, _host = url.netloc.rpartition("@")
    return urlunsplit(url._replace(netloc=f"{user}{at}127.0.0.1:{relay.port}"))


@contextmanager
def sqlite(folder):
    """A connection of the test's own to the database of a newsroom's folder, without transactions but those it begins."""
    with closing(sqlite3.connect(f"{folder}/newsroom.sqlite3", isolation_level=None, timeout=20)) as connection:
        yield connection


def counted(folder, series):
    """{key: number} of a series of counters, all hours together."""
    with sqlite(folder) as connection:
        rows = connection.execute("SELECT key, SUM(number) FROM ground_count WHERE series = ? GROUP BY key", [series])
        return dict(rows.fetchall())
