"""How much mail an address is sent because somebody typed it, and when the next one can go.

This limit alone is hard: no challenge keeps a mailbox from being flooded by who has time. allauth counts, by the rates
of ACCOUNT_RATE_LIMITS, the same for an address that has an account and for one that has none. It locks nobody out: the
password opens the account as ever, and the links that were sent hold.
"""

import math
import time

from allauth.core.internal import ratelimit
from django.core.cache import cache
from django.template.response import TemplateResponse

from members.accounts.corner import with_corner
from members.accounts.guards import NEW_ADDRESS

ALLAUTH = "allauth.account"
# What allauth counts at an address, by the name of that; everywhere else it is the code that confirms an address.
COUNTED = {"account_reset_password": "reset_password", "account_request_login_code": "request_login_code"}
CONFIRMING = "confirm_email"


def wait(request, action, email, now):
    """Seconds from `now` (since 1970) until a mail of an `action` may go to an address again, rounded up; 0: now."""
    waits = [0]
    for rate in ratelimit.get_rates(app=ALLAUTH, action=action):
        key = ratelimit.get_cache_key(request, app=ALLAUTH, action=action, rate=rate, key=email.lower())
        # The latest first.
        sent = [moment for moment in cache.get(key, []) if moment > now - rate.duration]
        if len(sent) >= rate.amount:
            waits.append(math.ceil(sent[rate.amount - 1] + rate.duration - now))
    return max(waits)


@with_corner
def too_many_requests(request):
    """The answer to who met a limit of allauth's; it asks the root URLconf for it by the name `handler429`."""
    action = COUNTED.get(request.resolver_match.url_name, CONFIRMING)
    # A second at least: the limit may have ended in between.
    seconds = max(wait(request, action, _address(request), time.time()), 1)
    said = {"minutes": math.ceil(seconds / 60)}
    response = TemplateResponse(request, "members/too_many_requests.html", said, status=429)
    response.headers["Retry-After"] = str(seconds)
    return response


def _address(request):
    """The address that mail was asked for: typed just now, or before."""
    known = request.session.get(NEW_ADDRESS) or {}
    return (request.POST.get("email") or request.POST.get("login") or known.get("email") or "").strip()
