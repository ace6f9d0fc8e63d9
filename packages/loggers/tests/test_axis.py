"""Round numbers on an axis, and texts that tell them apart."""

import math

import pytest

from pebblegrad.loggers._axis import Scale, short, tick_labels


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


@pytest.mark.parametrize(
    ("ticks", "texts"),
    [
        ([], []),
        ([0.25], ["0.25"]),
        ([0.0, 0.2, 0.4], ["0.0", "0.2", "0.4"]),
        ([0.1, 0.15, 0.2], ["0.10", "0.15", "0.20"]),
        ([0.693148, 0.69315, 0.693152], ["0.693148", "0.693150", "0.693152"]),
        ([0.9999, 0.99995, 1.0], ["0.99990", "0.99995", "1.00000"]),
        ([1000000.0, 1000002.0], ["1000000", "1000002"]),
        ([1e9, 2e9], ["1e9", "2e9"]),
        ([-2e-9, 0.0, 2e-9], ["-2e-9", "0", "2e-9"]),
        ([-1.7e308, 1.7e308], ["-1.7e308", "1.7e308"]),
        ([0.0, 5e-324], ["0", "5e-324"]),
    ],
)
def test_labels_have_the_decimals_that_their_distance_needs(ticks, texts):
    assert tick_labels(ticks) == texts


@pytest.mark.parametrize("low", [0.0, 1.0, -0.3, 1e6, 1e-9, 123456789.0])
@pytest.mark.parametrize("span", [1e-6, 1e-3, 0.7, 1.0, 13.0, 1e5, 1e12])
def test_labels_of_all_axes_differ_and_are_short(low, span):
    texts = tick_labels(Scale(low, low + span, 0, 1).ticks(6))

    assert len(set(texts)) == len(texts) >= 2
    assert max(map(len, texts)) <= 17
