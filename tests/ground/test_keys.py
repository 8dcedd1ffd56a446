"""Keys that live outside the database: one for all who share it, whole, for their owner alone, and gone when they end."""

import os
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import redis

from newsroom.ground import keys

NAME = "meter-2026-11"
SHARED = f"newsroom:key:{NAME}"


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    """A host of its own, without Redis: where it keeps its keys."""
    settings.VAR_DIR, settings.REDIS_URL = tmp_path, ""
    keys.forget()
    yield tmp_path / "keys"
    keys.forget()


def again():
    """The key as another process of this host has it."""
    keys.forget()
    return keys.key(NAME, 60)


def test_a_key_is_made_once_and_is_random(folder):
    made = keys.key(NAME, 60)
    assert len(made) == keys.LENGTH
    assert keys.key(NAME, 60) == made == again() == (folder / f"{NAME}.key").read_bytes()
    assert keys.key("meter-2026-12", 60) != made
    assert {path.name for path in folder.iterdir()} == {"meter-2026-11.key", "meter-2026-12.key"}


def test_it_is_for_its_owner_alone_whatever_the_process_lets_others_do(folder):
    before = os.umask(0)
    try:
        keys.key(NAME, 60)
    finally:
        os.umask(before)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((folder / f"{NAME}.key").stat().st_mode) == 0o600


def test_processes_that_race_for_it_all_have_the_same(folder):
    script = "import django, sys; django.setup(); from newsroom.ground import keys; sys.stdin.readline(); print(keys.key('race', 60).hex())"
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "newsroom.settings", "VAR_DIR": str(folder.parent)}
    environment.pop("REDIS_URL", None)
    racing = [
        subprocess.Popen([sys.executable, "-c", script], env=environment, stdin=-1, stdout=-1, text=True)
        for _n in range(3)
    ]
    for one in racing:
        one.stdin.write("go\n")
        one.stdin.flush()
    told = {one.communicate(timeout=60)[0].strip() for one in racing}
    assert told == {(folder / "race.key").read_bytes().hex()}
    assert [path.name for path in folder.iterdir()] == ["race.key"]


def test_threads_that_race_for_it_all_have_the_same():
    with ThreadPoolExecutor(16) as threads:
        assert len(set(threads.map(lambda _n: again(), range(200)))) == 1


@pytest.mark.parametrize("content", [b"", b"short", b"x" * 33])
def test_what_is_no_whole_key_is_not_taken_for_one(folder, content, caplog):
    folder.mkdir(mode=0o700)
    (folder / f"{NAME}.key").write_bytes(content)
    made = keys.key(NAME, 60)
    assert len(made) == keys.LENGTH
    assert again() == made
    assert "is not whole" in caplog.text


def test_a_disk_that_is_full_stops_no_page_and_is_told(folder, monkeypatch, caplog):
    def full(*args, **kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(keys.tempfile, "mkstemp", full)
    made = keys.key(NAME, 60)
    assert len(made) == keys.LENGTH
    assert keys.key(NAME, 60) == made
    assert f"The key {NAME} cannot be kept in {folder}: No space left on device." in caplog.text


def test_once_the_disk_has_room_again_the_key_is_kept_as_it_is(folder, monkeypatch, time_machine):
    with monkeypatch.context() as patch:
        patch.setattr(keys.tempfile, "mkstemp", lambda **kwargs: (_ for _ in ()).throw(OSError(28, "full")))
        made = keys.key(NAME, 60)
    monkeypatch.setattr(keys.time, "monotonic", lambda: 10.0**9)
    assert keys.key(NAME, 60) == made == again()


def test_a_process_that_could_not_ask_redis_comes_round_to_what_the_others_take(folder, monkeypatch):
    own = keys.key(NAME, 60)
    # Another process of this host agreed with another host meanwhile.
    agreed = b"a" * keys.LENGTH
    (folder / f"{NAME}.key").write_bytes(agreed)
    assert keys.key(NAME, 60) == own
    later = keys.time.monotonic() + keys.AGREED_FOR
    monkeypatch.setattr(keys.time, "monotonic", lambda: later)
    assert keys.key(NAME, 60) == agreed


def test_what_is_not_wanted_is_destroyed_here_and_in_memory(folder):
    old, kept = keys.key(NAME, 60), keys.key("meter-2026-12", 60)
    # A process that was killed half-way has left the key under another name.
    (folder / f".{NAME}.x7k2").write_bytes(old)
    (folder / ".meter-2026-12.q3").write_bytes(kept)
    keys.destroy(lambda name: name == "meter-2026-12")
    assert {path.name for path in folder.iterdir()} == {"meter-2026-12.key", ".meter-2026-12.q3"}
    assert keys.remembered() == {"meter-2026-12"}
    assert keys.key("meter-2026-12", 60) == kept
    assert keys.key(NAME, 60) != old


def test_to_destroy_what_is_not_there_is_no_trouble(folder):
    keys.destroy(lambda name: False)
    assert list(folder.iterdir()) == []


# Hosts that share Redis.


@pytest.fixture
def shared(settings):
    """The Redis of the tests, without this key."""
    url = os.environ["REDIS_URL"]
    assert url, "Run by: make test-postgres"
    settings.REDIS_URL = url
    with redis.Redis.from_url(url) as server:
        server.delete(SHARED)
        yield server
        server.delete(SHARED)


@pytest.fixture
def on_host(settings, tmp_path):
    """on_host("b") goes on as a new process of another host, with a folder of its own; returns its key."""

    def step_in(name):
        settings.VAR_DIR = Path(tmp_path, name)
        settings.VAR_DIR.mkdir(exist_ok=True)
        return again()

    return step_in


def held(tmp_path, host):
    return (tmp_path / host / "keys" / f"{NAME}.key").read_bytes()


@pytest.mark.postgres
def test_hosts_that_share_redis_have_one_key_and_each_keeps_it(shared, on_host, tmp_path):
    assert on_host("a") == on_host("b") == on_host("a") == shared.get(SHARED)
    assert held(tmp_path, "a") == held(tmp_path, "b") == shared.get(SHARED)
    assert stat.S_IMODE((tmp_path / "b" / "keys" / f"{NAME}.key").stat().st_mode) == 0o600


@pytest.mark.postgres
def test_its_copy_in_redis_ends_by_itself(shared, on_host):
    on_host("a")
    assert 0 < shared.ttl(SHARED) <= 60


@pytest.mark.postgres
def test_a_redis_that_was_emptied_ends_no_month(shared, on_host):
    before = on_host("a")
    shared.delete(SHARED)
    assert on_host("a") == before
    assert on_host("b") == before


@pytest.mark.postgres
@pytest.mark.parametrize("rubbish", [b"", b"short", b"x" * 1000])
def test_rubbish_in_redis_is_nobodys_key(shared, on_host, rubbish):
    shared.set(SHARED, rubbish)
    own = on_host("a")
    assert len(own) == keys.LENGTH
    assert on_host("a") == own


@pytest.mark.postgres
def test_something_else_in_redis_is_nobodys_key(shared, on_host, caplog):
    shared.rpush(SHARED, "a", "b")
    assert len(on_host("a")) == keys.LENGTH
    assert "takes a key of its own" in caplog.text


@pytest.mark.parametrize("url", ["redis://127.0.0.1:1/0", "unix:///nowhere/redis.sock"])
def test_a_redis_that_is_away_is_told_and_this_host_goes_on(settings, caplog, url):
    settings.REDIS_URL = url
    made = keys.key(NAME, 60)
    assert len(made) == keys.LENGTH
    assert again() == made
    assert "Redis did not answer" in caplog.text
