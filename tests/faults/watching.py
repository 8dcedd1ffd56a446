"""How the drills look at a newsroom: every reader, every worker, again and again."""

from concurrent.futures import ThreadPoolExecutor

from tests.faults import client
from tests.faults.client import wait_for
from tests.faults.databases import counted
from tests.faults.servers import CAST
from tests.faults.words import path, sight

VISIBLE_WITHIN = 3  # seconds for what is promised within one
HELD = 10  # answers, each of a connection of its own


def for_all(**fields):
    """The same `Sight`'s fields for everybody of the cast."""
    return dict.fromkeys(CAST, fields)


def gated_for(*readers, **fields):
    """The fields for everybody, with the gated half for these alone."""
    return {name: {**fields, "gated": name in readers} for name in CAST}


def settle(room, name, wanted, *, at=None, never=()):
    """Wait until everybody sees of a story what they must, `{reader: fields of Sight}`, from each worker; then see that
    it stays so.

    at: the page where it is looked for, its own by default. never: readers who may not see its gated half for a moment.
    """
    warm(room, name, wanted, at=at, never=never)
    hold(room, name, wanted, at=at)


def warm(room, name, wanted, *, at=None, never=()):
    """Wait until everybody sees what they must, from each worker."""
    at = at or path(name)

    def wrong():
        """What somebody sees and should not, in words; empty when all is right."""
        for reader, fields in wanted.items():
            for reply in of_each_worker(room, at, reader, lines):
                seen = sight(reply, name)
                assert not (seen.gated and reader in never), f"{reader} at {at} saw what is gated"
                if not _is(seen, fields):
                    return f"{reader} at {at} sees {seen} and not {fields}"
        return ""

    with room.server.lines() as lines:
        wait_for(lambda: not wrong(), lambda: wrong() or "it is right, but too late", VISIBLE_WITHIN, every=0.1)


def hold(room, name, wanted, *, at=None):
    """Every answer is what it must be, by whichever worker: each on a connection of its own."""
    for reader, fields in wanted.items():
        for _again in range(HELD):
            seen = sight(room.ask(at or path(name), reader), name)
            assert _is(seen, fields), f"{reader} sees {seen} and not {fields}"


def of_each_worker(room, at, reader, lines):
    return [client.ask_on(line, at, cookie=room.cookies[reader]) for line in lines]


def flushed(room, name, key):
    """Wait until each worker has written its counters: by counts of a story that nobody else reads (its id: `key`)."""
    before = counted(room.server.folder, "read").get(str(key), 0)
    with room.server.lines() as lines:
        asked = len(of_each_worker(room, path(name), "stranger", lines))

    def written():
        return counted(room.server.folder, "read").get(str(key), 0) == before + asked

    wait_for(written, "the counters are written", VISIBLE_WITHIN)


def at_once(work, tasks):
    """work(task) for all tasks, a thread each; results in their order, or the first error."""
    tasks = list(tasks)
    with ThreadPoolExecutor(len(tasks)) as threads:
        return list(threads.map(work, tasks))


def _is(seen, fields):
    return all(getattr(seen, name) == value for name, value in fields.items())
