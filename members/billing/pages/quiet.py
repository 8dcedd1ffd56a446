"""Whoever has just paid is asked for nothing for a while."""

from members import cookie, habits
from members.reader import Reader


def ask_no_more(request, response):
    """A page's response, from which the browser learns to show no prompt; nothing where it may remember nothing."""
    kept = habits.of(request, Reader.of(request).now)
    if kept is not None:
        kept.note_quiet()
        cookie.deliver(request, response)
    return response
