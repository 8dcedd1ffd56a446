"""A reader, described in a form: somebody to draw a page for, and to ask why it shows what it shows."""

from dataclasses import dataclass, field
from datetime import timedelta

from django import forms
from django.conf import settings
from django.utils import timezone
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from articles.desk.who_reads import SampleMeter
from members import habits, open_house
from members.access import Audience
from members.habits import Habits, Outside
from members.models import Plan, User
from members.reader import Reader
from members.visit import Device, Referrer, State, Visitor

# What a Reader has beside its moment, by who it is. An account that is nobody's: to have one is all that counts.
ACCOUNT = {"level": Audience.REGISTERED, "user": User()}
GRACE = "grace"
READERS = {
    State.ANONYMOUS: {"level": Audience.EVERYONE},
    State.REGISTERED: ACCOUNT,
    State.MEMBER: ACCOUNT | {"level": Audience.MEMBERS},
    State.LAPSED: ACCOUNT | {"lapsed": True},
    GRACE: ACCOUNT | {"level": Audience.MEMBERS},
    State.PAST_DUE: ACCOUNT | {"owes": True},
}
WHO = {
    **{state.value: state.label for state in State},
    GRACE: _("Payment failed, a member still"),
    State.PAST_DUE: _("Payment failed, a member no more"),
}
# Who is a member has a plan, or none by name.
MEMBERS = {State.MEMBER, GRACE}
# For how long a failed payment changes nothing yet, and how far from now a moment may be asked about.
STILL, FAR = timedelta(days=1), timedelta(days=366)
TIMES_MAX = 255


@dataclass(frozen=True, slots=True)
class Counted:
    """What browsers keep count of just now, each {id: name}: tags that prompts ask for, campaigns of prompts that keep
    measure, campaigns of advertisements with a limit a day."""

    tags: dict = field(default_factory=dict)
    views: dict = field(default_factory=dict)
    ads: dict = field(default_factory=dict)


# How many of each a browser keeps count of.
KEPT = {"tags": habits.TAGS_MAX, "views": habits.PROMPTS_MAX, "ads": habits.ADS_MAX}
MOST = {"tags": TIMES_MAX, "views": habits.DAYS_MAX, "ads": TIMES_MAX}


class ReaderForm(forms.Form):
    """Who asks: as much as decides how far a reader reads."""

    who = forms.ChoiceField(label=_("Reader"), choices=[(who, WHO[who]) for who in READERS], initial=State.ANONYMOUS)
    plan = forms.ModelChoiceField(
        Plan.objects.all(), label=_("Plan"), required=False, empty_label=_("None by name"), help_text=_("Of a member.")
    )
    spent = forms.BooleanField(label=_("Has read the free stories of the month"), required=False)

    @classmethod
    def asked(cls, query, **made):
        """The form for a query (a QueryDict): what it does not name is as the form begins."""
        usual = {name: one.initial for name, one in cls.base_fields.items() if one.initial is not None}
        return cls({**usual, **query.dict()}, **made)

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("plan") and cleaned.get("who") not in MEMBERS:
            self.add_error("plan", _("Members alone have a plan."))
        cleaned["open_house"] = open_house.is_open()
        cleaned["at"] = cleaned.get("at") or timezone.now()
        return cleaned


def number(label, most=TIMES_MAX, **said):
    return forms.IntegerField(label=label, required=False, initial=0, min_value=0, max_value=most, **said)


class VisitorForm(ReaderForm):
    """Who asks, by what, from where, and what the own browser remembers. counted: a `Counted`."""

    at = forms.DateTimeField(
        label=_("When"),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        help_text=_("Blank: now."),
    )
    device = forms.ChoiceField(label=_("Device"), choices=Device.choices, initial=Device.MOBILE)
    country = forms.RegexField(
        r"^[A-Za-z]{2}\Z",
        label=_("Country"),
        required=False,
        help_text=_("Two letters, as in GE. Blank: not known."),
        error_messages={"invalid": _("A country has two letters, as in GE.")},
    )
    referrer = forms.ChoiceField(label=_("Comes from"), choices=Referrer.choices, initial=Referrer.DIRECT)
    gpc = forms.BooleanField(
        label=_("Sends Global Privacy Control"),
        required=False,
        help_text=_("Then nothing is remembered, and nothing of what follows counts."),
    )
    bucket = number(
        _("Bucket"),
        habits.BUCKETS - 1,
        help_text=_("From 0 to 999: by it experiments part browsers, and some are held back."),
    )
    outside = forms.BooleanField(label=_("Has said yes to advertisements from elsewhere"), required=False)
    quiet = forms.BooleanField(label=_("Has said “Not now” lately"), required=False)
    reads = number(_("Stories read lately"), help_text=_("In the last 20 to 30 days, this one not among them."))
    walls = number(_("Of these, how many ended at a wall"))

    def __init__(self, data, *, counted):
        names = {f"{kind}_{pk}": 0 for kind in KEPT for pk in getattr(counted, kind)}
        super().__init__(names | data)
        if not settings.ADS_OUTSIDE:
            del self.fields["outside"]
        labels = {
            "tags": _("Of these, how many about “{name}”"),
            "views": _("Saw the prompt “{name}” in 30 days"),
            "ads": _("Saw the advertisement “{name}” today"),
        }
        self.counted = {kind: getattr(counted, kind) for kind in KEPT}
        for kind, names in self.counted.items():
            for pk, name in names.items():
                self.fields[f"{kind}_{pk}"] = number(format_lazy(labels[kind], name=name), MOST[kind])

    def clean_country(self):
        return self.cleaned_data["country"].upper()

    def clean_at(self):
        at = self.cleaned_data["at"]
        if at is not None and abs(at - timezone.now()) > FAR:
            raise forms.ValidationError(_("Take a moment within a year from now."))
        return at

    def clean(self):
        cleaned = super().clean()
        for kind, names in self.counted.items():
            told = {pk: cleaned.get(f"{kind}_{pk}") or 0 for pk in names}
            cleaned[kind] = {pk: times for pk, times in told.items() if times}
            if len(cleaned[kind]) > KEPT[kind]:
                last = [*cleaned[kind]][-1]
                self.add_error(
                    f"{kind}_{last}",
                    forms.ValidationError(
                        _("A browser keeps count of %(count)d of these at most."), params={"count": KEPT[kind]}
                    ),
                )
        for name in ("walls", *(f"tags_{pk}" for pk in cleaned["tags"])):
            if (cleaned.get(name) or 0) > (cleaned.get("reads") or 0):
                self.add_error(name, _("More than all stories read."))
        return cleaned

    @property
    def parts(self):
        """[(legend, bound fields)] of the whole form, in its order; no part is empty."""
        told = [(legend, [one for one in self if one.name.partition("_")[0] in kinds]) for legend, kinds in PARTS]
        return [(legend, fields) for legend, fields in told if fields]


# The form's parts: a legend, and the names, or kinds, of the fields in it.
PARTS = (
    (_("Who"), {"who", "plan", "spent"}),
    (_("The visit"), {"at", "device", "country", "referrer", "gpc"}),
    (_("What the own browser remembers"), {"bucket", "outside", "quiet", "reads", "walls", "tags"}),
    (_("What it was shown"), {"views", "ads"}),
)


def reader(cleaned):
    """The Reader that a valid ReaderForm describes, at the moment `at`. Pure."""
    who, at, plan = cleaned["who"], cleaned["at"], cleaned["plan"]
    return Reader(
        now=at,
        **READERS[who],
        plans=frozenset({plan.rank}) if plan else frozenset(),
        grace_until=at + STILL if who == GRACE else None,
        meter=SampleMeter(0 if cleaned["spent"] else 1) if settings.METER and who not in MEMBERS else None,
        open_house=cleaned["open_house"],
    )


def described(cleaned):
    """The Visitor that a valid VisitorForm describes, before the visit. Pure."""
    return Visitor(
        reader(cleaned), _habits(cleaned), cleaned["country"], Device(cleaned["device"]), Referrer(cleaned["referrer"])
    )


def _habits(cleaned):
    """What the browser has come to remember, as `members.habits` would have noted it; None where it may not."""
    if cleaned["gpc"]:
        return None
    told = Habits(cleaned["bucket"] or 0, habits.day_of(cleaned["at"]))
    for turn in range(cleaned["reads"] or 0):
        told.note_read([tag for tag, times in cleaned["tags"].items() if turn < times])
    for _wall in range(cleaned["walls"] or 0):
        told.note_wall()
    for noted, note in (("views", told.note_prompt), ("ads", told.note_ad)):
        for campaign, times in cleaned[noted].items():
            for _view in range(times):
                note(campaign)
    if cleaned.get("outside"):
        told.note_outside(Outside.ALLOWED)
    if cleaned["quiet"]:
        told.note_quiet()
    told.changed = False
    return told
