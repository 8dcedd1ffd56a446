"""What it costs to choose all inserts of a page from many campaigns, beside joining the page's chunks."""

import statistics
import time
from datetime import timedelta

from django.db import transaction
from django.http import HttpResponse
from django.test import RequestFactory
from django.utils import timezone

from articles.ads.models import Advertiser, Creative
from articles.ads.models import Campaign as Booking
from articles.models import Article
from articles.reading import recipes, store
from articles.reading.inserts import Inserts, Outline
from members import cookie, habits
from members.prompts.models import Campaign, Variant
from members.reader import Reader
from members.visit import Visitor
from tests.benchmarks.measure import Measured

BOOKINGS, PROMPTS = 200, 50
REPETITIONS, PAGES = 9, 2_000
BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


def choosing(bench):
    """Microseconds to choose and draw the inserts of the measured article for a stranger who was here before. Its bar
    is a time, since what it stands beside is: the note tells the ratio to joining."""
    bench.stage  # noqa: B018 (there is a database, with stories, once it is asked for)
    with transaction.atomic():
        _book()
        inserts = Inserts()
        transaction.set_rollback(True)
    article = Article.objects.order_by("pk").first()
    entry = store.default.fetch(recipes.article(article.slug, article.language), Reader.stranger())
    request = _back(inserts, entry)
    outline = Outline(entry.slots)
    joined = [b"x"] * len(entry.slots)
    back = entry.story.back
    visitor = Visitor.of(request(), Reader.stranger())
    chosen = _microseconds(lambda: inserts.lay(outline, entry.subject, back, visitor))
    joins = _microseconds(lambda: entry.join(joined))
    whole = _microseconds(lambda: _whole(request(), inserts, entry, outline, back))
    bare = _microseconds(request)
    note = (
        f"{statistics.median(chosen) / statistics.median(joins):.0f} × joining ({statistics.median(joins):.1f} µs); "
        f"with cookie read and written, and counted: {statistics.median(whole) - statistics.median(bare):.0f} µs"
    )
    return Measured(statistics.median(chosen), (min(chosen), max(chosen)), note=note)


def _book():
    now = timezone.now()
    since, until = now - timedelta(days=3), now + timedelta(days=30)
    advertisers = [Advertiser.objects.create(name=f"Advertiser {n}") for n in range(20)]
    for n in range(BOOKINGS):
        campaign = Booking.objects.create(
            advertiser=advertisers[n % 20], name=f"Campaign {n}", starts_at=since, ends_at=until, weight=1 + n % 5,
            cap=3 if n % 4 == 0 else None, exclusion_group=f"group {n % 30}" if n % 3 == 0 else "",
            include={"tag": [1, 2, 3]} if n % 10 == 0 else {}, placements=[],
        )  # fmt: skip
        Creative.objects.create(
            campaign=campaign, name=f"Creative {n}", headline=f"Creative {n}", url="https://example.com/"
        )
    for n in range(PROMPTS):
        campaign = Campaign.objects.create(
            name=f"Prompt {n}", status="running", place="end", from_view=1, priority=n, reads_min=20 if n % 2 else 0,
            walls_min=3 if n % 2 == 0 and n else 0, holdback=5,
        )  # fmt: skip
        Variant.objects.create(campaign=campaign, heading=f"Join {n}", text="You opened {articles_read} stories.")


def _back(inserts, entry):
    """Makes requests of a browser that was here before: it has a cookie of a usual size."""
    first = RequestFactory().get("/", headers={"user-agent": BROWSER})
    kept = habits.of(first, timezone.now())
    for n in range(3):
        kept.note_read()
        kept.note_ad(n + 1)
        kept.note_prompt(1_000 + n)
    told = f".{kept.told()}"

    def request():
        made = RequestFactory().get("/", headers={"user-agent": BROWSER})
        made.COOKIES["reader"] = told
        return made

    return request


def _whole(request, inserts, entry, outline, back):
    visitor = Visitor.of(request, Reader.stranger())
    inserts.note_visit(entry.subject, False, visitor)
    inserts.lay(outline, entry.subject, back, visitor).note(visitor, inserts.booked)
    cookie.deliver(request, HttpResponse())


def _microseconds(do):
    found = []
    for _repetition in range(REPETITIONS):
        began = time.process_time()
        for _page in range(PAGES):
            do()
        found.append((time.process_time() - began) / PAGES * 1e6)
    return found
