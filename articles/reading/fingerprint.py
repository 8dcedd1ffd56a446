"""A digest of all that compiled pages are made by beside the database: code, templates, words, names of files."""

import hashlib
from functools import cache
from pathlib import Path

import django
from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage

# What may change a page's bytes, below the project's folder.
MADE_BY = ("articles/**/*.py", "members/**/*.py", "newsroom/**/*.py", "newsroom/locale/**/*.mo", "templates/**/*.html")
METER = ("REGISTRATION", "METER", "METER_STRANGERS", "METER_REGISTERED")
NAMED = (
    "SITE_NAME",
    "SITE_URL",
    "LANGUAGE_CODE",
    "LANGUAGES",
    "TIME_ZONE",
    "MEDIA_URL",
    "STATIC_URL",
    "DEMO",
    "DEBUG",
    *METER,
)


@cache
def fingerprint():
    """The digest, worked out once a process: 32 hexadecimal digits. Pages of other code are never mixed with ours."""
    told = hashlib.blake2b(digest_size=16)
    for pattern in MADE_BY:
        for path in sorted(Path(settings.BASE_DIR).glob(pattern)):
            told.update(f"{path.relative_to(settings.BASE_DIR)}\0".encode() + path.read_bytes())
    said = [django.__version__, *(repr(getattr(settings, name)) for name in NAMED)]
    said += [repr(sorted(getattr(staticfiles_storage, "hashed_files", {}).items()))]
    told.update("\0".join(said).encode())
    return told.hexdigest()
