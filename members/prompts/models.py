"""What the newsroom says to a reader who might join: campaigns, and the variants of their words."""

import hashlib
import unicodedata

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import IntegrityError, models, transaction
from django.utils.translation import gettext_lazy as _

from members.prompts import targets, words
from members.prompts.drive import PROMPTS, Drive, Reminder
from members.visit import State
from newsroom.ground import stamps
from newsroom.ground.prepared import Prepared
from newsroom.ground.stamped import Stamped, StampedQuerySet

__all__ = ["PROMPTS", "Campaign", "CampaignStory", "Drive", "Reminder", "Variant"]

# Blocks of a story after which a prompt may stand.
AFTER_MAX = 200
NAME_LENGTH = 200
# Members are never asked: those whom a campaign may be for.
STATES = [(state.value, state.label) for state in State if state is not State.MEMBER]


class Place(models.TextChoices):
    """Where on a page a prompt stands."""

    TOP = "top", _("Above the story")
    AFTER = "after", _("In the story, after so many blocks")
    END = "end", _("Below the story")
    BAR = "bar", _("In a bar at the foot of the page")


def words_key(*texts):
    """One digest for the same words, however they are spaced, quoted or capitalised."""
    letters = "\n".join(
        "".join(c for c in unicodedata.normalize("NFKC", text).casefold() if c.isalnum()) for text in texts
    )
    return hashlib.sha256(letters.encode()).hexdigest()


def known_states(told):
    """Raises ValidationError for what is no list of states of readers who may be asked."""
    if not isinstance(told, list) or not set(map(str, told)) <= {value for value, _label in STATES}:
        raise ValidationError(_("Take any of these readers: %(known)s."), params={"known": ", ".join(dict(STATES))})


class CampaignQuerySet(StampedQuerySet):
    def record(self, *, heading, text="", pitch="", button="", **fields):
        """The campaign with a variant of these words: the stored one, as it is, or a new one that runs from now on,
        above the story and from the first on. fields: of a new one. Never two of the same words."""
        key = words_key(heading, text, pitch)
        return self._of_words(key) or self._new(key, fields, heading=heading, text=text, pitch=pitch, button=button)

    def _of_words(self, key):
        return self.filter(variants__key=key).first()

    def _new(self, key, fields, **said):
        fields = {"status": Campaign.Status.RUNNING, "from_view": 1, "name": said["heading"][:NAME_LENGTH]} | fields
        try:
            with transaction.atomic():
                stamps.hold()
                made = self.create(**fields)
                Variant.objects.create(campaign=made, **said)
        except IntegrityError:
            # Another process was first.
            made = self._of_words(key)
        return made

    def kept(self):
        """Those that were not put away."""
        return self.exclude(status=Campaign.Status.ARCHIVED)


class Campaign(Stamped):
    class Status(models.TextChoices):
        DRAFT = "draft", _("Draft")
        RUNNING = "running", _("Running")
        PAUSED = "paused", _("Paused")
        ARCHIVED = "archived", _("Put away")

    name = models.CharField(_("name"), max_length=NAME_LENGTH, help_text=_("For the desk alone."))
    status = models.CharField(_("status"), max_length=8, choices=Status, default=Status.DRAFT)
    starts_at = models.DateTimeField(_("starts"), null=True, blank=True, help_text=_("Blank: as soon as it runs."))
    ends_at = models.DateTimeField(_("ends"), null=True, blank=True, help_text=_("Blank: when somebody ends it."))
    priority = models.PositiveSmallIntegerField(
        _("priority"), default=10, help_text=_("Of campaigns that fit a story equally well, the highest goes first.")
    )
    goal = models.PositiveIntegerField(
        _("goal"), null=True, blank=True, validators=[MinValueValidator(1)], help_text=_("Memberships to win.")
    )
    holdback = models.PositiveSmallIntegerField(
        _("held back, %"),
        default=0,
        validators=[MaxValueValidator(50)],
        help_text=_("So many of a hundred browsers are shown no prompt instead, to see what the campaign is worth."),
    )
    language = models.CharField(
        _("language"), max_length=10, choices=settings.LANGUAGES, default=settings.LANGUAGE_CODE
    )
    sensitive_ok = models.BooleanField(
        _("fit for sensitive stories"), default=False, help_text=_("Others never stand in stories marked sensitive.")
    )
    by_story = models.BooleanField(
        _("only in stories of its own"),
        default=False,
        help_text=_("In those named below and in no others, where it goes first."),
    )
    include = models.JSONField(_("for"), default=dict, blank=True, validators=[targets.included])
    exclude = models.JSONField(_("not for"), default=dict, blank=True, validators=[targets.excluded])
    tag_names = models.JSONField(
        _("names of the tags"), default=dict, blank=True, editable=False, help_text=_("As {tag} tells them, by id.")
    )
    states = models.JSONField(
        _("readers"), default=list, blank=True, validators=[known_states], help_text=_("None: all but members.")
    )
    reads_min = models.PositiveSmallIntegerField(
        _("stories read lately, at least"), default=0, help_text=_("In the last 20 to 30 days, this one among them.")
    )
    reads_max = models.PositiveSmallIntegerField(_("stories read lately, at most"), null=True, blank=True)
    read_tag = models.PositiveBigIntegerField(_("having read about the tag"), null=True, blank=True)
    read_tag_min = models.PositiveSmallIntegerField(
        _("at least so often"), default=1, validators=[MinValueValidator(1)]
    )
    walls_min = models.PositiveSmallIntegerField(_("walls met lately, at least"), default=0)
    place = models.CharField(_("place"), max_length=5, choices=Place, default=Place.TOP)
    after = models.PositiveSmallIntegerField(
        _("after so many blocks"), default=3, validators=[MinValueValidator(1), MaxValueValidator(AFTER_MAX)]
    )
    frequency = models.BooleanField(
        _("keeps measure"), default=True, help_text=_("Not ticked: shown as often as it fits, from the first story on.")
    )
    views_max = models.PositiveSmallIntegerField(
        _("views in 30 days, at most"), default=4, validators=[MinValueValidator(1), MaxValueValidator(6)]
    )
    from_view = models.PositiveSmallIntegerField(
        _("from the story read as number"), default=2, validators=[MinValueValidator(1)]
    )
    quiet_days = models.PositiveSmallIntegerField(
        _("days of silence after an answer"),
        default=30,
        validators=[MinValueValidator(1), MaxValueValidator(365)],
        help_text=_("After “Not now” no prompt at all is shown for so long."),
    )
    drive = models.ForeignKey(
        Drive,
        # Without its drive a campaign would be shown for ever.
        models.PROTECT,
        null=True,
        blank=True,
        related_name="campaigns",
        verbose_name=_("drive"),
        help_text=_("It is shown while the drive runs, and not otherwise."),
    )
    follows_import = models.BooleanField(
        default=False, editable=False, help_text=_("An import found it and may still say where it fits.")
    )
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    objects = CampaignQuerySet.as_manager()

    class Meta:
        verbose_name = _("prompt campaign")
        verbose_name_plural = _("prompt campaigns")
        ordering = ["-pk"]

    def __str__(self):
        return self.name

    @classmethod
    def changes(cls, rows):
        return {PROMPTS} if rows else set()

    shown_in = changes

    def clean(self):
        if self.starts_at and self.ends_at and self.ends_at <= self.starts_at:
            raise ValidationError({"ends_at": _("It ends before it starts.")})
        if self.reads_max is not None and self.reads_max < self.reads_min:
            raise ValidationError({"reads_max": _("Nobody can have read at most fewer stories than at least.")})

    def state_at(self, now):
        """What it is at a moment (aware), in words."""
        if self.status == self.Status.RUNNING and self.ends_at and self.ends_at <= now:
            return _("Ended")
        if self.status == self.Status.RUNNING and self.starts_at and now < self.starts_at:
            return _("Scheduled")
        return self.get_status_display()

    def copy(self):
        """A draft of the same words, aims and measures, for the same stories."""
        variants, stories = list(self.variants.all()), list(self.stories.values_list("story", flat=True))
        fields = {one.attname: getattr(self, one.attname) for one in self._meta.concrete_fields}
        changed = {
            "name": (_("Copy of %(name)s") % {"name": self.name})[:NAME_LENGTH],
            "status": self.Status.DRAFT,
            "follows_import": False,
        }
        with transaction.atomic():
            stamps.hold()
            made = Campaign.objects.create(**{**fields, "id": None, "created_at": None, **changed})
            for variant in variants:
                variant.pk, variant.campaign, variant._state.adding = None, made, True
                variant.save()
            made.attach(stories)
        return made

    def attach(self, story_ids):
        """Name these stories as its own; those that are named already stay as they are."""
        CampaignStory.objects.bulk_create(
            [CampaignStory(campaign=self, story=story) for story in story_ids], ignore_conflicts=True
        )

    def fit(self, tags):
        """Stand, from where an import found it, on all stories with those of their tags that its words name. tags:
        {id: name}. Where its words name none of them, or an editor has said where it stands, nothing changes."""
        named = words.named_in(tags, *(text for variant in self.variants.all() for text in variant.texts))
        new = [tag for tag in named if tag not in self.include.get("tag", ())]
        if self.follows_import and (new or (named and self.by_story)):
            self.include |= {"tag": [*self.include.get("tag", ()), *new]}
            self.tag_names |= {str(tag): named[tag] for tag in new}
            self.by_story = False
            self.save()

    def forsake(self):
        """What an import finds in no story any more stands in none."""
        if self.follows_import and not self.stories.exists():
            self.include, self.tag_names, self.by_story = {}, {}, True
            self.save()


class Variant(Stamped):
    """One wording of a campaign, drawn by its weight among the others."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="variants", verbose_name=_("campaign"))
    name = models.CharField(_("name"), max_length=40, default="A")
    weight = models.PositiveSmallIntegerField(
        _("weight"), default=1, validators=[MaxValueValidator(100)], help_text=_("0: shown to nobody.")
    )
    heading = models.CharField(_("heading"), max_length=300)
    text = models.TextField(_("text"), blank=True, help_text=_("Blank lines part paragraphs."))
    pitch = models.CharField(
        _("pitch"), max_length=500, blank=True, help_text=_("The last sentence before the button.")
    )
    button = models.CharField(
        _("button"), max_length=60, blank=True, help_text=_("Blank: “Join”, or what suits the reader.")
    )
    second_button = models.CharField(_("second button"), max_length=60, blank=True)
    second_url = models.CharField(
        _("where it leads"), max_length=500, blank=True, help_text=_("A path of this site, such as /join/.")
    )
    image = models.PositiveBigIntegerField(_("picture"), null=True, blank=True, help_text=_("Its number at the desk."))
    image_alt = models.CharField(
        _("alternative text"), max_length=300, blank=True, help_text=_("What a reader who cannot see it should know.")
    )
    # By which an import knows the words again; a copy of words that are there already has none.
    key = models.CharField(max_length=64, unique=True, null=True, blank=True, default=None, editable=False)

    objects = StampedQuerySet.as_manager()

    class Meta:
        verbose_name = _("variant")
        verbose_name_plural = _("variants")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "name"],
                name="one_variant_of_a_name",
                violation_error_message=_("A variant of this name is there already."),
            )
        ]

    def __str__(self):
        return f"{self.name} · {self.heading}"

    @classmethod
    def changes(cls, rows):
        return {PROMPTS} if rows else set()

    shown_in = changes

    @property
    def texts(self):
        """All that readers see of it, placeholders and all."""
        return (self.heading, self.text, self.pitch, self.button, self.second_button)

    def clean(self):
        wrong = {name: told for name in WORDED if (told := _refused(getattr(self, name)))}
        if self.second_url and not is_own_path(self.second_url):
            wrong["second_url"] = _("Take a path of this site, such as /join/.")
        if bool(self.second_button) != bool(self.second_url):
            wrong.setdefault("second_url", _("A second button needs both its words and where it leads."))
        if self.image and not self.image_alt:
            wrong["image_alt"] = _("Say what the picture shows.")
        if wrong:
            raise ValidationError(wrong)

    def save(self, **kwargs):
        key = words_key(self.heading, self.text, self.pitch)
        self.key = None if Variant.objects.exclude(pk=self.pk).filter(key=key).exists() else key
        if kwargs.get("update_fields") is not None:
            kwargs["update_fields"] = {*kwargs["update_fields"], "key"}
        super().save(**kwargs)


# Fields in which placeholders may stand.
WORDED = ("heading", "text", "pitch", "button", "second_button")


def is_own_path(told):
    """Whether an address is a path of this site, and no browser takes it for another's."""
    return told.startswith("/") and told[1:2] not in ("/", "\\") and told.isprintable() and " " not in told


def _refused(text):
    """The ValidationError of a text with placeholders that nobody fills; None of any other."""
    if not (names := words.unknown(text)):
        return None
    said = {"names": _braced(names), "known": _braced(words.PLACEHOLDERS)}
    return ValidationError(_("%(names)s is no placeholder. These are: %(known)s."), params=said)


def _braced(names):
    return ", ".join(f"{{{name}}}" for name in names)


class CampaignStory(Stamped):
    """A story that a campaign names, or was found in. `story` is a plain id: this domain knows no articles."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="stories")
    story = models.PositiveBigIntegerField(_("story"))

    objects = StampedQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["story", "campaign"], name="campaign_once_a_story")]

    def __str__(self):
        return f"{self.campaign} · {self.story}"

    @classmethod
    def shown_in(cls, rows):
        return {("prompt-story", str(row.story)) for row in rows}


_own_prompts = Prepared(
    lambda story: CampaignStory.objects.filter(story=story).order_by("-campaign").values_list("campaign", flat=True),
    int,
)


def own_prompts(story):
    """The ids of the campaigns that name a story, the newest first. Whether they run is for `choose` to know."""
    return list(_own_prompts(story))
