"""Runs the rows, prints one table, writes it as JSON."""

import json
import os
import platform
import sys
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from subprocess import SubprocessError

import django
from django.db import connection
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from tests.benchmarks import servers
from tests.benchmarks.load import NotHere, NotMeasurable, Wrong
from tests.benchmarks.measure import Bench, Measured
from tests.benchmarks.table import ROWS, Row

WIDTH = 150  # where there is no terminal that has one
MARKS = {True: "met", False: "MISSES ITS BAR"}
CAPTION = (
    "Ratios of CPU seconds a request, all processes and threads of the server, medians of repetitions in which both took turns, the least and the greatest below. "
    "≥: the yardstick's over ours; ≤: ours over the yardstick's. Load generator and server share the machine: "
    "requests a second stand beside for orientation only."
)


@dataclass(frozen=True, slots=True)
class Line:
    """A row as it came out: measured, or the reason why not."""

    row: Row
    measured: Measured | None = None
    reason: str = ""
    wrong: bool = False
    absent: bool = False

    @property
    def met(self):
        return self.measured is not None and self.row.meets(self.measured.value, self.row.bar)

    @property
    def hoped(self):
        return self.measured is not None and self.row.meets(self.measured.value, self.row.hope)


def run(requests, only="", json_path=None):
    """Measure the rows whose name holds the word `only`; 0, or 1 where one could not be measured for another reason
    than that what it needs is not here."""
    rows = [row for row in ROWS if only in row.name]
    if not rows:
        sys.exit(f"No row is named so. The rows: {'; '.join(row.name for row in ROWS)}.")
    console = Console()
    if not console.is_terminal:
        console = Console(width=WIDTH)
    lines = []
    with ExitStack() as stack:
        bench = Bench(stack, requests)
        for row in rows:
            with console.status(f"Measuring: {row.name}, {row.what}"):
                lines.append(_line(row, bench))
        vendor = connection.vendor
    console.print(drawn(lines))
    if json_path:
        Path(json_path).write_text(json.dumps(as_json(lines, vendor), indent=2, ensure_ascii=False) + "\n")
    return int(not all(line.measured or line.absent for line in lines))


def _line(row, bench):
    began = time.time()
    try:
        return Line(row, row.measure(bench))
    except (NotMeasurable, OSError, SubprocessError) as error:
        said = servers.last_words(began)
        return Line(
            row,
            reason=f"{error}{said and ': … '}{said}",
            wrong=isinstance(error, Wrong),
            absent=isinstance(error, NotHere),
        )


def drawn(lines):
    """The table that is printed."""
    table = Table(title="Newsroom, measured against what it is built on", caption=CAPTION, caption_justify="left")
    for heading in ("what", "against", "ours", "yardstick", "result", "bar", "hope", ""):
        table.add_column(heading, overflow="fold")
    for line in lines:
        row = line.row
        table.add_row(
            f"[b]{row.name}[/b]\n{row.what}",
            row.yardstick,
            *_paces(line),
            _result(line),
            f"{row.sense} {quantity(row.bar, row.unit)}",
            f"{row.sense} {quantity(row.hope, row.unit)}",
            verdict(line),
            end_section=True,
        )
    return table


def quantity(value, unit):
    """A value as it is printed: what is counted without places, a ratio and seconds with two, very small ones with more."""
    if unit == "compilations":
        return f"{value:.0f}"
    return f"{value:.2f}{unit and ' ' + unit}" if value >= 0.1 or unit else f"{value:.4f}"


def verdict(line):
    if line.measured is None:
        kind = "[red]WRONG:[/red]" if line.wrong else "[yellow]not measurable:[/yellow]"
        return f"{kind} {escape(line.reason)}"
    said = "[green]hope met[/green]" if line.hoped else MARKS[line.met]
    said = said if line.met else f"[red]{said}[/red]"
    return f"{said}\n{line.measured.note}".strip()


def _result(line):
    if line.measured is None:
        return "–"
    low, high = (quantity(value, line.row.unit).split()[0] for value in line.measured.spread)
    return f"[b]{quantity(line.measured.value, line.row.unit)}[/b]\n{low} … {high}"


def _paces(line):
    sides = (line.measured.ours, line.measured.yardstick) if line.measured else (None, None)
    return [
        f"{side.cpu * 1000:.3f} ms CPU\n{side.rate:,.0f}/s, {side.length / 1000:.1f} kB" if side else ""
        for side in sides
    ]


def as_json(lines, vendor):
    """What was measured, with the units in the names."""
    machine = {"python": platform.python_version(), "django": django.get_version(), "processors": os.cpu_count()}
    return {**machine, "database": vendor, "rows": [_row_json(line) for line in lines]}


def _row_json(line):
    row, measured = line.row, line.measured
    return {
        "name": row.name,
        "what": row.what,
        "yardstick": row.yardstick,
        "sense": row.sense,
        "bar": row.bar,
        "hope": row.hope,
        "unit": row.unit or "ratio",
        "value": measured.value if measured else None,
        "spread": measured.spread if measured else None,
        "met": line.met,
        "hope_met": line.hoped,
        "ours": _pace_json(measured.ours) if measured else None,
        "against": _pace_json(measured.yardstick) if measured else None,
        "note": measured.note if measured else "",
        "wrong": line.wrong,
        "not_measurable": line.reason,
    }


def _pace_json(side):
    if side is None:
        return None
    return {
        "cpu_seconds_a_request": side.cpu,
        "requests_a_second": side.rate,
        "requests": side.requests,
        "bytes": side.length,
    }
