"""The choice of plans in the forms of stories and sections, and the rule that both follow."""

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from members.access import Audience
from members.models import Plan

# A year: what is members' for longer is for members.
MOST_HOURS = 8_760


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
