"""The audit log: who changed what somebody may do, or what everybody may read. It is only added to; owners read it
in the desk. A deed is recorded in the transaction that does it, so that neither is there without the other."""

from datetime import timedelta

from django.contrib.admin.models import LogEntry
from django.utils import timezone

from newsroom.ground import batches
from newsroom.ground.models import Deed

# Long enough for whoever asks after a year what happened, and for a second look.
KEPT = timedelta(days=3 * 365)


def record(actor, deed, kind="", key="", note=""):
    """Add a line. actor: an account (its `key` is noted, not its address), or None for the site itself; deed: what was
    done, in a few words; kind and key: to what; note: from what to what, or why. Longer texts are cut."""
    texts = {"actor": getattr(actor, "key", ""), "deed": deed, "kind": kind, "key": str(key), "note": note}
    cut = {name: text[: Deed._meta.get_field(name).max_length] for name, text in texts.items()}
    return Deed.objects.create(at=timezone.now(), **cut)


def forget_old_deeds(now):
    """Delete the lines that are older than KEPT at `now` (aware): the only way out. The desk's own history of who
    changed which object goes with them."""
    old = Deed.objects.filter(at__lt=now - KEPT).order_by()
    while keys := list(old.values_list("pk", flat=True)[: batches.MANY]):
        rows = Deed.objects.filter(pk__in=keys).order_by()
        rows._raw_delete(rows.db)
    batches.delete(LogEntry.objects.filter(action_time__lt=now - KEPT))
