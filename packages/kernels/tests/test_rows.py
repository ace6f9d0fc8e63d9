"""Rows added to a table beside NumPy's, to the bit."""

import numpy as np
import pytest

from pebblegrad.autograd import Tensor, ops
from pebblegrad.autograd.ops.indexing import scatter_rows

from .against import kernel

each_dtype = pytest.mark.parametrize("dtype", ["float32", "float64"])


@each_dtype
@pytest.mark.parametrize("shape", [(1, 1), (7, 3), (50, 64), (30, 129)], ids=str)
@pytest.mark.parametrize("given", [(1,), (500,), (8, 128)], ids=str)
def test_rows_are_added_in_their_order(kind, shape, given, dtype, rng):
    indices = rng.integers(-shape[0], shape[0], given)
    x = rng.standard_normal((*given, shape[1])).astype(dtype)
    x.flat[0] = rng.choice([np.nan, np.inf, 1e30])
    for rows in (x, np.asfortranarray(x), np.repeat(x, 2, axis=-1)[..., ::2]):
        for places in (indices, np.asfortranarray(indices), indices[::-1]):
            found = kernel(scatter_rows)(np, rows, shape=shape, indices=places, axis=0)

            wanted = scatter_rows.forward(np, x, shape=shape, indices=places, axis=0)
            np.testing.assert_array_equal(found, wanted, strict=True)


def test_an_embedding_of_a_turned_batch(rng):
    tokens = rng.integers(0, 50, (12, 5))
    table = Tensor(rng.standard_normal((50, 9)), requires_grad=True)
    ops.take(table, tokens.T, axis=0).sum().backward()

    counts = np.bincount(tokens.ravel(), minlength=50)
    np.testing.assert_array_equal(table.grad.data, np.repeat(counts[:, None], 9, 1))


def test_many_rows_are_shared_among_threads(kind, threads_set, rng):
    indices, x = rng.integers(0, 9, 3000), rng.standard_normal((3000, 100))
    threads_set(3)

    found = kernel(scatter_rows)(np, x, shape=(9, 100), indices=indices, axis=0)

    wanted = scatter_rows.forward(np, x, shape=(9, 100), indices=indices, axis=0)
    np.testing.assert_array_equal(found, wanted)


@pytest.mark.parametrize("wrong", [9, -10, 2**62])
def test_an_index_outside_raises(kind, wrong):
    indices = np.array([0, wrong, 1])

    with pytest.raises(IndexError, match="a place is outside"):
        kernel(scatter_rows)(np, np.ones((3, 4)), shape=(9, 4), indices=indices, axis=0)


def test_what_the_kernel_cannot_take_is_left_to_numpy():
    x, indices = np.ones((3, 4)), np.zeros(3, np.int64)
    for rows, shape, places, axis in (
        (x, (9, 4), indices.astype(np.int32), 0),
        (x, (3, 9), np.zeros(4, np.int64), 1),
        (x[..., None], (9, 4, 1), indices, 0),
        (x.astype("f2"), (9, 4), indices, 0),
        (x[:0], (9, 4), indices[:0], 0),
        (x[:, 0], (9,), indices, 0),
    ):
        with pytest.raises(AssertionError, match="left its work"):
            kernel(scatter_rows)(np, rows, shape=shape, indices=places, axis=axis)
