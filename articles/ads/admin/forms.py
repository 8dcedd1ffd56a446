"""The forms of campaigns and creatives."""

from django import forms
from django.utils.translation import gettext_lazy as _

from articles.ads import places, report
from articles.ads.admin import targets
from articles.ads.models import Campaign, Creative
from articles.models import ImageRefused

WEEKDAYS = [
    (0, _("Monday")), (1, _("Tuesday")), (2, _("Wednesday")), (3, _("Thursday")), (4, _("Friday")),
    (5, _("Saturday")), (6, _("Sunday")),
]  # fmt: skip
# The numbered places that can be booked one by one.
FIRST = [f"{kind}{number}" for kind in places.NUMBERED for number in range(1, 5)]
# A picture may have so many pixels for each of the page's, for screens that show them.
DENSITIES = (1, 2)


def placements():
    """What a campaign may take: kinds of places, and the first numbered ones."""
    return [*places.Kind.choices, *[(name, report.place_label(name)) for name in FIRST]]


Aims = type("Aims", (forms.Form,), targets.declared())


class CampaignForm(targets.TargetsForm, Aims):
    placements = forms.MultipleChoiceField(
        label=_("Places"), choices=placements, required=False, widget=forms.CheckboxSelectMultiple,
        help_text=_("None ticked: all of them."),
    )  # fmt: skip
    weekdays = forms.TypedMultipleChoiceField(
        label=_("On"), choices=WEEKDAYS, coerce=int, required=False, widget=forms.CheckboxSelectMultiple,
        help_text=_("None ticked: on all days."),
    )  # fmt: skip

    class Meta:
        model = Campaign
        fields = [
            "advertiser", "name", "priority", "weight", "starts_at", "ends_at", "paused", "goal", "goal_kind", "cap",
            "exclusion_group", "placements", "weekdays", "hour_from", "hour_until",
        ]  # fmt: skip


class CreativeForm(forms.ModelForm):
    # Set by the admin for each request: the prepared `Image` of an upload, or the ImageRefused that came instead.
    picture = None

    file = forms.FileField(
        label=_("Picture"), required=False,
        help_text=_("JPEG, PNG, WebP or GIF, of one of the sizes that the campaign’s places take, or twice that."),
    )  # fmt: skip
    size = forms.ChoiceField(label=_("Size of the frame"), required=False)

    class Meta:
        model = Creative
        fields = [
            "campaign", "kind", "name", "active", "sponsored_by", "url", "headline", "text", "button", "alt", "html",
        ]  # fmt: skip
        widgets = {"html": forms.Textarea(attrs={"rows": 12, "cols": 90, "spellcheck": "false"})}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        # Who may only look has a form without fields.
        if "size" in self.fields:
            names = map(_name, places.sizes(places.Kind))
            self.fields["size"].choices = [("", "–"), *[(name, name) for name in names]]
        if self.instance.kind == Creative.Kind.HTML and self.instance.width:
            self.initial["size"] = _name(self.instance.size)

    def clean(self):
        cleaned = super().clean()
        campaign, kind = cleaned.get("campaign"), cleaned.get("kind")
        if isinstance(self.picture, ImageRefused):
            self.add_error("file", str(self.picture))
        elif campaign and kind == Creative.Kind.IMAGE:
            self._clean_picture(campaign)
        elif campaign and kind == Creative.Kind.HTML:
            self._clean_frame(campaign, cleaned.get("size"))
        elif kind == Creative.Kind.NATIVE:
            self.instance.width = self.instance.height = None
        return cleaned

    def _clean_picture(self, campaign):
        image = self.picture or self.instance.image
        if image is None:
            self.add_error("file", _("Choose the picture."))
            return
        fitting = places.sizes(campaign.kinds())
        size = next((one for one in fitting for times in DENSITIES if _is(image, one, times)), None)
        if size is None:
            words = _("The picture has %(has)s pixels. These places take %(take)s, or twice that: save it so.")
            has = _name((image.width, image.height))
            self.add_error("file", words % {"has": has, "take": _names(fitting)})
            return
        self.instance.width, self.instance.height = size

    def _clean_frame(self, campaign, told):
        fitting = places.sizes(campaign.kinds())
        size = next((one for one in fitting if _name(one) == told), None)
        if size is None:
            self.add_error("size", _("The campaign’s places take %(take)s. Choose one.") % {"take": _names(fitting)})
            return
        # What stands in a frame does not shrink.
        if size[0] > places.COLUMN and "mobile" not in campaign.exclude.get("device", []):
            self.add_error(
                "size",
                _("It is wider than a telephone’s screen. Choose 320 or less, or exclude telephones in the campaign."),
            )
        self.instance.width, self.instance.height = size


def _is(image, size, times):
    return (image.width, image.height) == (size[0] * times, size[1] * times)


def _name(size):
    return f"{size[0]} × {size[1]}"


def _names(sizes):
    return ", ".join(map(_name, sizes))
