import numpy as np
import pytest

from pebblegrad.loggers._histogram import histogram


def test_it_counts_as_numpy_does():
    values = np.random.default_rng(0).standard_normal((30, 40))
    of = histogram(values)

    counts, edges = np.histogram(values, 64)
    np.testing.assert_array_equal(of.counts, counts)
    np.testing.assert_array_equal(of.edges, edges)
    assert of.shape == (30, 40)
    assert (of.low, of.high) == (values.min(), values.max())
    assert of.mean == pytest.approx(values.mean())
    assert of.std == pytest.approx(values.std())
    assert of.squares == pytest.approx(np.square(values).sum())


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.uint8, np.bool])
def test_small_types_are_counted_in_float64(dtype):
    of = histogram(np.ones(3000, dtype))

    assert (of.total, of.squares, of.counts.tolist()) == (3000.0, 3000.0, [3000])


def test_what_is_not_finite_is_counted_apart():
    of = histogram(np.array([np.nan, 1.0, np.inf, 3.0, -np.inf]))

    assert (of.not_finite, of.counts.sum(), of.low, of.high) == (3, 2, 1.0, 3.0)


@pytest.mark.parametrize("values", [[], [np.nan], [[np.inf], [-np.inf]]])
def test_without_finite_values_there_are_no_bins(values):
    of = histogram(np.array(values))

    assert of.counts.size == of.edges.size == 0
    assert np.isnan([of.mean, of.std, of.low, of.high]).all()
    assert of.not_finite == np.size(values)


@pytest.mark.parametrize(
    "values",
    [
        [0.0, 0.0],
        [1e17, 1e17],
        [1.0, np.nextafter(1.0, 2.0)],
        [-1.7e308, 1.7e308],
        [5e-324, 1e-323],
    ],
)
def test_a_range_that_cannot_be_divided_is_one_bin(values):
    of = histogram(np.array(values))

    assert of.counts.tolist() == [2]
    assert of.edges.tolist() == [min(values), max(values)]


def test_bins_are_never_empty_of_width():
    values = np.array([1.0, 1.0 + 100 * np.finfo(float).eps])

    of = histogram(values)
    assert of.counts.sum() == 2
    assert (np.diff(of.edges) > 0).all() or of.counts.size == 1


@pytest.mark.parametrize("steps", [30, 33, 45, 63, 64, 65, 100])
@pytest.mark.parametrize("low", [1.0, -1e300, 0.1, 0.0])
def test_ranges_of_a_few_dozen_neighbours_are_counted(low, steps):
    values = np.array([low, low + steps * np.spacing(abs(low))])

    of = histogram(values)
    assert of.counts.sum() == 2
    assert (np.diff(of.edges) > 0).all()
