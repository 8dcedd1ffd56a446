"""What readers really saw of the inserts on a page: told by one small beacon a page, which carries no cookie's worth of
anything and is answered with nothing.

The body is a line for each insert: its name as it stands in `data-seen`, such as "ad:17:inline1" or
"prompt:7.2.end.31". Robots and who works here are not counted; what is no insert of ours is passed over.
"""

import re

from django.http import HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from articles.reading import store
from members.crawlers import is_bot
from members.reader import Reader
from members.trail import of_source, was_shown
from newsroom.ground import bodies, counters, origin

LENGTH_MAX = 1_000  # bytes
LINES_MAX = 12
AD = re.compile(r"ad:([1-9][0-9]{0,8}|house|outside):(inline[1-9]|top|end|row[1-9])")


@csrf_exempt
@require_POST
def seen(request):
    """POST from a page of ours: 204. Others and what is too long: 403, 413."""
    if not origin.is_ours(request):
        return HttpResponse(status=403)
    try:
        told = bodies.read(request, LENGTH_MAX).decode("ascii", "replace")
    except bodies.TooLarge:
        return HttpResponse(status=413)
    except bodies.TooMany:
        return HttpResponse(status=503)
    if not is_bot(request) and not Reader.of(request).desk:
        store.default.catch_up()
        for series, key in counted(told, store.default.pieces.inserts):
            counters.add(series, key)
    return HttpResponse(status=204)


def counted(told, inserts):
    """[(series, key)] of what a beacon's body names and what there is; each insert once. inserts: `inserts.Inserts`."""
    found = []
    for line in list(dict.fromkeys(told.split("\n")))[:LINES_MAX]:
        if (ad := AD.fullmatch(line)) and inserts.knows_creative(ad[1]):
            found.append(("ad-seen", line.removeprefix("ad:")))
        trail = of_source(line)
        if trail.campaign and inserts.knows_variant(trail.campaign, trail.variant):
            found.append(("prompt-seen", f"{trail.campaign}.{trail.variant}.{trail.place}"))
            if trail.story and was_shown(trail.campaign, trail.variant, trail.story):
                found.append(("prompt-story-seen", f"{trail.campaign}.{trail.variant}:{trail.story}"))
    return found
