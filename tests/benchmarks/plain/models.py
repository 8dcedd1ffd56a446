"""A newspaper as a tutorial would write it."""

from django.db import models


class Section(models.Model):
    name = models.CharField(max_length=80)
    slug = models.SlugField(unique=True)

    def __str__(self):
        return self.name


class Tag(models.Model):
    name = models.CharField(max_length=80)
    slug = models.SlugField(unique=True)

    def __str__(self):
        return self.name


class Article(models.Model):
    headline = models.CharField(max_length=300)
    slug = models.SlugField(max_length=120, unique=True)
    standfirst = models.TextField(blank=True)
    byline = models.CharField(max_length=200)
    text = models.TextField()
    published_at = models.DateTimeField()
    section = models.ForeignKey(Section, models.PROTECT)
    tags = models.ManyToManyField(Tag)
    related = models.ManyToManyField("self", symmetrical=False)

    def __str__(self):
        return self.headline

    @property
    def paragraphs(self):
        return self.text.split("\n\n")
