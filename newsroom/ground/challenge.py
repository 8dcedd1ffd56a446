"""Who is over a limit is slowed and challenged, never locked out: schools and Tor have many readers behind one address,
and whoever fails on purpose for somebody else must not shut him out.

The challenge is a signed ticket, good once and for a while, and for what was over the limit alone. It is met in either
of two ways: by a proof of work, which static/js/challenge.js does in a second or so and which costs who tries a lot;
or by waiting, which needs no script. Tickets that wait for the same thing (a network, an account) come due one after
the other, so that waiting in parallel gains nothing. A line that somebody fills up takes the next as its places become
free; the proof of work opens all the same.

The page holds what was typed and sends it again. Not so secrets (SECRETS): they never stand in a page that we write,
and are asked for again.
"""

import hashlib
import logging
from dataclasses import dataclass
from datetime import timedelta
from functools import wraps
from math import log2

from django.core import signing
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.crypto import get_random_string
from django.utils.translation import gettext_lazy as _

from newsroom.ground import limits

# The fields that the page adds to what was typed.
TICKET, ANSWER = "challenge", "challenge_answer"
SALT = "newsroom.ground.challenge"
# Bits of the hash that must be 0: 65,000 hashes on average at the limit (a fifth of a second), twice as many for each
# time that the limit is exceeded twofold, 1,000,000 at most: some ten seconds on an old phone.
BITS, BITS_MAX = 16, 20
ANSWER_MAX = 20
# The wait of the first in a line, and between two of them; and how long a line may become.
FIRST, STEP, LONGEST = timedelta(seconds=30), timedelta(seconds=5), timedelta(minutes=10)
# How long a ticket is good for after it is due.
GOOD = timedelta(minutes=30)
# Secret fields, and what the page calls them where it asks for them again.
SECRETS = {
    "password": _("Password"),
    "oldpassword": _("Your password now"),
    "password1": _("New password"),
    "password2": _("New password, again"),
    "code": _("Code"),
}
UNSENT = {"csrfmiddlewaretoken", TICKET, ANSWER}

log = logging.getLogger("newsroom")


@dataclass(frozen=True)
class Ticket:
    """id: 32 letters; keys: the counts that were over their limits; bits: the puzzle; due: the moment (ms since 1970)
    from when on waiting has met it, 0 where the line was full; signed: all that, as it is sent. It is signed once: a
    ticket that could be signed anew would outlive the note that it was used."""

    id: str
    keys: tuple
    bits: int
    due: int
    signed: str

    def is_met(self, answer, now):
        """Whether waiting until `now` (aware), or the answer to the puzzle, meets it."""
        return 0 < self.due <= limits.milliseconds(now) or is_solution(self.id, answer, self.bits)


def guarded(rules, view):
    """A view whose POSTs are counted by each `limits.Rule` of `rules`, and challenged when one is over its limit."""

    @wraps(view)
    def slowed(request, *args, **kwargs):
        if request.method != "POST":
            return view(request, *args, **kwargs)
        now = timezone.now()
        over = _over(rules, request, now)
        ticket = _ticket(request.POST.get(TICKET, ""), over) if over else None
        if not over or (ticket and ticket.is_met(request.POST.get(ANSWER, ""), now) and _is_unused(ticket, now)):
            return view(request, *args, **kwargs)
        if ticket is None or ticket.is_met(request.POST.get(ANSWER, ""), now):
            ticket = _new_ticket(over, now)
        return _page(request, ticket, now)

    return slowed


def is_solution(puzzle, answer, bits):
    """Whether SHA-256 of "PUZZLE:ANSWER" begins with `bits` zero bits. answer: up to ANSWER_MAX digits."""
    if not (answer.isascii() and answer.isdigit() and len(answer) <= ANSWER_MAX):
        return False
    found = hashlib.sha256(f"{puzzle}:{answer}".encode()).digest()
    return int.from_bytes(found) >> (8 * len(found) - bits) == 0


def _over(rules, request, now):
    """{key of a count: how many times its limit it has reached} of the rules that this request exceeds; counts it."""
    over = {}
    for rule in rules:
        whom = rule.by(request)
        if whom is not None:
            key = limits.key(rule.name, whom)
            number = limits.count(key, rule.per, now)
            if number > rule.many:
                log.warning("A try is over its limit: %s.", rule.name)
                over[key] = number / max(rule.many, 1)
    return over


def _new_ticket(over, now):
    places = [limits.line_up(limits.key("line", key), FIRST, STEP, LONGEST, now) for key in over]
    bits = min(BITS + int(log2(max(over.values()))), BITS_MAX)
    said = get_random_string(32), tuple(sorted(over)), bits, 0 if None in places else max(places)
    return Ticket(*said, signing.dumps(said, salt=SALT))


def _ticket(told, over):
    """The Ticket that was told; None where it is none of ours, too old, or not for all that is over its limit now."""
    try:
        name, keys, bits, due = signing.loads(told, salt=SALT, max_age=LONGEST + GOOD)
    except signing.BadSignature:
        return None
    return Ticket(name, tuple(keys), bits, due, told) if set(over) <= set(keys) else None


def _is_unused(ticket, now):
    """True once for a ticket, however many send it at the same moment."""
    return limits.count(limits.key("ticket", ticket.id), LONGEST + GOOD, now) == 1


def _page(request, ticket, now):
    wait = max(0, -(-(ticket.due - limits.milliseconds(now)) // 1000)) if ticket.due else None
    said = {
        "action": request.get_full_path(),
        "ticket": ticket,
        "wait": wait,
        "kept": [
            (name, value)
            for name, values in request.POST.lists()
            for value in values
            if name not in UNSENT and not _is_secret(name)
        ],
        "secrets": [(name, SECRETS.get(name, SECRETS["password"])) for name in request.POST if _is_secret(name)],
        "field": {"ticket": TICKET, "answer": ANSWER},
    }
    response = TemplateResponse(request, "challenge.html", said, status=429)
    response.headers["Retry-After"] = str(60 if wait is None else max(wait, 1))
    return response


def _is_secret(name):
    return name in SECRETS or "password" in name
