"""Who writes, and where in the paper it stands."""

from django.conf import settings
from django.db import models
from django.utils.text import slugify
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from articles import body
from newsroom.ground.language import address
from newsroom.ground.stamped import Stamped, StampedQuerySet


def one_line(name):
    """A name as it is kept: single spaces, nothing that cannot be printed."""
    return " ".join(body.printable(name).split())


class NamedQuerySet(StampedQuerySet):
    def named(self, names, **scope):
        """{name: row} for all names within `scope` (a language, for sections), those that are missing made."""
        wanted = list(dict.fromkeys(one_line(name) for name in names if one_line(name)))
        found = {row.name: row for row in self.filter(name__in=wanted, **scope)}
        for name in wanted:
            if name not in found:
                found[name] = self.create(name=name, slug=self._free_slug(name, scope), **scope)
        return found

    def _free_slug(self, name, scope):
        stem = slugify(name, allow_unicode=True)[:80] or self.model._meta.model_name
        slug, number = stem, 1
        while self.filter(slug=slug, **scope).exists():
            number += 1
            slug = f"{stem}-{number}"
        return slug


class Section(Stamped):
    stamp_kind = "section"

    name = models.CharField(_("name"), max_length=80)
    slug = models.SlugField(_("address"), max_length=90, allow_unicode=True)
    language = models.CharField(
        _("language"), max_length=10, choices=settings.LANGUAGES, default=settings.LANGUAGE_CODE
    )
    description = models.TextField(_("description"), blank=True, help_text=_("Stands on the section's page."))
    position = models.PositiveSmallIntegerField(_("place in the menu"), default=100, db_index=True)

    objects = NamedQuerySet.as_manager()

    class Meta:
        verbose_name = _("section")
        verbose_name_plural = _("sections")
        ordering = ["position", "name"]
        constraints = [
            models.UniqueConstraint(fields=["language", "slug"], name="section_address_once_a_language"),
            models.UniqueConstraint(fields=["language", "name"], name="section_name_once_a_language"),
        ]

    def __str__(self):
        return self.name

    @classmethod
    def shown_in(cls, rows):
        return {("menu", section.language) for section in rows}

    def get_absolute_url(self):
        return address("section", self.language, self.slug)


class Author(Stamped):
    stamp_kind = "author"

    name = models.CharField(_("name"), max_length=100, unique=True)
    slug = models.SlugField(_("address"), max_length=110, unique=True, allow_unicode=True)
    about = models.TextField(_("about"), blank=True, help_text=_("Two or three sentences for the author's page."))

    objects = NamedQuerySet.as_manager()

    class Meta:
        verbose_name = _("author")
        verbose_name_plural = _("authors")
        ordering = ["name"]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return address("author", get_language(), self.slug)
