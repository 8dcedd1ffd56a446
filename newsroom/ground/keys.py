"""Random keys that live for a time outside the database and are then destroyed: whoever seizes the database, or a
backup of it, cannot tell what was written under them.

A key is a file in VAR_DIR/keys/. Hosts that share Redis agree on theirs there, and each keeps it as a file too: a Redis
that was emptied, or is away, does not end a month early.
"""

import logging
import os
import secrets
import tempfile
from pathlib import Path

import redis
from django.conf import settings

LENGTH = 32
PATIENCE = 0.5  # seconds that Redis has for an answer

log = logging.getLogger("newsroom")
_known = {}


def key(name, lives):
    """The key of a name such as "meter-2026-11" (letters, digits, hyphens): LENGTH bytes, made at the first call.
    lives: after how many seconds the copy in Redis goes. Raises OSError where the folder cannot be written."""
    found = _known.get(name)
    if found is None:
        found = _known[name] = _agreed(name, _in_file(name, secrets.token_bytes(LENGTH)), lives)
    return found


def remembered():
    """The names of the keys that this process has used."""
    return set(_known)


def destroy(is_wanted):
    """Delete all keys but those whose name `is_wanted`, a function of it, wants: their files, those that a process left
    half-way, and what this process remembers of them."""
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
    _replace(name, agreed)
    return agreed


def _in_file(name, fresh):
    """What the key's file holds; `fresh` where there was none, for all processes of this host."""
    path, made = _folder() / f"{name}.key", _written(name, fresh)
    try:
        os.link(made, path)
    except FileExistsError:
        kept = path.read_bytes()
    else:
        kept = fresh
    finally:
        made.unlink()
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
