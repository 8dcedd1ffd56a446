"""By what a campaign is meant for some pages and readers and not for others: lists of plain values, kept as JSON.

`{"tag": [4, 7], "country": ["GE"]}`. Within one kind any of the values will do; all kinds that are named must fit; what
is left out wins over what is named.
"""

import re
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from members.visit import Device, Kind, Referrer

# What a database's id may be.
ID_MAX = 2**63 - 1
COUNTRY = re.compile(r"[A-Z]{2}")
NUMBERS, COUNTRIES = "numbers", "countries"


@dataclass(frozen=True, slots=True)
class Target:
    """kind: as it is kept. takes: NUMBERS (ids), COUNTRIES (two capital letters), or the choices there are."""

    kind: str
    label: str
    takes: object

    def refused(self, value):
        """Whether a value is none of these."""
        if self.takes is NUMBERS:
            return type(value) is not int or not 0 < value <= ID_MAX
        if self.takes is COUNTRIES:
            return not isinstance(value, str) or not COUNTRY.fullmatch(value)
        return value not in self.takes.values


STORY = Target("story", _("stories"), NUMBERS)
# Which stories a campaign is for are rows of their own (`CampaignStory`): an archive may have thousands of them.
INCLUDED = (
    Target("tag", _("tags"), NUMBERS),
    Target("section", _("sections"), NUMBERS),
    Target("kind", _("kinds of stories"), Kind),
    Target("country", _("countries"), COUNTRIES),
    Target("device", _("devices"), Device),
    Target("referrer", _("where readers come from"), Referrer),
)
EXCLUDED = (STORY, *INCLUDED)
# Of these a page decides; of the others, who looks at it.
OF_PAGES, OF_READERS = ("tag", "section", "kind"), ("country", "device", "referrer")


def included(told):
    """Raises ValidationError for what is no table of lists of values of `INCLUDED`."""
    _check(told, INCLUDED)


def excluded(told):
    """Raises ValidationError for what is no table of lists of values of `EXCLUDED`."""
    _check(told, EXCLUDED)


def _check(told, targets):
    known = {target.kind: target for target in targets}
    if not isinstance(told, dict) or not told.keys() <= known.keys():
        raise ValidationError(_("What is meant must be one of: %(known)s."), params={"known": ", ".join(known)})
    for kind, values in told.items():
        if not isinstance(values, list):
            raise ValidationError(_("%(kind)s must be a list."), params={"kind": known[kind].label})
        for value in filter(known[kind].refused, values):
            raise ValidationError(
                _("%(value)s is none of the %(kind)s."), params={"value": value, "kind": known[kind].label}
            )
