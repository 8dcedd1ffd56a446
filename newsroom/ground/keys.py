"""Random keys that live for a time outside the database and are then destroyed: whoever seizes the database, or a
backup of it, cannot tell what was written under them.

A key is a file in VAR_DIR/keys/. Hosts that share Redis agree on theirs there, and each keeps it as a file too: a Redis
that was emptied, or is away, does not end a month early.
"""

import logging
import os
import secrets
import tempfile
import time
from contextlib import contextmanager, suppress
from pathlib import Path

import redis
from django.conf import settings

LENGTH = 32
PATIENCE = 0.5  # seconds that Redis has for an answer
AGREED_FOR = 60  # seconds after which a process looks at a key again

log = logging.getLogger("newsroom")
_known = {}


def key(name, lives):
    """The key of a name such as "meter-2026-11" (letters, digits, hyphens): LENGTH bytes, made at the first call.
    lives: after how many seconds the copy in Redis goes. Where no file can be written, one of this process alone."""
    found, until = _known.get(name, (None, 0))
    if until <= time.monotonic():
        found = _agreed(name, _own(name, found), lives)
        # What hosts agree on is looked at again: a Redis that was emptied learns it anew, one that was away is caught
        # up with.
        _known[name] = found, time.monotonic() + AGREED_FOR
    return found


def _own(name, known):
    """This host's key: what its file holds, else what this process knows, else a new one."""
    fresh = known or secrets.token_bytes(LENGTH)
    with _told_where_it_fails(name):
        return _in_file(name, fresh)
    return fresh


def remembered():
    """The names of the keys that this process has used."""
    return set(_known)


def destroy(is_wanted):
    """Delete all keys but those whose name `is_wanted`, a function of it, wants: their files, those that a process left
    half-way, and what this process remembers of them."""
    with _told_where_it_fails("of what is past"):
        for path in _folder().iterdir():
            if not is_wanted(path.name.lstrip(".").partition(".")[0]):
                path.unlink(missing_ok=True)
    for name in remembered():
        if not is_wanted(name):
            _known.pop(name, None)


def forget():
    """Remember no key, as a new process."""
    _known.clear()


def _agreed(name, own, lives):
    """The key that all hosts take: that of the first who came to Redis; our own without it."""
    if not settings.REDIS_URL:
        return own
    try:
        with redis.Redis.from_url(
            settings.REDIS_URL, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE
        ) as shared:
            shared.set(f"newsroom:key:{name}", own, ex=lives, nx=True)
            agreed = shared.get(f"newsroom:key:{name}")
    except redis.RedisError:
        log.warning("Redis did not answer: this host takes a key of its own for %s.", name)
        return own
    if not agreed or len(agreed) != LENGTH or agreed == own:
        return own
    with _told_where_it_fails(name):
        _replace(name, agreed)
    return agreed


@contextmanager
def _told_where_it_fails(name):
    """A disk that is full or cannot be written stops no page."""
    try:
        yield
    except OSError as error:
        log.warning("The key %s cannot be kept in %s: %s.", name, settings.VAR_DIR / "keys", error.strerror)


def _in_file(name, fresh):
    """What the key's file holds; `fresh` where there was none, for all processes of this host."""
    path = _folder() / f"{name}.key"
    if not path.exists():
        made = _written(name, fresh)
        with suppress(FileExistsError):
            os.link(made, path)
        made.unlink()
    kept = path.read_bytes()
    if len(kept) != LENGTH:
        # What is shorter would be no secret.
        log.warning("The key in %s is not whole: another takes its place.", path)
        _replace(name, fresh)
        return fresh
    return kept


def _replace(name, agreed):
    _written(name, agreed).replace(_folder() / f"{name}.key")


def _written(name, content):
    """The path of a new file of this content, whole even if the power fails, and for its owner alone."""
    number, path = tempfile.mkstemp(dir=_folder(), prefix=f".{name}.")
    with os.fdopen(number, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    return Path(path)


def _folder():
    folder = settings.VAR_DIR / "keys"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder
