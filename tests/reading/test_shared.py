"""The level of compiled pages that processes share: a table or Redis, and it may be away, slow or full of others."""

import os
import secrets
import signal
import socket
import socketserver
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import ExitStack, closing, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
import redis
from django.conf import settings
from django.db import Error, connection, connections, transaction
from django.db.backends.sqlite3.base import DatabaseWrapper

from articles.models import Section
from articles.reading import shared
from articles.reading.models import CompiledPage
from newsroom.ground.models import Count
from newsroom.ground.stamps import KEPT

SOON = 0.8  # seconds, where a page took 0.05 and the machine is busy
KEYS = ("one", "two")


@pytest.fixture
def server(monkeypatch):
    """A client of the Redis that the settings name, which holds nothing of ours before and after."""
    assert settings.REDIS_URL, "Run by: make test-postgres"
    # On a busy machine it may be slow, and is not to be taken for one that is away.
    monkeypatch.setattr(shared, "PATIENCE", 10)
    names = [f"{kind}:{key}" for kind in ("page", "lease") for key in KEYS]
    with redis.Redis.from_url(settings.REDIS_URL) as server:
        server.delete(*names)
        yield server
        server.delete(*names)


@pytest.fixture(params=["table", pytest.param("redis", marks=pytest.mark.postgres)])
def level_of(request, db, tmp_path):
    """level_of() is the level as one process has it; each call makes another process's."""
    if request.param == "table":
        return lambda: shared.Table(tmp_path / "leases")
    request.getfixturevalue("server")
    return lambda: shared.Redis(settings.REDIS_URL)


# Pages


def test_where_nothing_was_put_there_is_nothing(level_of):
    assert level_of().get("one") is None


def test_what_one_process_puts_another_gets(level_of):
    content = bytes(range(256)) * 40
    level_of().put("one", content)
    assert level_of().get("one") == content
    assert level_of().get("two") is None


def test_what_is_put_later_takes_the_place(level_of):
    here, there = level_of(), level_of()
    here.put("one", b"first")
    there.put("one", b"second")
    assert here.get("one") == there.get("one") == b"second"


def test_a_page_that_is_too_large_is_not_put(level_of):
    level = level_of()
    level.put("one", bytes(shared.SIZE_MAX + 1))
    assert level.get("one") is None
    level.put("one", bytes(shared.SIZE_MAX))
    assert len(level.get("one")) == shared.SIZE_MAX
    level.put("one", bytes(shared.SIZE_MAX + 1))
    assert len(level.get("one")) == shared.SIZE_MAX, "what was there still stands by its stamps"


# Leases


def test_a_lease_is_one_processs_until_it_is_done(level_of):
    here, there = level_of(), level_of()
    with here.lease("one") as first:
        with there.lease("one") as second, there.lease("two") as other:
            assert (first, second, other) == (True, False, True)
        with there.lease("one") as again:
            assert not again, "who was refused took nothing away"
    with there.lease("one") as later:
        assert later


def test_a_lease_ends_with_the_error_of_who_had_it(level_of):
    def compile_and_fail():
        with level_of().lease("one") as taken:
            return 1 / (not taken)

    with pytest.raises(ZeroDivisionError):
        compile_and_fail()
    with level_of().lease("one") as taken:
        assert taken


def test_of_many_who_want_a_lease_at_once_one_has_it(level_of):
    many, answers = 12, []
    gate, held = threading.Barrier(many), threading.Barrier(many)
    levels = [level_of() for _n in range(many)]

    def want(level):
        gate.wait(timeout=30)
        with level.lease("one") as taken:
            answers.append(taken)
            held.wait(timeout=30)

    threads = [threading.Thread(target=want, args=[level]) for level in levels]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert sorted(answers) == [False] * (many - 1) + [True]


HOLDER = """
import signal, sys
import django
django.setup()
from django.conf import settings
from articles.models import Section
from articles.reading import shared
level = shared.Table(sys.argv[1]) if sys.argv[1] else shared.Redis(settings.REDIS_URL)
with level.lease("one") as taken:
    print(taken, flush=True)
    signal.alarm(60)
    signal.pause()
"""


@pytest.fixture
def killed_holder():
    """killed_holder(folder, while_held) starts a process that takes the lease of "one" (of a Table in `folder`, or of
    Redis without one), calls `while_held()`, and kills it with no time for a word."""

    def run(folder, while_held):
        environment = os.environ | {"DJANGO_SETTINGS_MODULE": "newsroom.settings"}
        with subprocess.Popen(
            [sys.executable, "-c", HOLDER, str(folder)], env=environment, stdout=subprocess.PIPE, text=True
        ) as process:
            try:
                assert process.stdout.readline() == "True\n"
                while_held()
            finally:
                process.send_signal(signal.SIGKILL)
        assert process.returncode == -signal.SIGKILL

    return run


def test_the_lease_of_a_killed_process_is_free_at_once(tmp_path, killed_holder):
    def while_held():
        with shared.Table(tmp_path).lease("one") as taken:
            assert not taken

    killed_holder(tmp_path, while_held)
    with shared.Table(tmp_path).lease("one") as taken:
        assert taken


@pytest.mark.postgres
def test_the_lease_of_a_killed_process_runs_out_in_redis(server, killed_holder):
    level = shared.Redis(settings.REDIS_URL)

    def while_held():
        with level.lease("one") as taken:
            assert not taken

    killed_holder("", while_held)
    while_held()
    assert 0 < server.pttl("lease:one") <= shared.LEASE * 1000, "it will run out by itself"
    # The server's clock is not ours to move: let it run out now.
    server.pexpire("lease:one", 0)
    with level.lease("one") as taken:
        assert taken
    assert not server.exists("lease:one")


@pytest.mark.postgres
def test_who_is_done_after_the_lease_ran_out_does_not_end_anothers(server):
    with ExitStack() as slow, ExitStack() as next_one:
        assert slow.enter_context(shared.Redis(settings.REDIS_URL).lease("one"))
        server.pexpire("lease:one", 0)
        assert next_one.enter_context(shared.Redis(settings.REDIS_URL).lease("one"))
        slow.close()
        with shared.Redis(settings.REDIS_URL).lease("one") as taken:
            assert not taken


@pytest.mark.postgres
@pytest.mark.usefixtures("server")
def test_a_lease_ends_even_if_the_page_could_not_be_put(monkeypatch):
    here, there = shared.Redis(settings.REDIS_URL), shared.Redis(settings.REDIS_URL)

    def refuse(*args, **kwargs):
        raise redis.TimeoutError

    with here.lease("one") as taken:
        assert taken
        with monkeypatch.context() as slow:
            slow.setattr(here._server, "set", refuse)
            here.put("one", b"x")
    with there.lease("one") as taken:
        assert taken


def test_where_no_lease_can_be_had_everybody_has_it(tmp_path):
    """VAR_DIR cannot be written, or the disk is full: then pages are compiled, by more than one process at worst."""
    (tmp_path / "file").write_text("not a folder")
    level = shared.Table(tmp_path / "file" / "leases")
    with level.lease("one") as taken, level.lease("one") as again:
        assert taken
        assert again


def test_leases_take_a_bounded_number_of_files(tmp_path):
    level = shared.Table(tmp_path)
    for number in range(2_000):
        with level.lease(f"{number}"):
            pass
    assert len(list(tmp_path.iterdir())) <= level.FILES


# Redis, away or slow


@pytest.fixture
def clock(monkeypatch):
    """The moments that the level pauses by; `clock.now` moves them."""
    clock = SimpleNamespace(now=1_000.0)
    clock.monotonic = lambda: clock.now
    monkeypatch.setattr(shared, "time", clock)
    return clock


@pytest.fixture
def port():
    """A port that refuses; once `port.listen()` was called it takes connections and never answers. `port.callers()` is
    how many have called since the last time."""
    with closing(socket.socket()) as server:
        server.bind(("127.0.0.1", 0))
        server.setblocking(False)
        calls = []

        def callers():
            before = len(calls)
            try:
                while True:
                    calls.append(server.accept()[0])
            except BlockingIOError:
                return len(calls) - before

        yield SimpleNamespace(
            url=f"redis://127.0.0.1:{server.getsockname()[1]}/0", listen=lambda: server.listen(50), callers=callers
        )
        for call in calls:
            call.close()


def ask(level):
    """What a page asks of the level, and the seconds it took: (what it got, whether it may compile, seconds)."""
    start = time.monotonic()
    got = level.get("one")
    with level.lease("one") as taken:
        pass
    level.put("one", b"x")
    return got, taken, time.monotonic() - start


def test_a_redis_that_is_away_is_nothing_soon_and_is_left_alone_for_a_while(port, clock, caplog):
    level = shared.Redis(port.url)
    got, taken, took = ask(level)
    assert (got, taken) == (None, True)
    assert took < SOON
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    port.listen()
    for _n in range(20):
        clock.now += shared.PAUSE / 25
        assert ask(level)[:2] == (None, True)
    assert port.callers() == 0
    assert len(caplog.records) == 1, "it is told once"
    clock.now += shared.PAUSE
    ask(level)
    assert port.callers() > 0


def test_a_redis_that_never_answers_is_nothing_soon_and_is_left_alone_for_a_while(port, clock):
    port.listen()
    level = shared.Redis(port.url)
    got, taken, took = ask(level)
    assert (got, taken) == (None, True)
    assert took < SOON
    assert port.callers() > 0
    for _n in range(20):
        clock.now += shared.PAUSE / 25
        assert ask(level)[:2] == (None, True)
    assert port.callers() == 0
    clock.now += shared.PAUSE
    assert ask(level)[2] < SOON
    assert port.callers() > 0


@pytest.mark.parametrize("act", ["get", "put", "lease"])
def test_whatever_was_asked_first_of_a_redis_that_never_answers_took_no_time(port, act):
    port.listen()
    level, start = shared.Redis(port.url), time.monotonic()
    if act == "lease":
        with level.lease("one") as taken:
            assert taken
    else:
        assert getattr(level, act)("one", *[b"x"][: act == "put"]) is None
    assert time.monotonic() - start < SOON


JUNK = [b"HTTP/1.1 400 Bad Request\r\n\r\n", b"\r\n", b"+OK\r\n", b"$abc\r\n", b"*-7\r\n", b"*99999999999\r\n"]
JUNK += [b":x\r\n", b",abc\r\n", b"_\r\n", b"\xff\xfe\xfd\r\n", b"-NOAUTH no\r\n", b"-LOADING wait\r\n"]


class Answers(socketserver.BaseRequestHandler):
    def handle(self):
        with suppress(OSError):
            while self.request.recv(65536):
                self.request.sendall(self.server.junk)


@pytest.mark.parametrize("junk", JUNK)
def test_a_server_that_is_no_redis_is_taken_for_one_that_is_away(junk):
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Answers) as server:
        server.daemon_threads, server.junk = True, junk
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        # Each new, so that none leaves this to another's pause.
        levels = [shared.Redis(f"redis://127.0.0.1:{server.server_address[1]}/0") for _n in range(3)]
        start = time.monotonic()
        assert levels[0].get("one") is None
        with levels[1].lease("one") as taken:
            assert taken
        levels[2].put("one", b"x")
        assert time.monotonic() - start < 3 * SOON
        server.shutdown()


@pytest.mark.postgres
@pytest.mark.usefixtures("server")
def test_a_redis_that_is_back_is_used_again(clock, monkeypatch):
    level = shared.Redis(settings.REDIS_URL)
    with monkeypatch.context() as away:

        def refuse(*args):
            raise redis.ConnectionError

        away.setattr(level._server, "get", refuse)
        assert level.get("one") is None
    level.put("one", b"x")
    assert level.get("one") is None
    clock.now += shared.PAUSE + 0.001
    level.put("one", b"x")
    assert level.get("one") == b"x"


@pytest.mark.postgres
def test_a_redis_that_holds_something_else_at_the_key_gives_nothing(server):
    server.rpush("page:one", "a", "list")
    assert shared.Redis(settings.REDIS_URL).get("one") is None


@pytest.mark.postgres
def test_redis_forgets_pages_that_stamps_no_longer_vouch_for(server):
    shared.Redis(settings.REDIS_URL).put("one", b"x")
    assert 0 < server.ttl("page:one") <= KEPT.total_seconds()


# The table, and a database that has other things to do


def fail(*args, **kwargs):
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM no_such_table")


@contextmanager
def without_the_table():
    """The table of pages has another name for a while: what is asked of it is an error of the database."""
    table = connection.ops.quote_name(CompiledPage._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {table} RENAME TO elsewhere")
        yield
        cursor.execute(f"ALTER TABLE elsewhere RENAME TO {table}")


@pytest.mark.django_db
@pytest.mark.parametrize("act", ["get", "put"])
def test_an_error_of_the_table_gives_nothing_and_breaks_no_transaction(tmp_path, clock, act):
    level = shared.Table(tmp_path)
    level.put("one", b"before")
    assert connection.in_atomic_block
    with without_the_table():
        assert getattr(level, act)("one", *[b"x"][: act == "put"]) is None
        assert Section.objects.count() == 0, "the transaction goes on"
    assert level.get("one") is None, "it is left alone for a while"
    with level.lease("one") as taken:
        assert taken
    clock.now += shared.PAUSE
    assert level.get("one") == b"before"


@pytest.mark.django_db
def test_an_error_inside_is_swallowed_and_one_outside_is_not(tmp_path):
    """The level's errors are its own: what else fails in the surrounding transaction is told."""

    def put_and_fail():
        with transaction.atomic():
            shared.Table(tmp_path).put("one", b"x")
            fail()

    with pytest.raises(Error):
        put_and_fail()
    assert shared.Table(tmp_path).get("one") is None, "undone with the rest"


@pytest.fixture
def sqlite_file(db, tmp_path):
    """A database in a file of its own, with the table of pages in it; yields its path."""
    if connection.vendor != "sqlite":
        pytest.skip("SQLite alone writes one transaction at a time.")
    path, usual = tmp_path / "pages.sqlite3", connections["default"]
    own = DatabaseWrapper({**usual.settings_dict, "NAME": str(path)}, "default")
    connections["default"] = own
    try:
        with own.schema_editor() as editor:
            editor.create_model(CompiledPage)
        yield path
    finally:
        own.close()
        connections["default"] = usual


def busy_timeout():
    return connection.connection.execute("PRAGMA busy_timeout").fetchone()[0]


@pytest.fixture
def writer(sqlite_file):
    """Another connection to the file, which holds the lock for writing."""
    with closing(sqlite3.connect(sqlite_file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield other


def test_while_somebody_else_writes_a_page_is_put_after_a_moment_or_not_at_all(writer, tmp_path):
    level, start = shared.Table(tmp_path), time.monotonic()
    level.put("one", b"x")
    took = time.monotonic() - start
    assert shared.PATIENCE * 0.8 < took < SOON
    writer.execute("ROLLBACK")
    assert shared.Table(tmp_path).get("one") is None
    shared.Table(tmp_path).put("one", b"x")
    assert shared.Table(tmp_path).get("one") == b"x"


def test_while_somebody_else_writes_pages_are_read(writer, tmp_path):
    CompiledPage.objects.all().exists()
    writer.execute("ROLLBACK")
    shared.Table(tmp_path).put("one", b"x")
    writer.execute("BEGIN IMMEDIATE")
    assert shared.Table(tmp_path).get("one") == b"x"


def test_others_statements_wait_as_long_as_before(writer, tmp_path):
    usual = settings.DATABASES["default"]["OPTIONS"]["timeout"] * 1000
    connection.ensure_connection()
    assert busy_timeout() == usual
    shared.Table(tmp_path).put("one", b"x")
    assert busy_timeout() == usual, "after a put that failed"
    shared.Table(tmp_path).get("one")
    assert busy_timeout() == usual
    writer.execute("ROLLBACK")
    with transaction.atomic():
        shared.Table(tmp_path).put("one", b"x")
        assert busy_timeout() == usual, "inside a transaction"


# What is old


@pytest.mark.django_db
def test_pages_are_forgotten_once_stamps_no_longer_vouch_for_them():
    now = datetime(2026, 11, 23, 12, tzinfo=UTC)
    for key, age in (("new", timedelta(0)), ("last", KEPT), ("old", KEPT + timedelta(microseconds=1))):
        CompiledPage.objects.create(key=key, content=b"x", made_at=now - age)
    shared.forget_old_pages(now)
    assert set(CompiledPage.objects.values_list("key", flat=True)) == {"new", "last"}


@pytest.mark.django_db
def test_the_table_keeps_so_many_pages_and_gives_up_the_oldest(monkeypatch):
    now = datetime(2026, 11, 23, 12, tzinfo=UTC)
    monkeypatch.setattr(shared, "ROWS_MAX", 3)
    for minutes in (4, 1, 5, 2, 3):
        CompiledPage.objects.create(key=f"{minutes}", content=b"x", made_at=now - timedelta(minutes=minutes))
        if minutes == 5:
            shared.forget_old_pages(now)
            assert CompiledPage.objects.count() == 3
    shared.forget_old_pages(now)
    assert set(CompiledPage.objects.values_list("key", flat=True)) == {"1", "2", "3"}


@pytest.mark.django_db
def test_counts_of_compiled_pages_go_with_them_and_other_counts_stay():
    now = datetime(2026, 11, 23, 12, tzinfo=UTC)
    for series in ("compiled", "read"):
        for age in (timedelta(0), KEPT + timedelta(hours=1)):
            Count.objects.create(series=series, key="/", hour=now - age, number=1)
    shared.forget_old_pages(now)
    assert sorted(Count.objects.values_list("series", flat=True)) == ["compiled", "read", "read"]


@pytest.mark.django_db
def test_a_page_that_is_put_again_is_new_again(tmp_path, time_machine):
    time_machine.move_to(datetime(2026, 11, 23, 12, tzinfo=UTC), tick=False)
    shared.Table(tmp_path).put("one", b"x")
    time_machine.move_to(datetime(2026, 11, 25, 12, tzinfo=UTC), tick=False)
    shared.Table(tmp_path).put("one", b"y")
    shared.forget_old_pages(datetime(2026, 11, 26, 12, tzinfo=UTC))
    assert shared.Table(tmp_path).get("one") == b"y"


@pytest.mark.django_db
def test_all_pages_can_be_forgotten(tmp_path):
    shared.Table(tmp_path).put("one", secrets.token_bytes(9))
    shared.forget_all()
    assert not CompiledPage.objects.exists()


def test_the_level_is_redis_where_the_settings_name_one(settings):
    settings.REDIS_URL = ""
    assert isinstance(shared.of_settings(), shared.Table)
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    assert isinstance(shared.of_settings(), shared.Redis)
