"""Which prompt a reader sees in a story, if any."""

from members.access import Audience


def choose(candidates, reader):
    """The first of the candidates (best first) that fits the reader, or None. Members are never asked to join."""
    if reader.level >= Audience.MEMBERS:
        return None
    return next(iter(candidates), None)
