"""Charts: whole numbers that a template only has to draw."""

import re

import pytest
from django.template.loader import render_to_string

from newsroom.ground import charts


@pytest.mark.parametrize(
    ("value", "top"), [(0, 1), (1, 1), (1.5, 2), (3, 5), (5, 5), (6, 10), (11, 20), (49, 50), (51, 100), (1234, 2000)]
)
def test_the_axis_ends_at_a_round_number(value, top):
    assert charts.ceiling(value) == top


def chart(points, expected=()):
    return charts.bars("c", "Days", "So many.", points, expected)


def test_bars_stand_on_the_axis_and_within_the_picture():
    made = chart([("Mon", 0), ("Tue", 5), ("Wed", 10)])
    assert [bar.height for bar in made.bars] == [0, 80, 160]
    for bar in made.bars:
        assert bar.y + bar.height == made.base
        assert made.left <= bar.x < bar.x + bar.width <= made.right
        assert all(isinstance(number, int) for number in (bar.x, bar.y, bar.width, bar.height, bar.middle))


def test_what_should_have_been_is_a_line():
    made = chart([("Mon", 5), ("Tue", 5)], [5, 10])
    assert re.fullmatch(r"\d+,\d+ \d+,\d+", made.line)
    assert made.line.endswith(f",{charts.TOP}")
    assert chart([("Mon", 5)]).line == ""


def test_of_many_days_some_are_named():
    labels = [bar.label for bar in chart([(str(day), 1) for day in range(92)]).bars]
    assert len(labels) == 92
    assert 1 < sum(map(bool, labels)) <= charts.LABELS_MAX
    assert all(bar.width >= 1 for bar in chart([(str(day), 1) for day in range(2_000)]).bars)


def test_nothing_is_a_chart_too():
    assert chart([]).bars == []
    assert [tick.label for tick in chart([]).ticks] == ["0", "1"]


def test_it_is_drawn_with_a_name_a_description_and_no_style():
    html = render_to_string("_chart.html", {"chart": chart([("<b>", 1234)], [1])})
    assert "style" not in html
    assert "<b>" not in html
    assert '<title id="c-title">Days</title>' in html
    assert '<desc id="c-description">So many.</desc>' in html
    assert 'aria-labelledby="c-title c-description"' in html
    assert "&lt;b&gt;: 1\u202f234" in html
