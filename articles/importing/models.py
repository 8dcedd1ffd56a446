"""What importing remembers of the stories that it brought, so that the next import knows them again."""

from django.db import models
from django.db.models import Q


class Origin(models.Model):
    """By what a story is known again, and which of its writings stands in it.

    Keys are digests, blank where there is nothing to know by; `form` is a `story.Form`, `digest` that of the writing
    that was taken last.
    """

    article = models.OneToOneField("articles.Article", models.CASCADE, primary_key=True, related_name="+")
    external_id = models.CharField(max_length=200, blank=True)
    headline_key = models.CharField(max_length=32, db_index=True)
    text_key = models.CharField(max_length=32, blank=True, db_index=True)
    source = models.CharField(max_length=200, blank=True)
    form = models.PositiveSmallIntegerField()
    digest = models.CharField(max_length=32)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["external_id"], condition=~Q(external_id=""), name="external_id_once"),
        ]

    def __str__(self):
        return self.external_id or str(self.pk)


class Sighting(models.Model):
    """What a file said when it was last read: its name without folder, the place in it, digests of story and prompt.

    said: the names of the story's fields that it spoke of, so that one that is gone is known to have been taken out.
    """

    origin = models.ForeignKey(Origin, models.CASCADE, related_name="sightings")
    name = models.CharField(max_length=255)
    place = models.PositiveIntegerField()
    digest = models.CharField(max_length=32)
    prompt = models.CharField(max_length=32, blank=True)
    said = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["name", "place", "origin"], name="story_once_a_place"),
        ]
        indexes = [models.Index(fields=["digest", "origin"], name="sighting_by_digest")]

    def __str__(self):
        return f"{self.name}:{self.place}"


class Reference(models.Model):
    """A story that another one names by external id or slug. It may come later, even in another import."""

    class Kind(models.TextChoices):
        RELATED = "related"
        TRANSLATION_OF = "translation_of"

    origin = models.ForeignKey(Origin, models.CASCADE, related_name="references")
    kind = models.CharField(max_length=20, choices=Kind)
    key = models.CharField(max_length=200)
    resolved = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["origin", "kind", "key"], name="reference_once_a_story")]
        indexes = [models.Index(fields=["id"], condition=Q(resolved=False), name="reference_open")]

    def __str__(self):
        return f"{self.kind} {self.key}"
