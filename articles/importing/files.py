"""Finds files and reads their bytes as text. The one module here that knows the disk."""

import hashlib
import os
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

from articles.importing.formats import ENDINGS
from articles.importing.story import Note

BYTES_MAX = 5_000_000
# Above this share of control characters a file is no text.
CONTROLS_MAX = 0.01
CONTROLS = bytes(set(range(32)) - set(b"\t\n\r\f\v\x1b")) + b"\x7f"
IGNORED = {"readme.md"}
IMAGE_ENDINGS = {".jpg", ".jpeg", ".png", ".webp", ".gif"}


class Unreadable(Exception):
    """Why a path or a file cannot be imported."""


@dataclass(frozen=True, slots=True)
class Text:
    """A file's text with LF line ends, when it was last changed (aware, UTC), and what was odd about its bytes."""

    text: str
    changed: datetime
    warnings: tuple[Note, ...] = ()


def name_of(path):
    """A path as text that can be printed and stored, even where its bytes are no UTF-8."""
    return os.fsencode(path).decode("utf-8", "replace")


def stories(path):
    """Yields the paths of the story files under a path, sorted within each folder; a file is taken whatever its name.

    Raises `Unreadable` where the path is not there or a folder has no stories.
    """
    path = Path(path)
    if path.is_dir():
        found = False
        for file in _walk(path):
            found = True
            yield file
        if not found:
            raise Unreadable(f"the folder has no stories ({' or '.join(ENDINGS)} files)")
    elif path.exists():
        yield path
    else:
        raise Unreadable("there is no such file or folder")


def _walk(folder):
    closed = []
    for at, folders, names in os.walk(folder, onerror=closed.append):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            if not name.startswith(".") and name.lower() not in IGNORED and Path(name).suffix.lower() in ENDINGS:
                yield Path(at, name)
    # To be told when they are read.
    yield from (Path(error.filename) for error in closed)


def read(path):
    """The `Text` of a file: UTF-8 with or without BOM, else cp1252. Raises `Unreadable`."""
    try:
        facts = path.stat()
        if not path.is_file():
            raise Unreadable("the folder cannot be read" if path.is_dir() else "this is no file with text")
        if facts.st_size > BYTES_MAX:
            raise Unreadable(f"the file is over {BYTES_MAX // 1_000_000} MB")
        with open(path, "rb") as file:
            content = file.read(BYTES_MAX + 1)
    except OSError as error:
        raise Unreadable(f"the file cannot be read: {error.strerror}") from error
    if not content.strip(b"\xef\xbb\xbf \t\r\n"):
        raise Unreadable("the file is empty")
    if b"\x00" in content or len(content) - len(content.translate(None, CONTROLS)) > CONTROLS_MAX * len(content):
        raise Unreadable("the file is binary, not text")
    text, warnings = _decode(content)
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return Text(text, datetime.fromtimestamp(max(0, facts.st_mtime), UTC), warnings)


def _decode(content):
    try:
        return content.decode("utf-8-sig"), ()
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        return content.decode("cp1252", "replace"), (
            Note(line, "not UTF-8; the file is read as cp1252 (Western European)"),
        )


def image(path, story_file):
    """The path of an image that a story file names, or why not (`Unreadable`). Nothing is fetched from elsewhere."""
    if "://" in path or Path(path).is_absolute():
        raise Unreadable(f"the image {path} is left out: images stand beside the story, with a relative path")
    found = Path(os.path.normpath(story_file.parent / path))
    if found.suffix.lower() not in IMAGE_ENDINGS or not found.is_file():
        raise Unreadable(f"the image {path} is not there")
    return found


def image_digest(path):
    """A digest of an image file's content; read once while the file stays as it is."""
    facts = path.stat()
    return _image_digest(path, facts.st_mtime_ns, facts.st_size)


@lru_cache(maxsize=512)
def _image_digest(path, _changed, _size):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:32]
