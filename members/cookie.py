"""The one cookie that a browser carries for us beside the session's, `reader`, and only once it is needed. It has two
halves with a dot between them: the meter's (`members.slip`), which ends with the month, and that of prompts and
advertisements (`members.habits`). Each half is authenticated by itself; neither names anybody.
"""

import re
from http.cookies import Morsel

from django.conf import settings
from django.utils import timezone

METER, HABITS = 0, 2
# What `newsroom.ground.signed` writes.
LETTERS = re.compile(r"[A-Za-z0-9_-]{0,1000}")
# Where each half is kept on a request, once somebody has asked for it.
KEPT_AS = {METER: "_slip", HABITS: "_habits"}


def half(request, which):
    """One half of the cookie that a request brings, "" where it brings none, or letters that are not ours: it may be
    handed back as it is. which: METER or HABITS."""
    told = request.COOKIES.get(settings.READER_COOKIE_NAME, "").partition(".")[which]
    return told if LETTERS.fullmatch(told) else ""


def deliver(request, response):
    """Have the browser keep the cookie, where a half of it was changed."""
    halves = [getattr(request, name, None) for name in KEPT_AS.values()]
    if not any(one is not None and one.changed for one in halves):
        return
    slip, habits = halves
    first = slip.told() if slip is not None and slip.changed else half(request, METER)
    last = habits.told() if habits is not None and habits.changed else half(request, HABITS)
    now = timezone.now()
    if not first and not last:
        response.delete_cookie(settings.READER_COOKIE_NAME, samesite="Lax")
        return
    told = f"{first}.{last}" if last else first
    # Not by `response.set_cookie`, which costs as much as all the rest of an answer: nothing is to be quoted here.
    cookie = Cookie(settings.READER_COOKIE_NAME, told, max(one.lives(now) for one in halves if one is not None))
    dict.__setitem__(response.cookies, settings.READER_COOKIE_NAME, cookie)


class Cookie(Morsel):
    """One that is written as it is: the value in letters that need no quotes. lives: seconds."""

    def __init__(self, name, value, lives):
        super().__init__()
        self._key, self._value, self._coded_value = name, value, value
        secure = settings.SESSION_COOKIE_SECURE
        told = {"path": "/", "max-age": lives, "secure": secure or "", "httponly": True, "samesite": "Lax"}
        dict.update(self, told)
        self.written = f"{name}={value}; HttpOnly; Max-Age={lives}; Path=/; SameSite=Lax{'; Secure' if secure else ''}"

    def OutputString(self, attrs=None):
        return self.written
