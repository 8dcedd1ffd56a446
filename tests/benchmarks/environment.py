"""A newsroom of the benchmark's own: folder, database and environment, set before Django reads its settings.

Nothing that is there is touched: without DATABASE_URL it stands on a SQLite file in a temporary folder, with the
address of a PostgreSQL server on a database made there for this run and dropped after it. REDIS_URL must name a Redis
database that may be emptied, as for the tests.
"""

import os
from contextlib import closing, contextmanager, nullcontext
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit, urlunsplit

import django
import psycopg
from django.db import connections
from psycopg import sql

# What requests name in their Host header, whatever port a server of the benchmark listens on.
HOST = "localhost:8000"
OURS = {
    "DEMO": "1",
    "SITE_NAME": "The Benchmark Courier",
    "SECRET_KEY": "benchmarks-only-" + "k" * 50,
    "SITE_HOSTS": f"{HOST},127.0.0.1:8000",
    "DJANGO_SETTINGS_MODULE": "newsroom.settings",
}
UNSET = (
    "ALLOWED_HOSTS", "DEBUG", "DEMO_PASSWORD", "EMAIL_URL", "MEDIA_ROOT", "MEMBERS_EMAIL", "TIME_ZONE",
    "TRUSTED_PROXIES",
)  # fmt: skip


@contextmanager
def sandbox():
    """Set Django up on a site that nobody reads; gives its folder. All of it is gone afterwards."""
    url = os.environ.pop("DATABASE_URL", "")
    own = own_database(url) if url.startswith("postgres") else nullcontext("")
    with TemporaryDirectory(prefix="newsroom-bench-") as folder, own as address:
        for name in UNSET:
            os.environ.pop(name, None)
        os.environ.update(OURS, VAR_DIR=folder)
        if address:
            os.environ["DATABASE_URL"] = address
        django.setup()
        try:
            yield Path(folder)
        finally:
            connections.close_all()


@contextmanager
def own_database(url, purpose="bench"):
    """A database on the server of `url`, beside the one that it names; gives its address."""
    name = f"newsroom_{purpose}_{os.getpid()}"
    _at(url, sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    try:
        yield urlunsplit(urlsplit(url)._replace(path=f"/{name}"))
    finally:
        _at(url, sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def _at(url, statement):
    # "postgres" is the database that every server has.
    address = urlunsplit(urlsplit(url)._replace(path="/postgres"))
    with closing(psycopg.connect(address, autocommit=True)) as server:
        server.execute(statement)
