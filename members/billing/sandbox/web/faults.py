"""Misfortune of the API's requests, as the control page orders it."""

import json

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
    what, seconds = fault["what"], fault["seconds"]
    if what == "slow":
        return api.answer(world, request, wait=lambda: world.let_go.wait(seconds))
    # The work may be done all the same, and only its answer lost.
    if fault["when"] == "after":
        api.answer(world, request)
    else:
        api.note(world, request, int(what) if what.isdigit() else 0)
    if what.isdigit():
        return failure(int(what))
    if what == "timeout":
        world.let_go.wait(seconds)
    raise Unanswered(what == "reset")


def failure(status):
    """Stripe's own trouble, as an Answer."""
    kind, message = MESSAGES[status]
    return api.Answer(status, json.dumps({"error": {"type": kind, "message": message}}, indent=2))


def order(books, given):
    """Have faults happen. given: [{path (a prefix), method, what (of KINDS), times, when (`before` the work is done or
    `after`), seconds (for which it is slow, or hangs)}], instead of earlier ones."""
    faults = []
    for one in given:
        one = {**one, "what": str(one.get("what"))}
        if one["what"] not in KINDS:
            raise ValueError(f"what must be one of {', '.join(KINDS)}")
        faults.append({"path": "/v1/", "method": None, "times": 1, "when": "before", "seconds": SECONDS} | one)
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
