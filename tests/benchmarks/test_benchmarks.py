"""The pure parts of the benchmark. Nothing here is timed: how fast a machine is, is no test's business."""

import os
import time

import pytest

from tests.benchmarks import measure, report, stage, stories
from tests.benchmarks.load import NotHere, NotMeasurable, Wrong
from tests.benchmarks.measure import Measured, Pace, judged
from tests.benchmarks.servers import cpu_by_process
from tests.benchmarks.table import AT_LEAST, AT_MOST, ROWS, Row


def test_the_cpu_time_of_a_process_grows_as_it_works():
    before = cpu_by_process(os.getpid())[os.getpid()]
    assert before >= 0
    worked = time.process_time() + 0.1
    while time.process_time() < worked:
        pass
    assert cpu_by_process(os.getpid())[os.getpid()] > before


def test_a_process_that_is_gone_has_used_nothing():
    assert cpu_by_process(2**30) == {}


def paces(*cpu):
    return [Pace(10, 10 * seconds, 5, 30_000) for seconds in cpu]


def test_a_ratio_is_the_middle_one_of_its_repetitions():
    pairs = list(zip(paces(1, 2, 4), paces(2, 2, 2), strict=True))
    measured = judged(pairs, lambda ours, theirs: theirs / ours)
    assert (measured.value, measured.spread) == (1, (0.5, 2))
    assert measured.ours == Pace(30, 70, 15, 30_000)
    assert (measured.yardstick.cpu, measured.yardstick.rate) == (2, 2)


def test_without_cpu_time_there_is_no_ratio():
    with pytest.raises(NotMeasurable):
        judged([tuple(paces(0, 1))], lambda ours, theirs: theirs / ours)


def test_every_row_says_what_it_asks():
    assert len({row.name for row in ROWS}) == len(ROWS) == 11
    for row in ROWS:
        assert row.what
        assert callable(row.measure)
        assert row.meets(row.hope, row.bar), "who reaches the hope has reached the bar"
        assert row.yardstick or row.unit


@pytest.mark.parametrize(("sense", "good", "bad"), [(AT_LEAST, 1.0, 0.99), (AT_MOST, 1.0, 1.01)])
def test_a_row_that_misses_its_bar_is_marked(sense, good, bad):
    row = Row("x", "x", "x", sense, 1.0, 1.0, lambda bench: None)
    assert report.Line(row, Measured(good, (good, good))).met
    missed = report.Line(row, Measured(bad, (bad, bad)))
    assert "MISSES ITS BAR" in report.verdict(missed)
    assert report.verdict(report.Line(row, reason="why")) == "[yellow]not measurable:[/yellow] why"
    assert report.verdict(report.Line(row, reason="why", wrong=True)) == "[red]WRONG:[/red] why"


@pytest.mark.parametrize(
    ("error", "absent"), [(NotHere("no PostgreSQL"), True), (NotMeasurable("the server ended"), False)]
)
def test_what_is_not_on_this_machine_is_told_and_is_no_fault(error, absent):
    def fails(_bench):
        raise error

    line = report._line(Row("x", "x", "x", AT_LEAST, 1.0, 1.0, fails), None)
    assert (line.absent, line.measured) == (absent, None)
    assert str(error) in report.verdict(line)


def test_stories_are_the_same_in_every_run_and_differ():
    assert stories.story(3, 500) == stories.story(3, 500) != stories.story(4, 500)
    assert sum(map(len, stories.story(3, 500).paragraphs)) >= 500
    assert stories.related(0, 10) == [7, 8, 9, 1, 2, 3]


def test_a_page_of_two_versions_is_seen():
    assert stage.one_edition(b"Edition 3 of it; the text of edition 3") == 3
    for mixed in (b"Edition 3 of it; the text of edition 2", b"Edition 3 of it", b"nothing"):
        with pytest.raises(Wrong):
            stage.one_edition(mixed)


def test_a_story_has_its_ad_breaks():
    assert stage.html(1).count(stage.body.AD_BREAK) == stage.PLACES


def test_of_what_should_be_small_the_worst_counts():
    assert measure.worst([1, 3, 2]) == Measured(3, (1, 3))


def test_the_table_and_the_json_show_every_row():
    lines = [report.Line(row, reason="not tried") for row in ROWS]
    lines[0] = report.Line(ROWS[0], judged([tuple(paces(1, 2))], lambda ours, theirs: theirs / ours))
    assert report.drawn(lines).row_count == len(ROWS)
    told = report.as_json(lines, "sqlite")["rows"]
    assert [row["name"] for row in told] == [row.name for row in ROWS]
    assert told[0]["value"] == 2
    assert told[0]["ours"]["cpu_seconds_a_request"] == 1
    assert told[1]["not_measurable"] == "not tried"
