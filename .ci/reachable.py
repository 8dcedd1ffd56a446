"""Whether the PostgreSQL of DATABASE_URL and the Redis of REDIS_URL answer; one clear line for each that does not."""

import os
import sys
from urllib.parse import urlsplit, urlunsplit

import psycopg
import redis


def without_password(url):
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


def refusals():
    postgres, cache = os.environ["DATABASE_URL"], os.environ["REDIS_URL"]
    try:
        # The tests make databases of their own, from the one that every server has.
        psycopg.connect(urlunsplit(urlsplit(postgres)._replace(path="/postgres")), connect_timeout=5).close()
    except psycopg.OperationalError:
        yield f"PostgreSQL does not answer at {without_password(postgres)}. Start it, or set DATABASE_URL."
    try:
        redis.Redis.from_url(cache, socket_connect_timeout=5).ping()
    except redis.RedisError:
        yield f"Redis does not answer at {without_password(cache)}. Start it, or set REDIS_URL."


if lines := list(refusals()):
    sys.exit("\n".join(lines))
