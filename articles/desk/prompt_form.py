"""The form of a prompt's campaign at the desk: tags by their names, stories by their addresses, sections to tick."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from articles.ads.admin import targets
from articles.models import Image
from members.prompts import forms as prompts
from members.prompts.models import WORDED, Variant


class Compared:
    """A field of a list that knows whether another list was typed."""

    def has_changed(self, initial, told):
        try:
            return self.clean(told) != list(initial or [])
        except ValidationError:
            return True


class TagsField(Compared, targets.TagsField):
    pass


class TagField(targets.TagsField):
    """The name of one tag, as its id."""

    def prepare_value(self, value):
        return super().prepare_value([value]) if isinstance(value, int) else value

    def clean(self, value):
        found = super().clean(value)
        if len(found) > 1:
            raise ValidationError(_("Name one tag alone."))
        return found[0] if found else None

    def has_changed(self, initial, told):
        try:
            return self.clean(told) != initial
        except ValidationError:
            return True


class StoriesField(Compared, targets.StoriesField):
    def clean(self, value):
        if len((value or "").splitlines()) > targets.NAMES_MAX:
            raise ValidationError(_("No more than %(most)s stories fit here."), params={"most": targets.NAMES_MAX})
        return super().clean(value)


def _fields(way):
    return {
        f"{way}_tag": TagsField(label=capfirst(_("tags")), required=False),
        f"{way}_section": targets.SectionsField(label=capfirst(_("sections")), required=False),
    }


Picked = type("Picked", (forms.Form,), _fields(prompts.INCLUDE) | _fields(prompts.EXCLUDE))


class CampaignForm(Picked, prompts.CampaignForm):
    stories_shown = targets.NAMES_MAX

    exclude_story = StoriesField(label=capfirst(_("stories")), required=False)
    own_stories = StoriesField(label=capfirst(_("stories of its own")), required=False)
    read_tag = TagField(label=capfirst(_("having read about the tag")), required=False)


class VariantForm(forms.ModelForm):
    class Meta:
        model = Variant
        fields = ["name", "weight", *WORDED, "second_url", "image", "image_alt"]

    def clean_image(self):
        image = self.cleaned_data["image"]
        if image is not None and not Image.objects.filter(pk=image).exists():
            raise ValidationError(_("The library has no such image."))
        return image
