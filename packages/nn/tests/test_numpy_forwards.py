"""The faster forwards for NumPy's arrays give what the ops' own forwards give."""

import numpy as np
import pytest

from pebblegrad.autograd import Tensor
from pebblegrad.nn import functional as F
from pebblegrad.nn.functional import _numpy_forwards
from pebblegrad.nn.functional._windows import walk
from pebblegrad.nn.functional.losses.classification import (
    mean_cost,
    softmax_minus_one_hot,
)
from pebblegrad.nn.functional.pooling import argmax_pool, max_pool, max_unpool

# Few samples and many, classes before and behind them, more axes, one, and none.
CALLS = [
    ((4, 3), 1),
    ((16, 16), 1),
    ((16, 17), 1),
    ((100, 2), -1),
    ((40, 10), 0),
    ((3, 40), 0),
    ((20, 3, 5), 1),
    ((20, 5, 2), 2),
    ((7,), 0),
    ((0, 3), 1),
]
each_call = pytest.mark.parametrize(("shape", "dim"), CALLS, ids=str)
each_dtype = pytest.mark.parametrize("dtype", ["float16", "float32", "float64", ">f4"])
TOLERANCE = {"float16": 2e-3, "float32": 1e-6, "float64": 1e-14, ">f4": 1e-6}


def arrays(rng, shape, dtype):
    """The same numbers in rows, in columns, and as every other one of more."""
    x = (5 * rng.standard_normal(shape)).astype(dtype)
    apart = np.repeat(x, 2, axis=-1)[..., ::2]
    assert x.size == 0 or not apart.flags.c_contiguous
    return [x, np.asfortranarray(x), apart]


@each_call
@each_dtype
@pytest.mark.parametrize("op", [F.softmax, F.log_softmax], ids=["softmax", "log"])
def test_softmax_and_its_logarithm(op, shape, dim, dtype, rng):
    for x in arrays(rng, shape, dtype):
        before = x.copy()

        found, wanted = op(x, dim), op.forward(np, x, dim)

        assert found.dtype == wanted.dtype
        assert (
            found.size == 0 or found.flags.c_contiguous or dtype in ("float16", ">f4")
        )
        np.testing.assert_allclose(found, wanted, 10 * TOLERANCE[dtype], 1e-7)
        np.testing.assert_array_equal(x, before)


@pytest.mark.parametrize(("shape", "dim"), CALLS[:-1], ids=str)  # not of no sample
@each_dtype
@pytest.mark.parametrize(
    "op", [mean_cost, softmax_minus_one_hot], ids=["cost", "above"]
)
def test_the_parts_of_cross_entropy(op, shape, dim, dtype, rng):
    of_samples = shape[:dim] + shape[dim % len(shape) + 1 :]
    indices = rng.integers(0, shape[dim], of_samples)
    for x in arrays(rng, shape, dtype):
        before = x.copy()

        found = op(x, indices, dim % len(shape))
        wanted = op.forward(np, x, indices, dim % len(shape))

        assert found.dtype == wanted.dtype
        np.testing.assert_allclose(found, wanted, 0, 20 * TOLERANCE[dtype])
        np.testing.assert_array_equal(x, before)


@pytest.mark.parametrize("samples", [2, 50])
def test_what_is_not_finite_passes_through(samples):
    x = np.zeros((samples, 4), "float32")
    x[0], x[1] = [-np.inf, 0, 1, 2], [np.nan, 0, 0, 0]

    for op in (F.softmax, F.log_softmax):
        np.testing.assert_allclose(op(x, 1), op.forward(np, x, 1), rtol=1e-6)
    for indices in (np.zeros(samples, int), np.full(samples, 3)):
        for op in (mean_cost, softmax_minus_one_hot):
            wanted = op.forward(np, x, indices, 1)
            np.testing.assert_allclose(op(x, indices, 1), wanted, rtol=1e-6)


def test_an_impossible_class_that_is_the_target_costs_infinitely_much():
    logits = Tensor([[-np.inf, 0.0]], requires_grad=True)

    loss = F.cross_entropy(logits, [0])
    loss.backward()

    assert loss.item() == np.inf
    np.testing.assert_array_equal(logits.grad.data, [[-1, 1]])


WINDOWS = {
    "side by side": ((4, 6), (2, 3), (2, 3), ((0, 0), (0, 0)), (1, 1), False),
    "apart": ((5, 7), (2, 2), (3, 2), ((0, 0), (0, 0)), (1, 1), False),
    "with a rest": ((5, 5), (2, 2), (2, 2), ((0, 0), (0, 0)), (1, 1), False),
    "over the edge": ((5, 5), (2, 2), (2, 2), ((0, 0), (0, 0)), (1, 1), True),
    "padded": ((4, 4), (2, 2), (2, 2), ((1, 1), (1, 1)), (1, 1), False),
    "overlapping": ((5, 5), (3, 3), (1, 2), ((1, 1), (1, 1)), (1, 1), False),
    "side by side, and padded": (
        (3, 3),
        (3, 3),
        (3, 3),
        ((1, 1), (1, 1)),
        (1, 1),
        False,
    ),
    "apart, and none left over": (
        (6, 6),
        (2, 2),
        (3, 3),
        ((0, 0), (0, 0)),
        (1, 1),
        False,
    ),
    "with gaps": ((7, 7), (2, 2), (4, 4), ((0, 0), (0, 0)), (3, 3), False),
}


@pytest.mark.parametrize("name", WINDOWS)
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64", "longdouble"])
def test_what_pooling_gives_back(name, dtype, rng):
    *moves, ceil_mode = WINDOWS[name]
    windows = walk("test", (2, 3, *moves[0]), *moves[1:], ceil_mode=ceil_mode)
    images = rng.standard_normal((2, 3, *moves[0])).astype(dtype)
    batch_last = np.moveaxis(np.ascontiguousarray(np.moveaxis(images, 0, -1)), -1, 0)
    for x in (images, batch_last):
        which = argmax_pool(x, max_pool(x, windows), windows)
        y = rng.standard_normal(which.shape).astype(dtype)
        y.flat[:3] = np.nan, np.inf, -0.0

        # Not by the op: a compiled kernel may be in its place.
        found = _numpy_forwards._max_unpool(np, y, which, windows)

        wanted = max_unpool.forward(np, y, which, windows)
        np.testing.assert_array_equal(found, wanted)
        assert found.dtype == wanted.dtype
        assert found.strides == wanted.strides
