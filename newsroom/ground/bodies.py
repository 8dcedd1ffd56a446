"""The body of a request, read within bounds: of its size, whether or not its head tells that, and of how many are read
at the same time."""

from threading import BoundedSemaphore

# Bodies that a process reads at the same time, through `read`: fewer than `serve` has threads, since who sends slowly
# holds the one that waits for the next byte, and readers must be answered meanwhile. Whole ones take no time.
AT_ONCE = 2
# Seconds to wait for a turn.
PATIENCE = 1

_turns = BoundedSemaphore(AT_ONCE)


class TooLarge(Exception):
    """More came than is wanted, or was announced."""


class TooMany(Exception):
    """Others are being read, and that takes long."""


def read(request, most):
    """The body (bytes) of a request that nothing has read from yet, of at most `most` bytes."""
    told = request.META.get("CONTENT_LENGTH")
    if told and told.isdecimal() and int(told) > most:
        raise TooLarge
    # Django takes no length for none at all. Where the server tells that the end is the end, it can be read up to that.
    ends = request.META.get("wsgi.input_terminated")
    source = request if told or not ends else request.META["wsgi.input"]
    if not _turns.acquire(timeout=PATIENCE):
        raise TooMany
    try:
        body = source.read(most + 1)
    finally:
        _turns.release()
    if len(body) > most:
        raise TooLarge
    return body
