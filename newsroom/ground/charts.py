"""Charts as numbers for a template to draw (`templates/_chart.html`): whole pixels, nothing left to compute, no style
in the page. Pure. A table of the same numbers stands beside each.
"""

from dataclasses import dataclass

WIDTH, HEIGHT = 640, 200  # of the picture's own pixels, which grow with the page
LEFT, RIGHT, TOP, BOTTOM = 56, 8, 12, 28
GAP = 0.2  # of a bar's place
# Words under the axis, so that they do not run into one another.
LABELS_MAX = 8
STEPS = (1, 2, 5)


@dataclass(frozen=True, slots=True)
class Bar:
    """x, y, width, height: in pixels. label: below the axis, "" where there is no room for it; says: the bar in words.
    middle: where the label stands."""

    x: int
    y: int
    width: int
    height: int
    middle: int
    label: str
    says: str


@dataclass(frozen=True, slots=True)
class Tick:
    y: int
    label: str


@dataclass(frozen=True, slots=True)
class Chart:
    """name: of its parts among others of the page. line: points "x,y x,y" of what should be, "" for none."""

    name: str
    title: str
    description: str
    bars: list
    ticks: list
    line: str
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT
    base: int = HEIGHT - BOTTOM
    below: int = HEIGHT - BOTTOM + 18


def bars(name, title, description, points, expected=()):
    """The Chart of points, [(label, value)] with values from 0 up, left to right. expected: for each what it should
    have been. name: letters that are an id in the page."""
    values = [value for _label, value in points]
    top = ceiling(max([*values, *expected], default=0))
    place = (WIDTH - LEFT - RIGHT) / max(1, len(points))
    every = -(-len(points) // LABELS_MAX)
    drawn = [
        _bar(number, label, value, place, top, number % every == 0) for number, (label, value) in enumerate(points)
    ]
    ticks = [Tick(_y(value, top), f"{value:,}".replace(",", "\u202f")) for value in (0, top // 2, top)]
    line = " ".join(f"{_x(number + 0.5, place)},{_y(value, top)}" for number, value in enumerate(expected))
    return Chart(name, title, description, drawn, ticks if top > 1 else ticks[::2], line)


def ceiling(value):
    """The least of 1, 2, 5, 10, 20, 50 … that is not below a value (1 for nothing)."""
    power = 1
    while True:
        for step in STEPS:
            if step * power >= value:
                return step * power
        power *= 10


def _bar(number, label, value, place, top, is_labelled):
    left, right = _x(number + GAP / 2, place), _x(number + 1 - GAP / 2, place)
    y = _y(value, top)
    middle = _x(number + 0.5, place)
    said = f"{label}: {value:,}".replace(",", "\u202f")
    return Bar(left, y, max(1, right - left), HEIGHT - BOTTOM - y, middle, label if is_labelled else "", said)


def _x(number, place):
    return round(LEFT + number * place)


def _y(value, top):
    return round(HEIGHT - BOTTOM - (HEIGHT - BOTTOM - TOP) * value / top)
