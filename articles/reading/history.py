"""A reader's own list of what was read: off until the reader switches it on, wiped at a click.

To note a visit costs a request next to nothing: it waits in memory and is written with others once a second, for those
who keep a history at that moment and for nobody else.
"""

import os
import threading
from collections import deque
from datetime import timedelta

from django.db import transaction
from django.db.models import Count
from django.utils import timezone

from articles.models import Article
from articles.reading.models import Visit
from members import crawlers
from members.models import User
from members.reader import Reader

# How long a visit is kept, and how many of one reader.
KEPT = timedelta(days=365)
VISITS_MAX = 1_000
ROWS_A_STATEMENT = 200

_happened = deque()
_unwritten = {}
_lock = threading.Lock()


def note(request, entry, reader):
    """Remember that a reader was sent a story (`entry` a compiled page), if the reader wants it remembered."""
    if entry.story is None or not reader.known or not reader.user.keeps_history or crawlers.is_bot(request):
        return
    _happened.append((reader.user.pk, entry.story.pk, reader.now))


def flush():
    """Write the visits since the last time. Raises DatabaseError; nothing is lost then, the next flush writes it."""
    with _lock:
        _take()
        while _unwritten:
            batch = {key: _unwritten[key] for key in sorted(_unwritten)[:ROWS_A_STATEMENT]}
            _write(batch)
            for key in batch:
                del _unwritten[key]


def switch_on(user):
    User.objects.filter(pk=user.pk).update(keeps_history=True)


def switch_off(user):
    """Off, and nothing of it left."""
    with transaction.atomic():
        # First, so that who is just writing a visit is waited for, and nobody begins to.
        User.objects.filter(pk=user.pk).update(keeps_history=False)
        Visit.objects.filter(user=user).delete()


def wipe(user):
    """Delete what is kept so far. What another process was about to write in this very second may still come."""
    # Not within a transaction: who holds the lock may be waiting for the account's row.
    with _lock:
        _take()
        for key in [key for key in _unwritten if key[0] == user.pk]:
            del _unwritten[key]
    Visit.objects.filter(user=user).delete()


def visits(user, reader):
    """The account's Visits, with their stories: of those that still exist for the reader."""
    there = Article.objects.visible_to(reader)
    return Visit.objects.filter(user=user, article__in=there).select_related("article").newest_first()


def forget_old_visits(now):
    """Delete the visits of longer ago than KEPT at `now` (aware), and of each reader those beyond VISITS_MAX."""
    Visit.objects.filter(read_at__lt=now - KEPT).delete()
    counted = Visit.objects.order_by().values("user").annotate(number=Count("pk"))
    for user in list(counted.filter(number__gt=VISITS_MAX).values_list("user", flat=True)):
        newest = Visit.objects.filter(user=user).newest_first().values_list("pk", flat=True)
        Visit.objects.filter(pk__in=list(newest[VISITS_MAX:])).delete()


def export(user):
    """For PERSONAL_DATA. A story that is not on the site any more is told by its time alone."""
    headlines = dict(visits(user, Reader.stranger()).values_list("article", "article__headline"))
    rows = Visit.objects.filter(user=user).newest_first().values_list("article", "read_at")
    return {"reading_history": [{"story": headlines.get(pk, ""), "read_at": read_at} for pk, read_at in rows]}


def erase(user):
    """For PERSONAL_DATA."""
    switch_off(user)


def forget():
    """Drop what was not written, as a new process."""
    with _lock:
        _happened.clear()
        _unwritten.clear()


def _take():
    # Others append meanwhile: what is there at this moment is taken, one by one.
    for _n in range(len(_happened)):
        user, article, read_at = _happened.popleft()
        _unwritten[user, article] = read_at


def _write(batch):
    """{(user, article): when}. In one order everywhere: two processes that wait for each other's rows would never
    end."""
    with transaction.atomic():
        users = User.objects.select_for_update(no_key=True).filter(pk__in={user for user, _article in batch})
        keep = set(users.filter(keeps_history=True).order_by("pk").values_list("pk", flat=True))
        stories = Article.objects.visible_to(Reader.stranger(timezone.now()))
        there = set(stories.filter(pk__in={article for _user, article in batch}).values_list("pk", flat=True))
        rows = [
            Visit(user_id=user, article_id=article, read_at=read_at)
            for (user, article), read_at in batch.items()
            if user in keep and article in there
        ]
        Visit.objects.bulk_create(
            rows, update_conflicts=True, unique_fields=["user", "article"], update_fields=["read_at"]
        )


def _forked():
    """Begin in a process that was just forked: what was read before is the other one's to write."""
    global _lock
    _lock = threading.Lock()
    forget()


os.register_at_fork(after_in_child=_forked)
