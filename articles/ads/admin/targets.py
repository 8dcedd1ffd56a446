"""For whom a campaign is meant, in the words of an editor: names of tags, addresses of stories, boxes to tick."""

from urllib.parse import unquote, urlsplit

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from articles.models import Article, Section
from articles.tags.models import Tag, fold
from members.visit import Device, State
from newsroom.ground.numbers import row_number

NAMES_MAX = 100
SHOWN = forms.CheckboxSelectMultiple
WORDS = {
    "section": _("Sections"), "tag": _("Tags"), "article": _("Stories"), "language": _("Languages"),
    "device": _("Devices"), "audience": _("Readers"),
}  # fmt: skip


class TagsField(forms.CharField):
    """Names of tags with commas between them, as their ids."""

    def __init__(self, **kwargs):
        super().__init__(help_text=_("With commas between them, as they stand in stories."), **kwargs)

    def prepare_value(self, value):
        if not isinstance(value, list):
            return value
        names = dict(Tag.objects.filter(pk__in=value).values_list("pk", "name"))
        return ", ".join(names[pk] for pk in value if pk in names)

    def clean(self, value):
        names = [" ".join(name.split()) for name in super().clean(value).split(",")]
        wanted = {fold(name): name for name in names if name}
        found = dict(Tag.objects.filter(key__in=list(wanted)[:NAMES_MAX]).values_list("key", "pk"))
        missing = [name for key, name in wanted.items() if key not in found]
        if missing:
            raise ValidationError(_("There is no tag “%(name)s”. Look for its name in the list of tags."),
                                  params={"name": missing[0]})  # fmt: skip
        return [found[key] for key in wanted]


class StoriesField(forms.CharField):
    """Addresses of stories, one a line, as their ids."""

    def __init__(self, **kwargs):
        box = forms.Textarea(attrs={"rows": 2, "cols": 60})
        super().__init__(widget=box, help_text=_("Their addresses or numbers, one a line."), **kwargs)

    def prepare_value(self, value):
        if not isinstance(value, list):
            return value
        stories = Article.objects.in_bulk(value)
        return "\n".join(stories[pk].get_absolute_url() for pk in value if pk in stories)

    def clean(self, value):
        lines = list(dict.fromkeys(line.strip() for line in super().clean(value).splitlines() if line.strip()))
        return list(dict.fromkeys(map(_story, lines[:NAMES_MAX])))


def _story(line):
    """The id of the story at an address, or with a number."""
    number = row_number(line)
    found = Article.objects.filter(pk=number) if number is not None else Article.objects.filter(slug=_slug(line))
    if (story := found.values_list("pk", flat=True).first()) is None:
        raise ValidationError(
            _("There is no story at “%(line)s”. Copy its address from the page."), params={"line": line}
        )
    return story


def _slug(line):
    try:
        path = urlsplit(line).path
    except ValueError:
        path = ""
    return unquote(path).strip("/").rpartition("/")[2]


def _boxes(choices):
    def field(**kwargs):
        return forms.MultipleChoiceField(choices=choices, widget=SHOWN, **kwargs)

    return field


class SectionsField(forms.ModelMultipleChoiceField):
    widget = SHOWN

    def __init__(self, **kwargs):
        super().__init__(Section.objects.all(), **kwargs)

    def clean(self, value):
        return [section.pk for section in super().clean(value)]


FIELDS = {
    "section": SectionsField,
    "tag": TagsField,
    "article": StoriesField,
    "language": _boxes(settings.LANGUAGES),
    "device": _boxes(Device.choices),
    "audience": _boxes(State.choices),
}
SIDES = ("include", "exclude")


class TargetsForm(forms.ModelForm):
    """A form of a model with `include` and `exclude`: a field for each kind of each side."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for side in SIDES:
            held = getattr(self.instance, side)
            self.initial |= {f"{side}_{kind}": held.get(kind, []) for kind in FIELDS}

    def clean(self):
        cleaned = super().clean()
        for side in SIDES:
            chosen = {kind: list(cleaned.get(f"{side}_{kind}") or []) for kind in FIELDS}
            setattr(self.instance, side, {kind: values for kind, values in chosen.items() if values})
        return cleaned


def declared():
    """The form's fields by their names."""
    return {
        f"{side}_{kind}": field(label=WORDS[kind], required=False) for side in SIDES for kind, field in FIELDS.items()
    }
