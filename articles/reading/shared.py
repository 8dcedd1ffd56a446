"""The level of compiled pages that processes share: Redis by REDIS_URL, else a table of the database. And leases, so
that a page is compiled by one process at a time.

It may be away, slow or filled with rubbish: then it gives nothing, and pages are compiled as if it were empty. What it
gives is checked by who asked (`reading.entry.unpack`).
"""

import fcntl
import logging
import secrets
import time
import zlib
from contextlib import ExitStack, contextmanager, nullcontext, suppress
from pathlib import Path

import redis
from django.conf import settings
from django.db import Error, connection, transaction
from django.utils import timezone

from articles.reading.models import CompiledPage
from newsroom.ground.models import Count
from newsroom.ground.prepared import Prepared
from newsroom.ground.stamps import KEPT

# Seconds that a reader waits for the shared level; then it counts as away.
PATIENCE = 0.05
# Seconds for which it is left alone after that.
PAUSE = 2
# Bytes; what is larger is worth no journey.
SIZE_MAX = 1024 * 1024
# Pages that the table keeps, the oldest given up first.
ROWS_MAX = 20_000
# Seconds after which the lease of a process that was killed runs out.
LEASE = 5

UPSERT = (
    "INSERT INTO reading_compiledpage (key, content, made_at) VALUES (%s, %s, %s) "
    "ON CONFLICT (key) DO UPDATE SET content = excluded.content, made_at = excluded.made_at"
)

log = logging.getLogger("newsroom")


class Lost(Exception):
    """The shared level does not answer."""


class Shared:
    """get and put bytes by key, and take a lease. Never raises; after a failure it is left alone for a while."""

    def __init__(self):
        self._rest_until = 0.0

    def get(self, key):
        """The bytes at a key, None where there are none or they cannot be had."""
        return self._try(self._get, key)

    def put(self, key, content):
        """Keep the bytes at a key; what is larger than SIZE_MAX is let go."""
        if len(content) <= SIZE_MAX:
            self._try(self._put, key, content)

    def _try(self, act, *args):
        if time.monotonic() < self._rest_until:
            return None
        try:
            return act(*args)
        except Exception as error:
            # Of any kind: over what a server says that is no Redis its client stumbles as it happens.
            self._rest_until = time.monotonic() + PAUSE
            log.warning("The shared cache of pages does not answer: %s. Pages are compiled without it.", error)
            return None


class Redis(Shared):
    def __init__(self, url):
        super().__init__()
        self._server = redis.Redis.from_url(
            url,
            socket_timeout=PATIENCE,
            socket_connect_timeout=PATIENCE,
            retry=None,
        )

    def _get(self, key):
        try:
            return self._server.get(f"page:{key}")
        except redis.ResponseError:
            # Something else than bytes lies there.
            self._server.delete(f"page:{key}")
            return None

    def _put(self, key, content):
        self._server.set(f"page:{key}", content, ex=int(KEPT.total_seconds()))

    @contextmanager
    def lease(self, key):
        """True inside for the one process that has the lease, or where nobody can know; False for the others."""
        name, word = f"lease:{key}", secrets.token_bytes(8)
        taken = self._try(lambda: bool(self._server.set(name, word, nx=True, px=LEASE * 1000)))
        try:
            yield taken is not False
        finally:
            if taken:
                # Even where a page could not be put meanwhile: others would wait for a lease that nobody has.
                with suppress(Exception):
                    if self._server.get(name) == word:
                        self._server.delete(name)


class Table(Shared):
    """Leases are locks on files: they end with their process. Hosts that share a database but no Redis compile a page
    once each."""

    # Files, made once: two pages that meet in one wait for each other, no more.
    FILES = 256

    def __init__(self, folder):
        super().__init__()
        self._folder = Path(folder)

    def _get(self, key):
        with _harmless():
            # SQLite keeps text in a column of bytes, if somebody puts it there.
            return next((bytes(content) for (content,) in _content(key) if not isinstance(content, str)), None)

    def _put(self, key, content):
        made_at = connection.ops.adapt_datetimefield_value(timezone.now())
        with _harmless(), _impatient(), connection.cursor() as cursor:
            cursor.execute(UPSERT, [key, content, made_at])

    @contextmanager
    def lease(self, key):
        """True inside for the one process of this machine that has the lease, or where nobody can know; False for the
        others."""
        with ExitStack() as held:
            try:
                file = held.enter_context(self._file(f"{zlib.crc32(key.encode()) % self.FILES:02x}"))
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                taken = True
            except OSError as error:
                # On a full disk, say, nobody can know: better compiled twice than not at all.
                taken = not isinstance(error, BlockingIOError)
            yield taken

    def _file(self, name):
        try:
            return open(self._folder / name, "ab")
        except FileNotFoundError:
            self._folder.mkdir(parents=True, exist_ok=True)
            return open(self._folder / name, "ab")


_content = Prepared(lambda key: CompiledPage.objects.filter(pk=key).values_list("content"), str)


@contextmanager
def _harmless():
    """The failure of statements inside breaks no transaction, and is Lost."""
    try:
        with transaction.atomic() if connection.in_atomic_block else nullcontext():
            yield
    except Error as error:
        raise Lost(type(error).__name__) from error


@contextmanager
def _impatient():
    """Who writes inside waits no longer than PATIENCE for others who do (SQLite; on PostgreSQL nobody holds these rows
    for longer than a statement)."""
    if connection.vendor != "sqlite":
        yield
        return
    try:
        _wait(int(PATIENCE * 1000))
        yield
    finally:
        if connection.connection is not None:
            _wait(int(settings.DATABASES["default"]["OPTIONS"]["timeout"] * 1000))


def _wait(milliseconds):
    connection.ensure_connection()
    connection.connection.execute(f"PRAGMA busy_timeout = {milliseconds}")


def forget_old_pages(now):
    """Delete what was put into the table before stamps could vouch for it at `now` (aware), what is beyond ROWS_MAX,
    and the counts of pages compiled before."""
    beyond = CompiledPage.objects.order_by("-made_at").values_list("made_at", flat=True)[ROWS_MAX : ROWS_MAX + 1]
    for made_at in beyond:
        CompiledPage.objects.filter(made_at__lte=made_at).delete()
    CompiledPage.objects.filter(made_at__lt=now - KEPT).delete()
    Count.objects.filter(series="compiled", hour__lt=now - KEPT).delete()


def forget_all():
    """Delete all that is in the table; for tests and benchmarks."""
    CompiledPage.objects.all().delete()


def of_settings():
    """The shared level that the settings name."""
    return Redis(settings.REDIS_URL) if settings.REDIS_URL else Table(settings.VAR_DIR / "leases")
