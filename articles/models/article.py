"""What is published. An `Article` holds only what anyone may see once it is public; its text lives in `Body`."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from articles.models.author import Section
from articles.tags.models import TaggableManager, TaggedBase
from members.access import Audience, Terms
from members.standing import Rank
from newsroom.ground.language import address
from newsroom.ground.stamped import Stamped, StampedQuerySet


class ArticleQuerySet(StampedQuerySet):
    def visible_to(self, reader):
        """The stories that exist for a reader at the reader's moment. Whoever asks, a story exists once it is published
        and its time has come; drafts and previews are the desk's own pages."""
        return self.filter(status=Article.Status.PUBLISHED, published_at__lte=reader.now)

    def next_due(self, now, among=None, **kept):
        """The moment at which the next published story of a kind begins to exist, None where none is waiting. Tells of
        a moment alone: for whoever must know how long a page stays true."""
        waiting = self.filter(*([among] if among is not None else []), **kept)
        waiting = waiting.filter(status=Article.Status.PUBLISHED, published_at__gt=now)
        return waiting.order_by("published_at").values_list("published_at", flat=True).first()

    def newest_first(self):
        return self.order_by("-published_at", "-pk")

    def after(self, published_at, pk):
        """What follows a story in newest-first order: keyset paging, the same cost at any depth."""
        return self.filter(Q(published_at__lt=published_at) | Q(published_at=published_at, pk__lt=pk))

    def for_cards(self):
        """With all that a card or a page's head shows, so that a list costs a fixed number of queries."""
        bylines = Byline.objects.select_related("author").order_by("position", "pk")
        return self.select_related("section", "image").prefetch_related(models.Prefetch("bylines", bylines))


class Article(Stamped):
    stamp_kind = "article"

    class Status(models.TextChoices):
        DRAFT = "draft", _("Draft")
        PUBLISHED = "published", _("Published")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    class Audio(models.TextChoices):
        OFF = "off", _("No audio version")
        EVERYONE = "everyone", _("Everyone")
        REGISTERED = "registered", _("Registered readers")
        MEMBERS = "members", _("Members")

    headline = models.CharField(_("headline"), max_length=300)
    slug = models.SlugField(
        _("address"), max_length=120, unique=True, allow_unicode=True, blank=True,
        help_text=_("Blank: made from the headline."),
    )  # fmt: skip
    standfirst = models.TextField(_("standfirst"), blank=True, help_text=_("One or two sentences under the headline."))
    section = models.ForeignKey(
        "articles.Section", models.PROTECT, null=True, blank=True, related_name="articles", verbose_name=_("section")
    )
    language = models.CharField(
        _("language"), max_length=10, choices=settings.LANGUAGES, default=settings.LANGUAGE_CODE
    )
    translation_of = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="translations", verbose_name=_("translation of")
    )
    image = models.ForeignKey(
        "articles.Image", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("lead image")
    )
    authors = models.ManyToManyField(
        "articles.Author", through="Byline", related_name="articles", verbose_name=_("authors")
    )
    tags = TaggableManager(through="articles.ArticleTag", blank=True, verbose_name=_("tags"))
    related = models.ManyToManyField("self", through="Related", symmetrical=False, verbose_name=_("related stories"))

    source = models.CharField(_("source"), max_length=200, blank=True, help_text=_("Blank: our own story."))
    source_url = models.URLField(_("address at the source"), max_length=500, blank=True)

    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.DRAFT)
    published_at = models.DateTimeField(
        _("published"), null=True, blank=True, help_text=_("In the future: the story appears by itself at that time.")
    )
    updated_at = models.DateTimeField(
        _("updated"), null=True, blank=True, help_text=_("Shown when readers should know.")
    )

    audience = models.PositiveSmallIntegerField(_("who may read it all"), choices=Audience, default=Audience.EVERYONE)
    plans = models.ManyToManyField(
        "members.Plan", through="ArticlePlan", related_name="+", blank=True, verbose_name=_("for these plans alone")
    )
    early_access_until = models.DateTimeField(
        _("members first, until"), null=True, blank=True,
        help_text=_("Until then for members alone; from then on for those chosen above."),
    )  # fmt: skip
    early_access_hours = models.PositiveSmallIntegerField(
        _("members first, for hours"), null=True, blank=True,
        help_text=_("Counted from publication; the moment above follows from it."),
    )  # fmt: skip
    metered = models.BooleanField(
        _("counts on the meter"), default=False, help_text=_("Takes one of a reader's free stories of the month.")
    )
    without_ads = models.BooleanField(_("no advertisements in this story"), default=False, db_default=False)
    sensitive = models.BooleanField(
        _("sensitive"), default=False, db_default=False,
        help_text=_("Of death or violence, say: no advertisements, and only prompts that are marked fit for it."),
    )  # fmt: skip
    audio = models.CharField(_("who may hear it"), max_length=10, choices=Audio, default=Audio.OFF)

    # Kept by publishing: what the free part says and how much there is.
    preview = models.TextField(editable=False, blank=True)
    excerpt = models.TextField(editable=False, blank=True)
    words = models.PositiveIntegerField(_("words"), editable=False, default=0)
    paragraphs_after = models.PositiveIntegerField(editable=False, default=0)
    version = models.PositiveIntegerField(_("version"), editable=False, default=0)
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)

    objects = ArticleQuerySet.as_manager()

    class Meta:
        verbose_name = _("story")
        verbose_name_plural = _("stories")
        ordering = ["-published_at", "-pk"]
        permissions = [("publish_article", _("Can publish stories"))]
        indexes = [
            models.Index(fields=["-published_at", "-id"], name="article_by_date"),
            models.Index(fields=["language", "status", "-published_at", "-id"], name="article_by_language"),
            models.Index(fields=["section", "status", "-published_at", "-id"], name="article_by_section"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~Q(status="published") | Q(published_at__isnull=False), name="published_article_has_a_date"
            )
        ]

    def __str__(self):
        return self.headline

    @classmethod
    def shown_in(cls, rows):
        """The lists that published stories stand in, their sisters in other languages, and the menu where a section
        may appear in it or vanish with them."""
        rows = [row for row in rows if row.status == cls.Status.PUBLISHED and row.pk is not None]
        ids = [row.pk for row in rows]
        lists = {row.language for row in rows} | {f"section:{row.section_id}" for row in rows if row.section_id}
        if ids:
            tags = ArticleTag.objects.filter(content_object__in=ids).order_by().values_list("tag", flat=True)
            authors = Byline.objects.filter(article__in=ids).order_by().values_list("author", flat=True)
            lists |= {f"tag:{pk}" for pk in tags.distinct()} | {f"author:{pk}" for pk in authors.distinct()}
        versions = {("versions", str(row.translation_of_id or row.pk)) for row in rows}
        return {("list", key) for key in lists} | versions | cls._menus(rows, ids)

    @classmethod
    def _menus(cls, rows, ids):
        others = cls.objects.filter(status=cls.Status.PUBLISHED, published_at__lte=timezone.now()).exclude(pk__in=ids)
        sections = Section.objects.filter(pk__in={row.section_id for row in rows if row.section_id})
        return {("menu", one.language) for one in sections if not others.filter(section=one).exists()}

    def get_absolute_url(self):
        return address("article", self.language, self.slug)

    @cached_property
    def signed(self):
        """The authors, in the byline's order; no query for stories fetched by `for_cards`."""
        return [byline.author for byline in self.bylines.all()]

    @property
    def terms(self):
        """What the text asks of its reader. The plans are asked of the database, where there can be any."""
        return self.terms_with(self.ranks)

    def terms_with(self, plans):
        """Its terms, given the plans that it is for; without any, a list can say what it asks of a stranger, who has
        none."""
        metered = self.metered and settings.METER
        return Terms(f"article:{self.pk}", Audience(self.audience), plans, self.early_access_until, metered)

    @cached_property
    def ranks(self):
        """The plans that it is for, as `standing.Rank`s: they say which of the members may read it."""
        if self.audience < Audience.MEMBERS:
            return frozenset()
        named = ArticlePlan.objects.filter(article=self.pk).order_by().values_list("plan", "plan__level")
        return frozenset(Rank(*row) for row in named)

    @property
    def audio_terms(self):
        """What the audio version asks of its listener, None where there is none."""
        if self.audio == self.Audio.OFF:
            return None
        audience = Audience[self.audio.upper()]
        plans = self.ranks if audience == Audience.MEMBERS else frozenset()
        return Terms(f"audio:{self.pk}", audience, plans, self.early_access_until)


class ArticlePlan(Stamped):
    """A plan that a story is for: with one or more, members of these plans, and of higher ones, alone may read it."""

    article = models.ForeignKey(Article, models.CASCADE, related_name="for_plans")
    plan = models.ForeignKey("members.Plan", models.PROTECT, related_name="+", verbose_name=_("plan"))

    class Meta:
        verbose_name = _("story for a plan")
        verbose_name_plural = _("stories for a plan")
        constraints = [models.UniqueConstraint(fields=["article", "plan"], name="plan_once_a_story")]

    def __str__(self):
        return str(self.plan_id)

    @classmethod
    def shown_in(cls, rows):
        return {("article", str(row.article_id)) for row in rows}


class Byline(Stamped):
    """An author's place in a story's byline."""

    article = models.ForeignKey(Article, models.CASCADE, related_name="bylines")
    author = models.ForeignKey("articles.Author", models.PROTECT, related_name="bylines", verbose_name=_("author"))
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("author")
        verbose_name_plural = _("authors")
        ordering = ["position", "pk"]
        constraints = [models.UniqueConstraint(fields=["article", "author"], name="author_once_a_story")]

    def __str__(self):
        return str(self.author)

    @classmethod
    def shown_in(cls, rows):
        return {("article", str(row.article_id)) for row in rows} | {
            ("list", f"author:{row.author_id}") for row in rows
        }


class ArticleTag(TaggedBase):
    content_object = models.ForeignKey(Article, models.CASCADE, related_name="tagged")

    class Meta(TaggedBase.Meta):
        verbose_name = _("tag")
        verbose_name_plural = _("tags")
        constraints = [models.UniqueConstraint(fields=["content_object", "tag"], name="tag_once_a_story")]

    @classmethod
    def shown_in(cls, rows):
        stories = {("article", str(row.content_object_id)) for row in rows}
        return stories | {("list", f"tag:{row.tag_id}") for row in rows}


class Related(Stamped):
    """One story pointing to another."""

    article = models.ForeignKey(Article, models.CASCADE, related_name="relations")
    other = models.ForeignKey(Article, models.CASCADE, related_name="+", verbose_name=_("story"))
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("related story")
        verbose_name_plural = _("related stories")
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["article", "other"], name="related_once"),
            models.CheckConstraint(condition=~Q(article=models.F("other")), name="related_to_another"),
        ]

    def __str__(self):
        return str(self.other_id)

    @classmethod
    def shown_in(cls, rows):
        return {("article", str(row.article_id)) for row in rows}


class Correction(Stamped):
    """What was wrong, said openly and dated."""

    article = models.ForeignKey(Article, models.CASCADE, related_name="corrections")
    text = models.TextField(_("correction"))
    published_at = models.DateTimeField(_("date"), default=timezone.now)

    class Meta:
        verbose_name = _("correction")
        verbose_name_plural = _("corrections")
        ordering = ["-published_at", "-pk"]

    def __str__(self):
        return self.text

    @classmethod
    def shown_in(cls, rows):
        return {("article", str(row.article_id)) for row in rows}
