"""How each kind of row is measured. What must hold for a number to mean anything is checked while it is taken."""

import json
import os
import subprocess
import sys
import time
from dataclasses import astuple, dataclass, replace
from functools import cached_property
from itertools import cycle, islice, repeat
from pathlib import Path
from statistics import median

from django.conf import settings

from tests.benchmarks import load, servers, stage
from tests.benchmarks.load import NotMeasurable, Wrong

# Of a page; and of what takes servers of its own.
REPETITIONS, FEW = 5, 3
# Within a repetition the two sides take turns as often: whatever else the machine does meanwhile hits both.
SLICES = 8
WARM_UP = 200  # requests
REQUESTS = 4000
PLAIN_TIMES = 3  # as many requests of the plain view as of cold stories
WARM_SECONDS = 10
COLD_SECONDS = 60

PROCESSES = 2
READERS = 200
# A change is seen everywhere a second after it; counts are written once a second.
SEEN, WRITTEN = 1.2, 2.5
WATCHED = 3.0  # seconds after an edit
PAUSE = 0.01  # seconds between two rounds of looking
# Left out of what a constant repeats: these the server itself writes.
SERVERS_OWN = {"date", "server"}


@dataclass(frozen=True, slots=True)
class Pace:
    """How a server did. used: CPU seconds of its processes; seconds: of the clock; length: bytes of the last body."""

    requests: int
    used: float
    seconds: float
    length: int

    @property
    def cpu(self):
        """CPU seconds a request."""
        return self.used / self.requests

    @property
    def rate(self):
        """Requests a second."""
        return self.requests / self.seconds

    @classmethod
    def sum(cls, paces):
        requests, used, seconds, lengths = zip(*(astuple(pace) for pace in paces), strict=True)
        return cls(sum(requests), sum(used), sum(seconds), lengths[-1])


@dataclass(frozen=True, slots=True)
class Measured:
    """value: what the row is judged by; spread: the least and the greatest of its repetitions. ours, yardstick: the Paces
    behind a ratio. note: what else was seen."""

    value: float
    spread: tuple
    ours: Pace | None = None
    yardstick: Pace | None = None
    note: str = ""


class Bench:
    """The stage and the servers of one run, each started when a row first asks for it.

    stack: an ExitStack that stops them. requests: how many make one repetition.
    """

    def __init__(self, stack, requests=REQUESTS):
        self.stack, self.requests = stack, requests

    @cached_property
    def stage(self):
        return stage.build()

    @cached_property
    def site(self):
        assert self.stage
        return self.stack.enter_context(servers.site())

    @cached_property
    def constant(self):
        return self.stack.enter_context(servers.yardstick("constant"))

    @cached_property
    def short(self):
        """Answers with the headers of our article page as a stranger gets it."""
        headers, body = load.fetch(self.site.port, self.stage.pages["article"].path)
        kept = [(name, value) for name, value in headers if name.lower() not in SERVERS_OWN]
        page = Path(settings.VAR_DIR) / "page.json"
        page.write_text(json.dumps({"headers": kept, "length": len(body)}))
        return self.stack.enter_context(servers.yardstick("short", YARDSTICK_PAGE=str(page)))

    @cached_property
    def plain(self):
        database = str(Path(settings.VAR_DIR) / "plain.sqlite3")
        subprocess.run(
            [sys.executable, "-m", "tests.benchmarks.plain.fill", str(stage.WARM + stage.COLD)],
            cwd=settings.BASE_DIR,
            env={**os.environ, "YARDSTICK": "plain", "YARDSTICK_DATABASE": database},
            check=True,
            timeout=60,
        )
        return self.stack.enter_context(servers.yardstick("plain", YARDSTICK_DATABASE=database))


def pace(server, paths, *, cookie="", seconds=load.SECONDS_MAX):
    """The Pace of a server that is asked for these paths."""
    before = server.cpu_seconds()
    done = load.run(server.port, paths, cookie=cookie, seconds=seconds)
    return Pace(done.requests, server.cpu_seconds() - before, done.seconds, len(done.body))


def in_turns(ours, theirs, requests):
    """The Paces of two sides, each so many requests. A side is given as a function of the requests and seconds of a
    slice."""
    each, seconds = -(-requests // SLICES), load.SECONDS_MAX / SLICES
    slices = [(ours(each, seconds), theirs(each, seconds)) for _slice in range(SLICES)]
    return tuple(Pace.sum(side) for side in zip(*slices, strict=True))


def against(bench, name, yardstick):
    """One page of ours against a constant of its size: the yardstick's CPU over ours, so that more is better."""
    page, ours, other = bench.stage.pages[name], bench.site, getattr(bench, yardstick)
    # The first answers are the largest: whatever is sent once to a new reader is in them.
    _headers, body = load.fetch(ours.port, page.path, cookie=page.cookie)
    page.check(body)
    constant = f"/constant/{len(body)}/"
    _warm(ours, repeat(page.path, WARM_UP), page.cookie)
    _warm(other, repeat(constant, WARM_UP))

    def mine(requests, seconds):
        return pace(ours, repeat(page.path, requests), cookie=page.cookie, seconds=seconds)

    def theirs(requests, seconds):
        return pace(other, repeat(constant, requests), seconds=seconds)

    pairs = [in_turns(mine, theirs, bench.requests) for _repetition in range(REPETITIONS)]
    page.check(load.fetch(ours.port, page.path, cookie=page.cookie)[1])
    return judged(pairs, lambda mine, theirs: theirs / mine)


def against_counted(bench, name, yardstick):
    """The same for a page whose reads and ads are counted; the note says how many of them were."""
    before = stage.counted()
    measured = against(bench, name, yardstick)
    time.sleep(WRITTEN)
    after = stage.counted()
    if after is None:
        return replace(measured, note="nothing is counted yet")
    grown = {series: number - (before or {}).get(series, 0) for series, number in sorted(after.items())}
    said = ", ".join(f"{series} {number:,}" for series, number in grown.items() if number)
    return replace(measured, note=f"counted: {said or 'nothing'}")


def cold(bench):
    """Stories that no process has served and no cache holds, against the plain view: our CPU over its."""
    return judged([_cold(bench) for _repetition in range(FEW)], lambda mine, theirs: mine / theirs)


def _cold(bench):
    stories = iter(bench.stage.cold)
    plain = cycle(f"/plain/story-{number}/" for number in range(stage.WARM + stage.COLD))
    _warm(bench.plain, islice(plain, stage.WARM))
    stage.forget_compiled()
    before = _compiled()
    with servers.site() as ours:
        _warm(ours, bench.stage.warm)

        def mine(requests, _seconds):
            return pace(ours, islice(stories, requests), seconds=COLD_SECONDS)

        def theirs(requests, _seconds):
            return pace(bench.plain, islice(plain, requests * PLAIN_TIMES), seconds=COLD_SECONDS)

        pair = in_turns(mine, theirs, stage.COLD)
        compiled = _compiled() - before
    if (before or compiled) and compiled < stage.WARM + stage.COLD:
        raise NotMeasurable(f"of {stage.WARM + stage.COLD} stories {compiled} were compiled: the rest was not cold")
    return pair


def judged(pairs, ratio):
    """The Measured of (ours, yardstick) pairs of Paces: the middle one of the ratios. ratio(our CPU, the yardstick's)."""
    for ours, theirs in pairs:
        if not (ours.cpu > 0 and theirs.cpu > 0):
            raise NotMeasurable("too few requests to see any CPU time")
    ratios = [ratio(ours.cpu, theirs.cpu) for ours, theirs in pairs]
    return Measured(median(ratios), _spread(ratios), *map(Pace.sum, zip(*pairs, strict=True)))


def worst(values):
    """The Measured of values of which less is better."""
    return Measured(max(values), _spread(values))


def _spread(values):
    return min(values), max(values)


def expiry(bench):
    """How often a hot page is compiled when it changes under many readers of several processes: the worst of a few."""
    path = bench.stage.pages["article"].path
    if stage.counted() is None:
        raise NotMeasurable(f"not yet: there is no table {stage.COUNTS}")
    with servers.site(PROCESSES) as server:
        _reach_all(server, path)
        return worst([_compilations(bench, server, path) for _repetition in range(FEW)])


def _compilations(bench, server, path):
    before = _compiled()
    number = stage.expire(bench.stage.slug)
    time.sleep(SEEN)
    shown = []
    load.run(
        server.port,
        repeat(path, READERS),
        connections=READERS,
        check=lambda body: shown.append(stage.one_edition(body)),
    )
    compiled = _compiled() - before
    if set(shown) != {number}:
        raise Wrong(f"{SEEN} seconds after edition {number} readers got {sorted(set(shown))}")
    if not compiled:
        raise NotMeasurable("not yet: nothing counts the series “compiled”")
    return compiled


def _compiled():
    """How many pages were compiled so far, once all that count have written it; 0 where nobody counts."""
    time.sleep(WRITTEN)
    return (stage.counted() or {}).get("compiled", 0)


def visibility(bench):
    """Seconds from an edit in another process until no process shows what was before: the worst of a few."""
    path = bench.stage.pages["article"].path
    with servers.site(PROCESSES) as server:
        _reach_all(server, path)
        return worst([_seconds_old(bench, server, path) for _repetition in range(FEW)])


def _seconds_old(bench, server, path):
    before = server.workers()
    number, process = stage.start_edit(bench.stage.slug)
    seen = []
    with process:
        while process.poll() is None:
            _look(server, path, seen)
        committed = stage.edited_at(process)
    while time.monotonic() < committed + WATCHED:
        _look(server, path, seen)
        time.sleep(PAUSE)
    _all_reached(before, server.workers())
    last_old = max((at for at, edition in seen if edition != number), default=committed)
    if seen[-1][1] != number:
        raise Wrong(f"{WATCHED} seconds after the edit the old page was still shown")
    return max(0.0, last_old - committed)


def _look(server, path, seen):
    """Read the page over connections of their own, so that each process is reached; adds (moment, edition) to `seen`."""
    load.run(
        server.port,
        repeat(path, load.CONNECTIONS),
        check=lambda body: seen.append((time.monotonic(), stage.one_edition(body))),
    )


def _warm(server, paths, cookie=""):
    load.run(server.port, paths, cookie=cookie, seconds=WARM_SECONDS)


def _reach_all(server, path):
    """Make a page hot in each process."""
    before = server.workers()
    load.run(server.port, repeat(path, WARM_UP), connections=WARM_UP // 5, seconds=WARM_SECONDS)
    _all_reached(before, server.workers())


def _all_reached(before, now):
    if not all(now[pid] - before.get(pid, 0) > servers.SETTLED_TICKS / servers.TICKS for pid in now):
        raise NotMeasurable("not every process of the server was reached")
