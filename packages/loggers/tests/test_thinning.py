"""Which points of a long curve are kept, and the means that are smoothed."""

import math

import numpy as np
import pytest

from pebblegrad.loggers._thinning import thinned


def thinned_values(values):
    return thinned(list(enumerate(map(float, values))))


def test_peaks_gaps_and_ends_survive_thinning():
    values = [0.5] * 100_000
    values[12_345], values[54_321], values[77_777] = 9.0, -9.0, math.nan
    kept = thinned_values(values)

    steps = [step for step, _ in kept.points]
    assert len(steps) <= 1000
    assert steps == sorted(set(steps))
    assert {0, 12_345, 54_321, 77_777, 99_999} <= set(steps)
    assert not kept.complete


def test_few_points_are_all_drawn_and_all_smoothed():
    points = [(step, 1.0) for step in range(1000)]
    kept = thinned(points)

    assert kept.points == kept.means == kept.log_means == points
    assert kept.complete


@pytest.mark.parametrize("count", [1001, 2000, 100_000])
def test_the_means_have_the_mean_of_all(count):
    values = np.random.default_rng(0).exponential(size=count)
    kept = thinned_values(values)

    means = [mean for _, mean in kept.means]
    logarithms = np.log10([mean for _, mean in kept.log_means])
    assert len(means) == len(logarithms) == 250
    # Groups differ by one point in size at most: of 4 in the shortest curve.
    near = 0.02 if count < 2000 else 0.005
    assert np.mean(means) == pytest.approx(values.mean(), rel=near)
    assert logarithms.mean() == pytest.approx(np.log10(values).mean(), rel=10 * near)


def test_means_leave_out_what_is_not_finite():
    values = np.full(2000, 2.0)
    values[::2] = np.nan
    values[:100] = np.inf
    kept = thinned_values(values)

    means = np.array([mean for _, mean in kept.means])
    np.testing.assert_array_equal(means[:12], np.nan)
    np.testing.assert_array_equal(means[13:], 2.0)


def test_the_largest_numbers_have_a_mean():
    kept = thinned_values([np.finfo(float).max] * 2000)

    assert np.isfinite([mean for _, mean in kept.means + kept.log_means]).all()


def test_curves_that_touch_zero_have_no_geometric_means():
    assert thinned_values([1.0, 0.0]).log_means == []
    assert thinned_values([0.0] * 2000).log_means == []
    assert thinned([]).points == []
