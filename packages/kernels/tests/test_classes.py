"""Softmax and its kin beside those of `pebblegrad.nn`, and beside longer numbers."""

import struct

import numpy as np
import pytest

from pebblegrad.kernels import _native
from pebblegrad.nn.functional.activations import log_softmax, softmax, softmax_gradient
from pebblegrad.nn.functional.attention import attention_weights
from pebblegrad.nn.functional.losses.classification import (
    mean_cost,
    softmax_minus_one_hot,
)

from .against import close, kernel, layouts, never

each_dtype = pytest.mark.parametrize("dtype", ["float32", "float64"])

# One class, fewer than a vector holds, as many, more, and very many.
SHAPES = [
    (7, 1),
    (5, 3),
    (9,),
    (2, 3, 4, 17),
    (3, 64),
    (1000, 10),
    (6, 257),
    (2, 70001),
]
each_shape = pytest.mark.parametrize("shape", SHAPES, ids=str)


def logits(rng, shape, dtype):
    return (5 * rng.standard_normal(shape)).astype(dtype)


def exactly(function, dtype, *arrays, **options):
    """Compute with longer numbers, and return the nearest that there are."""
    longer = [array.astype(np.longdouble) for array in arrays]
    return function.forward(np, *longer, **options).astype(dtype)


@each_dtype
@each_shape
@pytest.mark.parametrize("op", [softmax, log_softmax])
def test_softmax_and_its_logarithm(kind, dtype, shape, op, rng):
    x = logits(rng, shape, dtype)

    found = kernel(op)(np, x, dim=len(shape) - 1)

    # x - max(x) is rounded: of 45, by 23 of these.
    eps = np.finfo(dtype).eps
    tolerance = {"rtol": 30 * eps, "atol": 0 if op is softmax else 4 * eps}
    np.testing.assert_allclose(found, exactly(op, dtype, x), **tolerance, strict=True)


@each_dtype
@each_shape
def test_the_gradient_of_softmax(kind, dtype, shape, rng):
    p = exactly(softmax, dtype, logits(rng, shape, dtype))
    y = rng.standard_normal(shape).astype(dtype)

    found = kernel(softmax_gradient)(np, y, p, dim=-1)

    close(found, exactly(softmax_gradient, dtype, y, p, dim=-1))


@each_dtype
def test_any_layout_gives_the_same_bits(kind, dtype, rng):
    x = logits(rng, (3, 4, 5, 34), dtype)
    wanted = kernel(softmax)(np, x)
    for i, lying in enumerate(layouts(x)):
        found = kernel(softmax, softmax.forward if i > 3 else never)(np, lying)
        assert found.flags.c_contiguous
        if i > 3:
            close(found, wanted)
        else:
            np.testing.assert_array_equal(found, wanted, strict=True)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # of NumPy, of NaN and infinity
@each_dtype
@pytest.mark.parametrize("columns", [3, 16, 37])
def test_what_is_not_finite_gives_what_it_gives_in_numpy(kind, dtype, columns, rng):
    values = [0, 1, -1, np.inf, -np.inf, np.nan, 1e30, -1e30]
    for likely in ([0.5, 0.2, 0.2, 0.1], [0.1, 0.9], [0, 0, 0, 0, 1]):
        shares = np.zeros(len(values))
        shares[[1, 4, 5, 3, 4][: len(likely)]] += likely
        x = rng.choice(values, (200, columns), p=shares).astype(dtype)
        for op in (softmax, log_softmax):
            close(kernel(op)(np, x), op.forward(np, x))
        y = rng.choice(values, x.shape).astype(dtype)
        p = exactly(softmax, dtype, x)
        found = kernel(softmax_gradient)(np, y, p, dim=1)
        wanted = softmax_gradient.forward(np, y, p, dim=1)
        np.testing.assert_allclose(found, wanted, rtol=1e-4, atol=1e25)
        index = rng.integers(0, columns, 200)
        for op in (mean_cost, softmax_minus_one_hot):
            close(kernel(op)(np, x, index, dim=1), op.forward(np, x, index, dim=1))


@pytest.mark.parametrize(
    ("shape", "dim"), [((4, 3), 0), ((4, 3), 5), ((4, 3), "1"), ((), 0), ((0, 3), 1)]
)
def test_another_axis_or_nothing_is_left_to_numpy(shape, dim):
    for op in (softmax, log_softmax):
        with pytest.raises(AssertionError, match="left its work"):
            kernel(op)(np, np.ones(shape), dim=dim)


@each_dtype
@pytest.mark.parametrize("masked", [False, True])
def test_attention_weights(kind, dtype, masked, rng):
    query = rng.standard_normal((2, 3, 5, 4)).astype(dtype)
    key = rng.standard_normal((3, 19, 4)).astype(dtype)
    bias = None
    if masked:
        bias = np.where(rng.random((3, 5, 19)) < 0.5, 0, -np.inf).astype(dtype)
        bias[1, 2:4] = -np.inf

    found = kernel(attention_weights)(np, query, key, bias, scale=0.5)

    wanted = attention_weights.forward(np, query, key, bias, scale=0.5)
    close(found, wanted)
    if masked:
        assert not found[:, 1, 2:4].any()
        bias[0, 0, 0] = np.nan
        found = kernel(attention_weights)(np, query, key, bias, scale=0.5)
        assert np.isnan(found[:, 0, 0]).all()
        assert np.isfinite(found[:, 0, 1:]).all()


@each_dtype
@pytest.mark.parametrize("shape", [(1, 1), (5, 3), (1000, 10), (33, 100), (70001, 2)])
def test_cross_entropy_and_its_gradient(kind, dtype, shape, rng):
    x = logits(rng, shape, dtype)
    index = rng.integers(0, shape[1], shape[0])
    for lying in (x, np.asfortranarray(x), np.repeat(x, 2, axis=1)[:, ::2]):
        cost = kernel(mean_cost)(np, lying, index, dim=1)
        gradient = kernel(softmax_minus_one_hot)(np, lying, index, dim=1)

        longer = x.astype(np.longdouble)
        wanted = mean_cost.forward(np, longer, index, dim=1).astype(dtype)
        close(cost, wanted)
        p = exactly(softmax, dtype, x)
        close(gradient, p - np.eye(shape[1], dtype=dtype)[index])


@each_dtype
@pytest.mark.parametrize("wrong", [-1, 3, 2**62, -(2**63)])
@pytest.mark.parametrize("op", [mean_cost, softmax_minus_one_hot])
def test_an_index_that_is_no_class_is_left_to_numpy(kind, dtype, wrong, op):
    x, index = np.ones((4, 3), dtype), np.array([0, 1, 2, wrong])
    name, out = op.forward.__name__, np.zeros(1 if op is mean_cost else 12, dtype)
    arguments = struct.pack("2q", 4, 3), x, index, out

    with pytest.raises(AssertionError, match="left its work"):
        kernel(op)(np, x, index, dim=1)
    with pytest.raises(IndexError, match=f"^{name}: a place is outside"):
        getattr(_native, name)(*arguments)


@pytest.mark.parametrize(
    ("index", "dim"),
    [
        (np.zeros(4, np.int32), 1),
        (np.zeros(8, np.int64)[::2], 1),
        (np.zeros(33, np.uint8)[1:].view(np.int64), 1),
        (np.zeros(3, np.int64), 1),
        (np.zeros(4, np.int64), 0),
        ([0, 0, 0, 0], 1),
    ],
)
def test_indices_of_another_kind_are_left_to_numpy(index, dim):
    for op in (mean_cost, softmax_minus_one_hot):
        with pytest.raises(AssertionError, match="left its work"):
            kernel(op)(np, np.ones((4, 3)), index, dim=dim)


def test_results_do_not_depend_on_the_number_of_threads(rng, threads_set):
    x, index = logits(rng, (9000, 50), "float32"), rng.integers(0, 50, 9000)
    found = []
    for count in (1, 2, 5):
        threads_set(count)
        found.append(
            [
                kernel(softmax)(np, x),
                kernel(log_softmax)(np, x),
                kernel(softmax_gradient)(np, x, x, dim=1),
                kernel(mean_cost)(np, x, index, dim=1),
                kernel(softmax_minus_one_hot)(np, x, index, dim=1),
            ]
        )

    for other in found[1:]:
        for one, two in zip(found[0], other, strict=True):
            np.testing.assert_array_equal(one, two)
