"""The rows of the benchmark, as data."""

import operator
from collections.abc import Callable
from dataclasses import dataclass

from tests.benchmarks import inserts, measure, webhook

AT_LEAST, AT_MOST = "≥", "≤"
MEETS = {AT_LEAST: operator.ge, AT_MOST: operator.le}


@dataclass(frozen=True, slots=True)
class Row:
    """One line. measure(bench) gives a `measure.Measured`, whose value must be at least or at most the bar (`sense`),
    and would better reach the hope. unit: what the value counts; nothing for a ratio."""

    name: str
    what: str
    yardstick: str
    sense: str
    bar: float
    hope: float
    measure: Callable
    unit: str = ""

    def meets(self, value, limit):
        return MEETS[self.sense](value, limit)


ROWS = [
    Row(
        "article",
        "stranger: 3 ads chosen and counted, prompt, read counted",
        "constant view",
        AT_LEAST, 1.0, 1.6,
        lambda bench: measure.against_counted(bench, "article", "constant"),
    ),
    Row(
        "article, short way",
        "the same",
        "constant in the first middleware",
        AT_LEAST, 0.6, 0.8,
        lambda bench: measure.against(bench, "article", "short"),
    ),
    Row(
        "article, member",
        "signed in, for members only: membership read in this very request",
        "constant view",
        AT_LEAST, 0.4, 0.7,
        lambda bench: measure.against(bench, "member", "constant"),
    ),
    Row(
        "home", "stranger", "constant view",
        AT_LEAST, 1.0, 1.6,
        lambda bench: measure.against(bench, "home", "constant"),
    ),
    Row(
        "section", "stranger", "constant view",
        AT_LEAST, 1.0, 1.6,
        lambda bench: measure.against(bench, "section", "constant"),
    ),
    Row(
        "tag", "stranger", "constant view",
        AT_LEAST, 1.0, 1.6,
        lambda bench: measure.against(bench, "tag", "constant"),
    ),
    Row(
        "article, cold",
        "compile and serve what no process and no cache holds",
        "plain view",
        AT_MOST, 1.5, 1.0,
        measure.cold,
    ),
    Row(
        "inserts",
        f"all of a page, chosen from {inserts.BOOKINGS} campaigns and {inserts.PROMPTS} prompts",
        "",
        AT_MOST, 60, 40,
        inserts.choosing,
        "µs",
    ),
    Row(
        "hot page expires",
        "under 200 readers of two processes",
        "",
        AT_MOST, 2, 1,
        measure.expiry,
        "compilations",
    ),
    Row(
        "edit shows",
        "in every one of two processes, no page of mixed versions",
        "",
        AT_MOST, 1.2, 1.2,
        measure.visibility,
        "s",
    ),
    Row(
        "webhook", "16 senders, each note twice, kept exactly once, on PostgreSQL", "the same signature and one INSERT",
        AT_LEAST, 0.3, 0.4,
        webhook.throughput,
    ),
]  # fmt: skip
