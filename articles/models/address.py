"""Addresses of published things: their slugs, and their language's prefix."""

import unicodedata
from functools import lru_cache

from django.urls import reverse
from django.utils.text import slugify
from django.utils.translation import override

SLUG_LENGTH = 100


def in_language(language, reverse):
    with override(language):
        return reverse()


@lru_cache(maxsize=20_000)
def address(name, language, slug=None):
    """The address of that name under the prefix of a language. Remembered, since a page holds dozens."""
    with override(language):
        return reverse(name, args=[slug] if slug is not None else [])


def slug_of(headline, external_id=""):
    """A slug that keeps Unicode letters (NFC), cut at a word; the external id, else "story", where none are left."""
    stem = slugify(unicodedata.normalize("NFC", headline), allow_unicode=True)
    if len(stem) > SLUG_LENGTH:
        stem = stem[:SLUG_LENGTH].rpartition("-")[0] or stem[:SLUG_LENGTH]
    return stem or slugify(external_id, allow_unicode=True)[:SLUG_LENGTH] or "story"


def free_slugs(stems, taken):
    """One unused slug for each stem, in order: the stem itself, else with -2, -3 … `taken` (a set) grows with them."""
    found = []
    for stem in stems:
        slug, number = stem, 1
        while slug in taken:
            number += 1
            slug = f"{stem}-{number}"
        taken.add(slug)
        found.append(slug)
    return found
