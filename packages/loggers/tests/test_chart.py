"""The numbers in the paths of a drawing, and the labels of its axes."""

import math
import re
from html.parser import HTMLParser

import numpy as np
import pytest

from pebblegrad.loggers._chart import (
    BOTTOM,
    LEFT,
    RIGHT,
    TOP,
    WIDTH,
    Curve,
    hill_chart,
    line_chart,
)
from pebblegrad.loggers._thinning import thinned


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


def curve(given, label="", index=0):
    return Curve(label, index, thinned(given))


def values_only(values):
    return curve(list(enumerate(values)))


def labels(svg):
    return re.findall(r">([^<>]+)</text>", svg)


def test_a_curve_goes_from_corner_to_corner():
    svg = line_chart([curve([(0, 1.0), (5, 2.0), (10, 3.0)])])

    (drawn,) = attributes(svg, "curve")
    assert points(drawn["d"]) == [
        ("M", LEFT, BOTTOM),
        ("L", (LEFT + RIGHT) / 2, (TOP + BOTTOM) / 2),
        ("L", RIGHT, TOP),
    ]
    assert drawn["data-steps"] == "0 5 10"
    assert drawn["data-values"] == "1 2 3"


def test_a_logarithmic_axis_makes_powers_even():
    svg = line_chart([values_only([1.0, 10.0, 100.0])], logarithmic=True)

    (drawn,) = attributes(svg, "curve")
    heights = [y for _, _, y in points(drawn["d"])]
    assert heights == [BOTTOM, (TOP + BOTTOM) / 2, TOP]


def test_what_is_not_finite_is_a_gap():
    values = [math.nan, 1.0, 2.0, math.inf, 3.0]
    (drawn,) = attributes(line_chart([values_only(values)]), "curve")

    assert [letter for letter, _, _ in points(drawn["d"])] == ["M", "L", "M"]
    assert drawn["data-steps"] == "1 2 4"


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
    (drawn,) = attributes(line_chart([values_only(values)]), "curve")

    places = points(drawn["d"])
    assert len(places) == sum(map(math.isfinite, values))
    assert all(LEFT <= x <= RIGHT and TOP <= y <= BOTTOM for _, x, y in places)


def test_curves_share_their_axes_and_differ_in_color_then_in_dashes():
    curves = [curve([(0, 0.0), (10, float(i))], f"run {i}", i) for i in range(10)]
    drawn = attributes(line_chart(curves), "curve")

    assert points(drawn[9]["d"])[-1] == ("L", RIGHT, TOP)
    assert points(drawn[0]["d"])[-1] == ("L", RIGHT, BOTTOM)


def test_a_hundred_curves_look_different():
    drawn = attributes(
        line_chart([curve([(0, 1.0)], index=i) for i in range(100)]), "curve"
    )

    looks = {(one["stroke"], one["stroke-dasharray"]) for one in drawn}
    assert len(looks) == 100


def test_labels_cannot_leave_their_attribute():
    svg = line_chart([curve([(0, 1.0)], '"><script>')])

    assert "<script" not in svg
    assert attributes(svg, "curve")[0]["data-label"] == '"><script>'


def test_a_value_between_gaps_is_a_dot():
    nan = math.nan
    (drawn,) = attributes(
        line_chart([values_only([nan, 1.0, nan, 2.0, 3.0, nan, 4.0])]), "curve"
    )

    dots = re.findall(r"M[\d.]+ [\d.]+h0.01", drawn["d"])
    assert len(dots) == 2  # a round cap makes a dot of so short a line
    assert [letter for letter, _, _ in points(drawn["d"])] == ["M", "M", "L", "M"]


def test_what_is_smoothed_of_a_long_curve_has_the_mean_of_its_values():
    rng = np.random.default_rng(0)
    values = np.where(rng.random(10_000) < 0.01, 10.0, 0.1)
    given = values_only(values.tolist())
    for logarithmic, ends in ((False, (0.1, 10.0)), (True, (-1.0, 1.0))):
        (drawn,) = attributes(line_chart([given], logarithmic=logarithmic), "curve")
        heights = np.array([y for _, _, y in points(drawn["data-means"])])
        share = (BOTTOM - heights.mean()) / (BOTTOM - TOP)
        mean = ends[0] + share * (ends[1] - ends[0])

        shown = np.log10(values) if logarithmic else values
        # Heights are written with two decimals of 188 pixels.
        assert mean == pytest.approx(shown.mean(), abs=1e-3)
        extremes = [y for _, _, y in points(drawn["d"])]
        assert np.mean(extremes) < heights.mean() - 10  # pixels; they count from above


def test_a_curve_that_is_all_drawn_needs_no_means():
    (drawn,) = attributes(line_chart([values_only([1.0, 2.0])]), "curve")

    assert "data-means" not in drawn


@pytest.mark.parametrize(
    "values",
    [
        [0.693147, 0.693156],
        [0.9999, 0.99999],
        [1e9, 1e9 + 7],
        [-1e-12, 1e-12],
        [0.0, 123456.0],
    ],
)
def test_labels_of_values_differ_and_have_their_place(values):
    svg = line_chart([values_only(values)])
    left = int(re.findall(r'data-left="(\d+)"', svg)[0])
    texts = re.findall(r'text-anchor="end">([^<]+)<', svg)

    assert len(set(texts)) == len(texts) >= 3
    assert left - 6 >= 7 * max(map(len, texts))


def test_steps_are_whole_numbers_within_the_chart():
    svg = line_chart([curve([(10**6, 0.0), (10**6 + 8, 1.0)])])
    placed = re.findall(r'<text x="([\d.]+)" y="\d+" text-anchor="middle">(.*?)<', svg)

    assert [text for _, text in placed] == [str(10**6 + i) for i in (0, 2, 4, 6, 8)]
    assert all(float(at) + 3.5 * len(text) <= WIDTH for at, text in placed)


def test_the_largest_steps_have_a_place_too():
    svg = line_chart([curve([(-(2**63), 0.0), (2**63 - 1, 1.0)])])

    assert len(attributes(svg, "curve")) == 1


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


def test_hills_of_large_steps_and_narrow_ranges_are_labelled_apart():
    svg = hill_chart(
        [(10**9 + i, [1, 1], [1.0, 1.0 + 1e-9, 1.0 + 2e-9]) for i in range(2)], 0
    )
    texts = labels(svg)

    assert len(set(texts)) == len(texts)
    assert {"1000000000", "1000000001"} < set(texts)
