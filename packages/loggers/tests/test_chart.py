"""The numbers in the paths of a drawing, and which points it leaves out."""

import math
import re
from html.parser import HTMLParser

import pytest

from pebblegrad.loggers._chart import (
    BOTTOM,
    LEFT,
    RIGHT,
    TOP,
    Curve,
    Scale,
    hill_chart,
    line_chart,
    short,
    thinned,
)


def attributes(svg, kind):
    """All elements of a class, as dicts of their attributes."""
    found = []

    class Parser(HTMLParser):
        def handle_starttag(self, tag, attrs):
            if dict(attrs).get("class") == kind:
                found.append(dict(attrs))

    Parser().feed(svg)
    return found


def points(path):
    return [
        (letter, float(x), float(y))
        for letter, x, y in re.findall(r"([ML])([\d.-]+) ([\d.-]+)", path)
    ]


def test_a_curve_goes_from_corner_to_corner():
    svg = line_chart([Curve("", 0, [(0, 1.0), (5, 2.0), (10, 3.0)])])

    (curve,) = attributes(svg, "curve")
    assert points(curve["d"]) == [
        ("M", LEFT, BOTTOM),
        ("L", (LEFT + RIGHT) / 2, (TOP + BOTTOM) / 2),
        ("L", RIGHT, TOP),
    ]
    assert curve["data-steps"] == "0 5 10"
    assert curve["data-values"] == "1 2 3"


def test_a_logarithmic_axis_makes_powers_even():
    curve = Curve("", 0, [(0, 1.0), (1, 10.0), (2, 100.0)])

    (drawn,) = attributes(line_chart([curve], logarithmic=True), "curve")
    heights = [y for _, _, y in points(drawn["d"])]
    assert heights == [BOTTOM, (TOP + BOTTOM) / 2, TOP]


def test_what_is_not_finite_is_a_gap():
    values = [math.nan, 1.0, 2.0, math.inf, 3.0]
    (curve,) = attributes(line_chart([Curve("", 0, list(enumerate(values)))]), "curve")

    assert [letter for letter, _, _ in points(curve["d"])] == ["M", "L", "M"]
    assert curve["data-steps"] == "1 2 4"


@pytest.mark.parametrize(
    "values",
    [
        [math.nan],
        [1.0],
        [0.0, 0.0],
        [1e308, -1e308],
        [5e-324, 0.0],
        [1.0, 1.0000000000000002],
    ],
)
def test_hard_values_stay_on_the_chart(values):
    (curve,) = attributes(line_chart([Curve("", 0, list(enumerate(values)))]), "curve")

    drawn = points(curve["d"])
    assert len(drawn) == sum(map(math.isfinite, values))
    assert all(LEFT <= x <= RIGHT and TOP <= y <= BOTTOM for _, x, y in drawn)


def test_curves_share_their_axes_and_differ_in_color_then_in_dashes():
    curves = [Curve(f"run {i}", i, [(0, 0.0), (10, float(i))]) for i in range(10)]
    drawn = attributes(line_chart(curves), "curve")

    assert points(drawn[9]["d"])[-1] == ("L", RIGHT, TOP)
    assert points(drawn[0]["d"])[-1] == ("L", RIGHT, BOTTOM)
    looks = {(curve["stroke"], curve["stroke-dasharray"]) for curve in drawn}
    assert len(looks) == 10


def test_labels_cannot_leave_their_attribute():
    svg = line_chart([Curve('"><script>', 0, [(0, 1.0)])])

    assert "<script" not in svg
    assert attributes(svg, "curve")[0]["data-label"] == '"><script>'


@pytest.mark.parametrize(
    ("scale", "ticks"),
    [
        (Scale(0, 1, 0, 1), [0, 0.2, 0.4, 0.6, 0.8, 1]),
        (Scale(-3, 7, 0, 1), [-2, 0, 2, 4, 6]),
        (Scale(0.1, 0.3, 0, 1), [0.1, 0.15, 0.2, 0.25, 0.3]),
        (Scale(5, 5, 0, 1), [5]),
        (Scale(0, 5e-324, 0, 1), [0, 5e-324]),
        (Scale(1e-3, 1e3, 0, 1, logarithmic=True), [1e-3, 1e-2, 0.1, 1, 10, 100, 1e3]),
        (Scale(0.15, 0.6, 0, 1, logarithmic=True), [0.2, 0.5]),
        (Scale(3, 4, 0, 1, logarithmic=True), [3]),
    ],
)
def test_ticks_are_round_and_inside(scale, ticks):
    assert scale.ticks(5) == pytest.approx(ticks)


def test_peaks_gaps_and_ends_survive_thinning():
    values = [0.5] * 100_000
    values[12_345], values[54_321], values[77_777] = 9.0, -9.0, math.nan
    kept = thinned(list(enumerate(map(float, values))))

    steps = [step for step, _ in kept]
    assert len(kept) <= 1000
    assert steps == sorted(set(steps))
    assert {0, 12_345, 54_321, 77_777, 99_999} <= set(steps)


def test_few_points_are_all_drawn():
    points = [(step, 1.0) for step in range(1000)]

    assert thinned(points) == points


def test_hills_have_the_height_of_their_counts():
    svg = hill_chart([(1, [1, 2, 0], [0, 1, 2, 3]), (2, [4], [1, 1])], 3)

    first, second = attributes(svg, "hill")
    heights = [y for _, _, y in points(first["d"])]
    base = heights[0]
    rises = [base - y for y in heights[1:-1]]
    assert rises[0] == rises[1] == pytest.approx(rises[2] / 2, abs=0.01)
    assert rises[4] == rises[5] == 0
    assert points(first["d"])[0][1] == LEFT
    assert points(first["d"])[-1][1] == RIGHT
    assert len({x for _, x, _ in points(second["d"])}) == 1


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "0"),
        (-0.0, "0"),
        (1234567, "1234567"),
        (12345678, "1.235e7"),
        (0.1 + 0.2, "0.3"),
        (-1e-9, "-1e-9"),
        (math.nan, "nan"),
        (-math.inf, "-inf"),
    ],
)
def test_numbers_are_short(number, text):
    assert short(number) == text
