"""Who writes, and where in the paper it stands."""

from django.conf import settings
from django.db import models
from django.utils.functional import cached_property
from django.utils.text import slugify
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from articles import body
from members.access import Audience
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

    # What a new story takes over whose author chose nothing (`articles.publishing`). A story keeps what it took: a
    # change here opens and closes no story that there is.
    default_audience = models.PositiveSmallIntegerField(
        _("who may read it all"), choices=Audience, default=Audience.EVERYONE, db_default=Audience.EVERYONE.value
    )
    default_plans = models.ManyToManyField(
        "members.Plan", through="SectionPlan", related_name="+", blank=True, verbose_name=_("for these plans alone")
    )
    default_early_access_hours = models.PositiveSmallIntegerField(
        _("members first, for hours"), null=True, blank=True, help_text=_("From publication on. Blank: not so.")
    )
    default_metered = models.BooleanField(
        _("counts on the meter"), default=False, db_default=False,
        help_text=_("Takes one of a reader's free stories of the month."),
    )  # fmt: skip

    without_ads = models.BooleanField(
        _("no advertisements"), default=False, db_default=False,
        help_text=_("Neither in its stories nor on its page."),
    )  # fmt: skip

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

    @cached_property
    def plan_ids(self):
        """The ids of the plans that its new stories are for, a list."""
        return list(SectionPlan.objects.filter(section=self.pk).values_list("plan", flat=True))

    def lend(self, article, what):
        """Let an article (unsaved) ask of readers what the section says. what: of `LENT` those that are left to it."""
        if "audience" in what:
            article.audience = self.default_audience
        if "early_access" in what:
            article.early_access_until, article.early_access_hours = None, self.default_early_access_hours
        if "metered" in what:
            article.metered = self.default_metered


# What a section says of its new stories. The audience brings the plans with it.
LENT = frozenset({"audience", "early_access", "metered"})


class SectionPlan(models.Model):
    """A plan that a section's new stories are for."""

    section = models.ForeignKey(Section, models.CASCADE, related_name="for_plans")
    plan = models.ForeignKey("members.Plan", models.PROTECT, related_name="+", verbose_name=_("plan"))

    class Meta:
        verbose_name = _("section for a plan")
        verbose_name_plural = _("sections for a plan")
        constraints = [models.UniqueConstraint(fields=["section", "plan"], name="plan_once_a_section")]

    def __str__(self):
        return str(self.plan_id)


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
