"""Addresses of published things: their slugs."""

import unicodedata

from django.utils.text import slugify

SLUG_LENGTH = 100


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
