"""Experiments: which of a thousand buckets belongs to which arm of a campaign. Pure, and the same for ever.

Each campaign has two orders of the buckets that are its own, so that no campaign's arms go with another's: by the first
some are held back, by the second the others are parted among the variants. Shares are exact to one bucket.
"""

import hashlib
from functools import lru_cache

from members.habits import BUCKETS

HELD = None


def arms(campaign, holdback, weights):
    """For each bucket the id of a variant, or HELD: a tuple. campaign: its id; holdback: in percent; weights: {id of a
    variant: weight}, at least one of them above 0."""
    held = set(_order(campaign, "holdback")[: BUCKETS * holdback // 100])
    asked = [bucket for bucket in _order(campaign, "variants") if bucket not in held]
    told, whole, upto, start = [HELD] * BUCKETS, sum(weights.values()), 0, 0
    for variant, weight in sorted(weights.items()):
        upto += weight
        end = round(len(asked) * upto / whole)
        for bucket in asked[start:end]:
            told[bucket] = variant
        start = end
    return tuple(told)


@lru_cache(maxsize=512)
def _order(campaign, purpose):
    def digest(bucket):
        return hashlib.blake2b(f"{campaign} {bucket}".encode(), digest_size=8, person=purpose.encode()).digest()

    return tuple(sorted(range(BUCKETS), key=digest))
