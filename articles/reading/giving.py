"""A story given away: who may give what of it, and what its page says about it. Pure; `members.gifts` keeps links."""

from members import gifts
from members.access import Reason, decide, is_free

# What a page says beside a `gifts.Refusal`: that the story can be given away, or that it was.
OFFER, GIVEN = "offer", "given"
# Reasons for which a reader reads what is not his own to give: it was given to him, or lies open for a night.
LENT = {Reason.GIFT, Reason.OPEN_HOUSE}


def shares(story, reader):
    """The keys of those pieces of a story that a reader may give away: which not everybody gets, and he does by a right
    of his own. story: whatever has `terms` and `audio_terms`."""
    if not reader.known:
        return []
    return [terms.key for terms in _gated(story, reader) if _is_own(decide(terms, reader, reader.now))]


def said(story, reader):
    """What the story's page says to a reader: OFFER, GIVEN, the Refusal of the link by which he came, or None."""
    if shares(story, reader):
        return OFFER
    if reader.gifts is gifts.NONE:
        return None
    keys = [terms.key for terms in _gated(story, reader)]
    return GIVEN if any(key in reader.gifts for key in keys) else reader.gifts.refusal(keys)


def is_gated(story, now):
    """Whether there is anything in a story, at `now`, that not everybody gets."""
    return any(not is_free(terms, now) for terms in _pieces(story))


def _gated(story, reader):
    return [terms for terms in _pieces(story) if not is_free(terms, reader.now)]


def _pieces(story):
    return [terms for terms in (story.terms, story.audio_terms) if terms is not None]


def _is_own(access):
    return access.allowed and not access.spends and access.reason not in LENT
