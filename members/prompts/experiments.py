"""What a campaign is worth: how many of those who were shown it joined, beside those from whom it was held back. Pure.

The interval of the difference of two shares is Newcombe's, method 10 of "Interval estimation for the difference
between independent proportions", Statistics in Medicine 17 (1998), 873 to 890: from Wilson's intervals of the two. It
holds for the small shares that there are here, where the usual one (Wald's) tells too much.
"""

from dataclasses import dataclass
from math import sqrt

from django.utils.formats import number_format
from django.utils.translation import gettext as _

# Of a normal distribution: 95 % lie within so many deviations.
Z = 1.959964
# Fewer browsers than these on either side tell nothing.
LEAST = 100
OF = 1_000


@dataclass(frozen=True, slots=True)
class Arm:
    """reached: browsers; joined: how many of them came to an account's membership or a contribution."""

    reached: int
    joined: int


def wilson(part, whole):
    """(lower, upper) bounds of a share, each from 0 to 1. whole: at least 1."""
    share, squared = part / whole, Z * Z
    middle = (share + squared / (2 * whole)) / (1 + squared / whole)
    half = Z * sqrt(share * (1 - share) / whole + squared / (4 * whole * whole)) / (1 + squared / whole)
    return max(0.0, middle - half), min(1.0, middle + half)


def newcombe(first, second):
    """(difference, lower, upper) of the shares of two Arms, the first less the second."""
    one, other = first.joined / first.reached, second.joined / second.reached
    (low, high), (other_low, other_high) = wilson(first.joined, first.reached), wilson(second.joined, second.reached)
    difference = one - other
    lower = difference - sqrt((one - low) ** 2 + (other_high - other) ** 2)
    return difference, lower, difference + sqrt((high - one) ** 2 + (other - other_low) ** 2)


def in_words(shown, held):
    """What two Arms tell of a campaign, in a sentence."""
    if min(shown.reached, held.reached) < LEAST:
        return _("Too few browsers yet: a difference is told from %(least)s on either side on.") % {"least": LEAST}
    _difference, lower, upper = newcombe(shown, held)
    if lower > 0:
        return _("Of 1,000 browsers %(low)s to %(high)s more join or give because of it.") % _bounds(lower, upper)
    if upper < 0:
        return _("Of 1,000 browsers %(low)s to %(high)s fewer join or give because of it.") % _bounds(-upper, -lower)
    return _("No difference can be told yet.")


def _bounds(low, high):
    # What Django writes of a number is cut off, not rounded.
    return {name: number_format(round(OF * bound, 1), 1) for name, bound in (("low", low), ("high", high))}
