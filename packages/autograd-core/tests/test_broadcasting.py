"""Sums over what broadcasting made, on NumPy's arrays of every kind and layout."""

import numpy as np
import pytest

from pebblegrad.autograd import Tensor
from pebblegrad.autograd._broadcasting import sum_to


def columns(dtype, rows):
    values = np.random.default_rng(0).standard_normal((rows, 6)).astype(dtype)
    return {
        "rows": values,
        "columns": np.asfortranarray(values),
        "every other": np.repeat(values, 2, axis=0)[::2, ::-1],
    }


@pytest.mark.parametrize("rows", [0, 1, 5, 4096, 4097])
@pytest.mark.parametrize("dtype", ["f4", "f8", ">f4", "f2"])
def test_the_sum_of_rows_is_numpys(dtype, rows):
    for name, x in columns(dtype, rows).items():
        found = sum_to(np, x, (6,))
        assert (found.shape, found.dtype.kind) == ((6,), "f"), name
        expected = x.astype("f8").sum(axis=0)
        tolerance = {"f2": 2e-2, "f8": 1e-14}.get(dtype, 2e-6)
        scale = np.abs(x.astype("f8")).sum(axis=0)
        np.testing.assert_array_less(abs(found - expected), tolerance * scale + 1e-30)


def test_what_is_not_finite_passes_through():
    x = np.array([[np.inf, np.nan, np.inf, 1], [1, 1, -np.inf, 1]], "f4")
    with np.errstate(invalid="ignore"):  # as any sum of NumPy's, it warns of inf - inf
        found = sum_to(np, x, (4,))
    np.testing.assert_array_equal(found, [np.inf, np.nan, np.nan, 2])


def test_a_bias_of_many_rows_is_summed_in_parts():
    # One after the other in single precision they would be wrong in the fourth digit.
    bias = Tensor(np.zeros(3, "f4"), requires_grad=True)
    g = np.full((100_000, 3), 0.1, "f4")
    (Tensor(np.zeros((100_000, 3), "f4")) + bias).backward(g)
    np.testing.assert_allclose(bias.grad.data, 100_000 * float(g[0, 0]), rtol=3e-5)


@pytest.mark.parametrize("shape", [(3,), (1, 3), ()])
def test_half_precision_is_added_up_in_single_precision(shape):
    bias = Tensor(np.zeros(shape, "f2"), requires_grad=True)
    (Tensor(np.zeros((6000, 3), "f2")) + bias).backward(np.ones((6000, 3), "f2"))

    assert bias.grad.dtype == "f2"
    np.testing.assert_array_equal(
        bias.grad.data, np.full(shape, 18000 if shape == () else 6000)
    )
