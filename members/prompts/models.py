"""What the newsroom says to a reader who might join."""

import hashlib
import unicodedata

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from newsroom.ground.prepared import Prepared
from newsroom.ground.stamped import Stamped, StampedQuerySet

# The change that stamps write when the words of any prompt do, or where it may stand.
PROMPTS = ("prompts", "")


def words_key(*texts):
    """One digest for the same words, however they are spaced, quoted or capitalised."""
    letters = "\n".join(
        "".join(c for c in unicodedata.normalize("NFKC", text).casefold() if c.isalnum()) for text in texts
    )
    return hashlib.sha256(letters.encode()).hexdigest()


class PromptQuerySet(StampedQuerySet):
    def record(self, *, title, text, pitch, button, language=settings.LANGUAGE_CODE):
        """The prompt of these words: the stored one, or a new one. Never two of the same words."""
        fields = {"title": title, "text": text, "pitch": pitch, "button": button, "language": language}
        return self.get_or_create(key=words_key(title, text, pitch), defaults=fields)[0]

    def running(self):
        return self.filter(active=True)


class Prompt(Stamped):
    title = models.CharField(_("title"), max_length=300)
    text = models.TextField(_("text"), blank=True, help_text=_("Blank lines part paragraphs."))
    pitch = models.CharField(
        _("pitch"), max_length=500, blank=True, help_text=_("The last sentence before the button.")
    )
    button = models.CharField(_("button"), max_length=60, default=_("Become a member"))
    language = models.CharField(
        _("language"), max_length=10, choices=settings.LANGUAGES, default=settings.LANGUAGE_CODE
    )
    everywhere = models.BooleanField(
        _("everywhere"),
        default=False,
        help_text=_("Shown on stories of its language that have no prompt of their own."),
    )
    active = models.BooleanField(_("active"), default=True)
    key = models.CharField(max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    objects = PromptQuerySet.as_manager()

    class Meta:
        verbose_name = _("prompt")
        verbose_name_plural = _("prompts")
        ordering = ["-pk"]

    def __str__(self):
        return self.title

    @classmethod
    def changes(cls, rows):
        return {PROMPTS} if rows else set()

    shown_in = changes

    def save(self, **kwargs):
        self.key = words_key(self.title, self.text, self.pitch)
        if kwargs.get("update_fields") is not None:
            kwargs["update_fields"] = {*kwargs["update_fields"], "key"}
        super().save(**kwargs)

    def attach(self, story_ids):
        """Show the prompt in these stories; those that have it already stay as they are."""
        PromptStory.objects.bulk_create(
            [PromptStory(prompt=self, story=story) for story in story_ids], ignore_conflicts=True
        )


class PromptStory(Stamped):
    """A story that a prompt stands in. `story` is a plain id: this domain knows no articles."""

    prompt = models.ForeignKey(Prompt, models.CASCADE, related_name="stories")
    story = models.PositiveBigIntegerField(_("story"))

    objects = StampedQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["story", "prompt"], name="prompt_once_a_story")]

    def __str__(self):
        return f"{self.prompt} · {self.story}"

    @classmethod
    def shown_in(cls, rows):
        return {("prompt-story", str(row.story)) for row in rows}


_own_prompts = Prepared(
    lambda story: PromptStory.objects.filter(story=story).order_by("-prompt").values_list("prompt", flat=True), int
)


def own_prompts(story):
    """The ids of a story's own prompts, the newest first. Whether they run is for `choose` to know."""
    return list(_own_prompts(story))
