"""Misfortune of the API's requests, as the control page orders it."""

import json
import time

from members.billing.sandbox.web import api

KINDS = ("500", "429", "timeout", "slow", "reset", "nothing")
SECONDS = 5
MESSAGES = {
    500: ("api_error", "An unknown error occurred"),
    429: ("invalid_request_error", "Too many requests hit the API too quickly."),
}


class Unanswered(Exception):
    """The connection is to end without an answer; `reset`: rudely."""

    def __init__(self, reset):
        super().__init__()
        self.reset = reset


def answer(world, request):
    """The API's Answer, or what the first fault that is ordered for such a request makes of it. Raises Unanswered."""
    fault = _next(world, request)
    if fault is None:
        return api.answer(world, request)
    # The work may be done all the same, and only its answer lost.
    done = api.answer(world, request) if fault["when"] == "after" else None
    if fault["what"] in ("timeout", "slow"):
        time.sleep(fault["seconds"])
    if fault["what"] == "slow":
        return done or api.answer(world, request)
    if done is None:
        api.note_fault(world, request, int(fault["what"]) if fault["what"].isdigit() else 0)
    if not fault["what"].isdigit():
        raise Unanswered(fault["what"] == "reset")
    return failure(int(fault["what"]))


def failure(status):
    """Stripe's own trouble, as an Answer."""
    kind, message = MESSAGES[status]
    return api.Answer(status, json.dumps({"error": {"type": kind, "message": message}}, indent=2))


def order(books, given):
    """Have faults happen. given: [{path (a prefix), method, what, times, when, seconds}], replacing earlier ones."""
    faults = []
    for one in given:
        if one.get("what") not in KINDS:
            raise ValueError(f"what must be one of {', '.join(KINDS)}")
        fault = {"path": "/v1/", "method": None, "times": 1, "when": "before", "seconds": SECONDS} | one
        faults.append(fault)
    books.set("faults", faults)


def _next(world, request):
    with world.turn_quietly() as books:
        faults = books.setting("faults")
        for fault in faults:
            if request.path.startswith(fault["path"]) and fault["method"] in (None, "", request.method):
                fault["times"] -= 1
                books.set("faults", [one for one in faults if one["times"] > 0])
                return fault
    return None
