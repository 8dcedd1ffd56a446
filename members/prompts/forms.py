"""The form of a campaign: its aims typed as lists, one field a kind. Tags, sections and stories are numbers here, since
this domain knows none of them; the desk puts pickers in their place."""

import re

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from members.prompts.models import STATES, Campaign, CampaignStory
from members.prompts.targets import COUNTRIES, EXCLUDED, INCLUDED, NUMBERS

INCLUDE, EXCLUDE = "include", "exclude"
# More stories than these are told by their number alone: an import may find a prompt in a whole archive.
STORIES_SHOWN = 500
PARTED = re.compile(r"[\s,;]+")


class ValuesField(forms.CharField):
    """Several values in a line, parted by commas or spaces, as a list, each once. target: a `Target`, which says what
    they may be."""

    def __init__(self, target, **kwargs):
        self.target = target
        super().__init__(**{"required": False, "label": capfirst(target.label), **kwargs})

    def prepare_value(self, value):
        return ", ".join(map(str, value)) if isinstance(value, list | tuple) else value

    def to_python(self, value):
        told = dict.fromkeys(one for one in PARTED.split(super().to_python(value)) if one)
        return list(dict.fromkeys(map(self._read, told)))

    def has_changed(self, initial, told):
        try:
            return self.to_python(told or "") != list(initial or [])
        except forms.ValidationError:
            return True

    def _read(self, written):
        if self.target.takes is NUMBERS:
            read, wrong = written.isascii() and written.isdigit() and int(written[:20]), _("“%(value)s” is no number.")
        else:
            read, wrong = written.upper(), _("“%(value)s” is no country: two letters, as in GE.")
        if self.target.refused(read):
            raise forms.ValidationError(wrong, params={"value": written})
        return read


def field(target):
    """The form's field for a target."""
    if target.takes in (NUMBERS, COUNTRIES):
        return ValuesField(target, help_text=HELP[target.takes])
    return forms.MultipleChoiceField(
        required=False, label=capfirst(target.label), choices=target.takes.choices, widget=forms.CheckboxSelectMultiple
    )


HELP = {NUMBERS: _("Their numbers at the desk, parted by commas."), COUNTRIES: _("Two letters each: GE, AM.")}
AIMS = {(way, target.kind): target for way, targets in ((INCLUDE, INCLUDED), (EXCLUDE, EXCLUDED)) for target in targets}
FIELDS = {f"{way}_{kind}": field(target) for (way, kind), target in AIMS.items()}
# The names of all fields that say for what a campaign is: once an editor changes one, no import does any more.
AIMING = {*FIELDS, "by_story", "own_stories"}

Aims = type("Aims", (forms.Form,), FIELDS)


class CampaignForm(forms.ModelForm, Aims):
    # Of its own stories, so many are in the form at most.
    stories_shown = STORIES_SHOWN

    states = forms.MultipleChoiceField(
        label=capfirst(_("readers")),
        choices=STATES,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None ticked: all but members, who are never asked, and those whose payment failed."),
    )
    own_stories = ValuesField(
        EXCLUDED[0],
        label=capfirst(_("stories of its own")),
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=HELP[NUMBERS],
    )

    class Meta:
        model = Campaign
        fields = [
            "name", "status", "language", "priority", "starts_at", "ends_at", "drive", "goal", "holdback",
            "sensitive_ok", "by_story", "states", "reads_min", "reads_max", "read_tag", "read_tag_min", "walls_min",
            "place", "after", "frequency", "views_max", "from_view", "quiet_days",
        ]  # fmt: skip

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for way, kind in AIMS:
            self.initial[f"{way}_{kind}"] = getattr(self.instance, way).get(kind, [])
        stories = []
        if self.instance.pk:
            stories = list(
                self.instance.stories.order_by("pk").values_list("story", flat=True)[: self.stories_shown + 1]
            )
        self.many = len(stories) > self.stories_shown
        self.initial["own_stories"] = [] if self.many else stories
        # Who may only look has no fields.
        if self.many and "own_stories" in self.fields:
            self.fields["own_stories"].disabled = True
            self.fields["own_stories"].help_text = _("More than fit here: an import named them.")

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("own_stories") and not cleaned.get("by_story") and "own_stories" in self.changed_data:
            self.add_error("by_story", _("Tick this, or the stories named below change nothing."))
        if cleaned.get("by_story") and not (cleaned.get("own_stories") or self.many) and not self.errors:
            self.add_error("own_stories", _("Name at least one story, or it will stand in none."))
        for way in (INCLUDE, EXCLUDE):
            told = {kind: cleaned.get(f"{one}_{kind}") for one, kind in AIMS if one == way}
            setattr(self.instance, way, {kind: list(values) for kind, values in told.items() if values})
        if AIMING & set(self.changed_data):
            self.instance.follows_import = False
        return cleaned

    def save_stories(self):
        """Once the campaign itself is saved."""
        if "own_stories" not in self.changed_data:
            return
        named = self.cleaned_data["own_stories"]
        CampaignStory.objects.filter(campaign=self.instance).exclude(story__in=named).delete()
        self.instance.attach(named)
