"""What a story asks of its readers, in the forms of stories and sections: the fields, and the rules they follow."""

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from articles.models import Section
from articles.models.author import LENT
from members.access import Audience
from members.models import Plan

# The fields of a story's form that only those change who may publish.
FIELDS = ["audience", "chosen_plans", "early_access_hours", "early_access_until", "metered", "audio"]
# A year: what is members' for longer is for members.
MOST_HOURS = 8_760
AS_SECTION = _("As the section says")


class PlansField(forms.ModelMultipleChoiceField):
    """Plans to tick. Offered are those that somebody can take now, and those that were named already."""

    widget = forms.CheckboxSelectMultiple

    def __init__(self, **kwargs):
        super().__init__(Plan.objects.none(), required=False, **kwargs)

    def offer(self, named):
        """named: ids of the plans that are named already."""
        self.queryset = Plan.objects.filter(Q(archived_at=None) | Q(pk__in=named))


def for_plans_alone(audience, plans):
    """What is wrong with naming these plans for this audience, in words; "" where nothing is."""
    if plans and audience != Audience.MEMBERS:
        return _("Plans are named for what members alone may read: choose “Members” above, or no plan here.")
    return ""


def offer(form):
    """Prepare the fields of a story's form: the plans that there are, and for a new story the section's say first."""
    named = [] if form.instance.pk is None else list(form.instance.plans.values_list("pk", flat=True))
    form.initial["chosen_plans"] = named
    form.fields["chosen_plans"].offer(named)
    if not settings.METER:
        form.fields["metered"].help_text = _("The meter is off: for now this changes nothing.")
    if form.instance.pk is None:
        _offer_section(form)


def _offer_section(form):
    form.initial |= {"audience": "", "metered": ""}
    form.fields["audience"] = forms.TypedChoiceField(
        label=form.fields["audience"].label,
        required=False,
        coerce=int,
        empty_value=None,
        choices=[("", AS_SECTION), *Audience.choices],
        help_text=_sections_in_words(),
    )
    form.fields["metered"] = forms.TypedChoiceField(
        label=form.fields["metered"].label,
        required=False,
        coerce=lambda value: value == "yes",
        empty_value=None,
        choices=[("", AS_SECTION), ("yes", _("Yes")), ("no", _("No"))],
        help_text=form.fields["metered"].help_text,
    )
    form.fields["early_access_hours"].help_text = _("Blank: as the section says. 0: not at all.")


def _sections_in_words():
    """Which sections are not for everyone, and for whom they are."""
    closed = Section.objects.exclude(default_audience=Audience.EVERYONE)
    said = [f"{section.name} – {section.get_default_audience_display()}" for section in closed]
    return format_lazy(_("Sections that are not for everyone: {sections}."), sections=", ".join(said)) if said else ""


def settle(form, cleaned):
    """Check what a story's form says of its terms, and put it into `cleaned` as a story keeps it. Returns what is left
    to its section, of `models.author.LENT`."""
    new, late = form.instance.pk is None, _gets_its_section_late(form, cleaned)
    if "audience" not in form.fields:
        return LENT if new or late else frozenset()
    left = _left_to_section(cleaned) if new else LENT if late else frozenset()
    if wrong := for_plans_alone(cleaned.get("audience"), cleaned.get("chosen_plans")):
        form.add_error("chosen_plans", wrong)
    if "audience" in left:
        cleaned["audience"] = Audience.EVERYONE
    if "metered" in left:
        cleaned["metered"] = False
    if {"early_access_hours", "early_access_until"} <= cleaned.keys():
        try:
            _settle_early_access(cleaned, set(form.changed_data))
        except ValidationError as wrong:
            form.add_error("early_access_until", wrong)
    return left


def _gets_its_section_late(form, cleaned):
    """Whether a draft that stood in no section gets one now, and nobody has said yet who may read it. Its terms are
    those of everyone and untouched, so the section can but narrow them."""
    story = form.instance
    draft = story.pk is not None and story.status == story.Status.DRAFT and story.section_id is None
    untouched = not {*TERMS} & {*form.changed_data}
    said = story.audience or story.metered or story.early_access_until or story.early_access_hours
    return bool(draft and cleaned.get("section") and untouched and not said)


# The fields of the form that say who may read a story.
TERMS = ("audience", "chosen_plans", "metered", "early_access_hours", "early_access_until")


def _left_to_section(cleaned):
    left = {name for name in ("audience", "metered") if name in cleaned and cleaned[name] is None}
    if cleaned.get("early_access_hours") is None and cleaned.get("early_access_until") is None:
        left.add("early_access")
    return frozenset(left)


def _settle_early_access(cleaned, changed):
    """Hours count from publication and give the moment; a moment that is chosen stands by itself."""
    hours, until = cleaned["early_access_hours"], cleaned["early_access_until"]
    chose_hours, chose_until = "early_access_hours" in changed, "early_access_until" in changed
    if hours and until and chose_hours and chose_until:
        raise ValidationError(_("Say for how many hours members are first, or until when; not both."))
    if chose_until and not (hours and chose_hours):
        hours = None
    elif hours or chose_hours:
        until = None
    cleaned["early_access_hours"], cleaned["early_access_until"] = hours or None, until
