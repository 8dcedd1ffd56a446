"""Parts of a whole, said as honestly as their number allows."""

from django.utils.formats import number_format
from django.utils.translation import gettext as _

# Below so many a rate is chance: the numbers themselves are told.
RATE_MIN = 100


def rate(part, whole):
    """A part of a whole in words, as the language of the moment writes them: "2.5 %"; "3 of 40" where the whole is
    less than RATE_MIN or than its part; "–" of nothing."""
    if not whole and not part:
        return "–"
    if whole < max(RATE_MIN, part):
        return _("%(part)s of %(whole)s") % {"part": part, "whole": whole}
    # What Django writes of a number is cut off, not rounded.
    percent = number_format(round(100 * part / whole, 2), 2).rstrip("0").rstrip(".,")
    return _("%(percent)s %%") % {"percent": percent}
