"""Pooling beside that of `pebblegrad.nn`, to the bit."""

import numpy as np
import pytest

from pebblegrad.nn.functional._windows import walk
from pebblegrad.nn.functional.pooling import (
    argmax_pool,
    max_pool,
    max_unpool,
    sum_pool,
    sum_unpool,
)

from .against import close, kernel, layouts, never


def drawn(rng):
    """Draw windows, and the shape of the images that they stand on."""
    while True:
        size, stride, dilation = (tuple(map(int, rng.integers(1, 4, 2))) for _ in "123")
        padding = tuple((int(p), int(p)) for p in rng.integers(0, 2, 2))
        shape = tuple(int(n) for n in rng.integers(1, [4, 40, 10, 10]))
        try:
            ceil_mode = bool(rng.integers(2))
            windows = walk(
                "t", shape, size, stride, padding, dilation, ceil_mode=ceil_mode
            )
        except ValueError:  # the window does not fit
            continue
        return shape, windows


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("few", [False, True])
def test_any_pooling_is_that_of_numpy(kind, dtype, few):
    rng = np.random.default_rng(few)
    for _ in range(100):
        shape, windows = drawn(rng)
        images = rng.standard_normal(shape).astype(dtype)
        if few:  # values, so that several are the largest; and some that are not finite
            images = rng.choice([0, 1, np.inf, -np.inf, np.nan], shape).astype(dtype)
        lying = int(rng.integers(5))
        x = list(layouts(images))[lying]
        fallback = (lambda op: op.forward) if lying == 4 else (lambda op: never)

        largest = kernel(max_pool, fallback(max_pool))(np, x, windows)
        np.testing.assert_array_equal(
            largest, max_pool.forward(np, x, windows=windows), strict=True
        )
        which = kernel(argmax_pool, fallback(argmax_pool))(np, x, largest, windows)
        np.testing.assert_array_equal(
            which, argmax_pool.forward(np, x, largest, windows=windows), strict=True
        )
        y = list(layouts(rng.standard_normal(which.shape).astype(dtype)))[lying]
        back = kernel(max_unpool, fallback(max_unpool))(np, y, which, windows)
        wanted = max_unpool.forward(np, y, which, windows=windows)
        close(back, wanted, 9)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.filterwarnings("ignore:invalid value:RuntimeWarning")
@pytest.mark.parametrize("op", [sum_pool, sum_unpool], ids=lambda op: op.__name__)
def test_any_sums_are_those_of_numpy(kind, op, dtype):
    rng = np.random.default_rng(2)
    for _ in range(100):
        shape, windows = drawn(rng)
        if op is sum_unpool:
            shape = (*shape[:2], *windows.positions)
        images = rng.standard_normal(shape).astype(dtype)
        images.flat[: rng.integers(2)] = rng.choice([np.inf, np.nan, -0.0])
        lying = int(rng.integers(5))
        x = list(layouts(images))[lying]

        found = kernel(op, op.forward if lying == 4 else never)(np, x, windows=windows)

        wanted = op.forward(np, x, windows=windows)
        np.testing.assert_array_equal(found, wanted, strict=True)
        assert (np.signbit(found) == np.signbit(wanted))[wanted == 0].all()


def test_large_images_are_shared_among_threads(threads_set, rng):
    x = rng.standard_normal((33, 8, 32, 33)).astype("float32")
    windows = walk("t", x.shape, (3, 3), (2, 2), ((1, 1), (1, 1)), (1, 1))
    y = sum_pool.forward(np, x, windows=windows)
    threads_set(3)

    np.testing.assert_array_equal(kernel(sum_pool)(np, x, windows=windows), y)
    np.testing.assert_array_equal(
        kernel(sum_unpool)(np, y, windows=windows),
        sum_unpool.forward(np, y, windows=windows),
    )


def test_a_window_with_many_places_is_left_to_numpy(rng):
    x = rng.standard_normal((1, 1, 20, 20)).astype("float32")
    windows = walk("t", x.shape, (16, 16), (1, 1), ((0, 0), (0, 0)), (1, 1))

    with pytest.raises(AssertionError, match="left its work"):
        kernel(max_pool)(np, x, windows)


def test_a_stride_beyond_all_memory_is_left_to_numpy():
    x = np.ones((1, 1, 1, 2**17), "float32")
    windows = walk("t", x.shape, (1, 1), (2**30, 1), ((0, 0), (0, 0)), (1, 1))

    with pytest.raises(AssertionError, match="left its work"):
        kernel(max_pool)(np, x, windows)


def test_which_of_another_kind_is_left_to_numpy(rng):
    windows = walk("t", (1, 1, 4, 4), (2, 2), (2, 2), ((0, 0), (0, 0)), (1, 1))
    y, which = np.ones((1, 1, 2, 2), "float32"), np.zeros((1, 1, 2, 2), np.int32)

    with pytest.raises(AssertionError, match="left its work"):
        kernel(max_unpool)(np, y, which, windows)
