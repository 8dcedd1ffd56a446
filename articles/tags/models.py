"""Tags: what stories are about. The only module that knows taggit.

A hashtag is another writing of a tag, not a second taxonomy: #UpperDzor and "Upper Dzor" are one tag, found by `fold`.
"""

import unicodedata

from django.db import models
from django.utils.text import slugify
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from taggit.managers import TaggableManager
from taggit.models import ItemBase, TagBase

from newsroom.ground.language import address
from newsroom.ground.stamped import Stamped, StampedQuerySet

__all__ = ["Tag", "TaggableManager", "TaggedBase", "fold"]

NAME_LENGTH = TagBase._meta.get_field("name").max_length


def fold(name):
    """What all writings of one tag share: letters, digits and symbols; case, spaces and punctuation left out.

    A name of punctuation alone folds to itself.
    """
    plain = unicodedata.normalize("NFKC", name).casefold()
    letters = "".join(c for c in plain if unicodedata.category(c)[0] not in "ZPC") or plain.strip()
    return letters[:NAME_LENGTH]


def _one_line(name):
    return " ".join("".join(" " if unicodedata.category(c) == "Cc" else c for c in name).split())


class TagQuerySet(StampedQuerySet):
    def named(self, names):
        """{fold: Tag} for all names, those that are missing made. Names are cut at 100 characters. Four queries."""
        wanted = {fold(name): _one_line(name)[:NAME_LENGTH] for name in reversed(names) if _one_line(name)}
        found = {tag.key: tag for tag in self.filter(key__in=wanted)}
        missing = [(key, name) for key, name in wanted.items() if key not in found]
        if missing:
            self._make(missing)
            found |= {tag.key: tag for tag in self.filter(key__in=[key for key, _name in missing])}
        return found

    def _make(self, missing):
        slugs = {key: slugify(name, allow_unicode=True)[:90] or "tag" for key, name in missing}
        taken = set(self.filter(slug__in=slugs.values()).values_list("slug", flat=True))
        made = []
        for key, name in reversed(missing):
            slug, number = slugs[key], 1
            while slug in taken or (number == 1 and slug == "tag"):
                number += 1
                slug = f"{slugs[key]}-{number}"
                if slug not in taken and self.filter(slug=slug).exists():
                    taken.add(slug)
            taken.add(slug)
            made.append(self.model(name=name, slug=slug, key=key))
        self.bulk_create(made, ignore_conflicts=True)


class Tag(Stamped, TagBase):
    stamp_kind = "tag"

    description = models.TextField(_("description"), blank=True, help_text=_("Stands on the tag's page."))
    key = models.CharField(max_length=100, unique=True, editable=False)

    objects = TagQuerySet.as_manager()

    class Meta:
        verbose_name = _("tag")
        verbose_name_plural = _("tags")
        ordering = ["name"]

    def save(self, *args, **kwargs):
        self.key = fold(self.name)
        super().save(*args, **kwargs)

    def get_absolute_url(self):
        return address("tag", get_language(), self.slug)


class TaggedBase(Stamped, ItemBase):
    """A story's link to a tag: shown among its tags, as a hashtag, or both."""

    tag = models.ForeignKey(Tag, models.CASCADE, related_name="%(app_label)s_%(class)s_items", verbose_name=_("tag"))
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    listed = models.BooleanField(_("among the tags"), default=True)
    hashtag = models.CharField(
        _("hashtag"), max_length=100, blank=True, help_text=_("As readers see it, without #. Blank: no hashtag.")
    )

    class Meta:
        abstract = True
        ordering = ["position", "pk"]
