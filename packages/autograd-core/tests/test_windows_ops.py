"""Windows where the table of ops does not look: views, layouts, errors."""

import numpy as np
import pytest

from pebblegrad.autograd import Tensor, ops


def test_windows_are_a_view_that_cannot_be_written_into(rng):
    x = rng.standard_normal((2, 5, 5))

    windows = ops.sliding_windows(x, (3, 3))

    assert np.shares_memory(windows, x)
    with pytest.raises(ValueError, match="read-only"):
        windows[0] = 0


@pytest.mark.parametrize(
    "layout",
    [
        np.asfortranarray,
        lambda x: x[::-1, :, ::-1],
        lambda x: np.repeat(x, 2, axis=2)[:, :, ::2],
        lambda x: np.broadcast_to(x[:1, :1], x.shape),
        lambda x: x.T,
        lambda x: x[:0],
        lambda x: x.astype(np.float16),
        lambda x: x.astype(np.int64),
    ],
)
def test_windows_of_any_layout_are_those_of_a_copy(layout, rng):
    x = layout(rng.integers(-9, 9, (4, 6, 5)).astype(np.float64))

    windows = ops.sliding_windows(x, (2, 2), stride=(2, 1), dilation=(1, 2))
    copied = ops.sliding_windows(x.copy(), (2, 2), stride=(2, 1), dilation=(1, 2))
    sizes = x.shape[1:]
    folded = ops.fold(windows, sizes, (2, 1), (1, 2))

    assert windows.dtype == folded.dtype == x.dtype
    np.testing.assert_array_equal(windows, copied)
    np.testing.assert_array_equal(folded, ops.fold(copied, sizes, (2, 1), (1, 2)))


def test_folding_counts_in_how_many_windows_an_element_is():
    counts = ops.fold(np.ones((3, 3)), 7, stride=2)

    np.testing.assert_array_equal(counts, [1, 1, 2, 1, 2, 1, 1])


def test_elements_in_no_window_are_0():
    np.testing.assert_array_equal(
        ops.fold(np.ones((2, 1)), 6, stride=4), [1, 0, 0, 0, 1, 0]
    )


def test_a_window_of_no_axes_is_the_array_itself():
    x = np.arange(3.0)

    np.testing.assert_array_equal(ops.sliding_windows(x, ()), x)
    np.testing.assert_array_equal(ops.fold(x, ()), x)


def test_pooling_is_windows_and_a_reduction(rng):
    x = Tensor(rng.standard_normal((2, 6, 6)), requires_grad=True)

    pooled = ops.max(ops.sliding_windows(x, (2, 2), stride=2), axis=(-1, -2))
    pooled.sum().backward()

    blocks = x.data.reshape(2, 3, 2, 3, 2).max(axis=(2, 4))
    np.testing.assert_array_equal(pooled.data, blocks)
    assert x.grad.data.sum() == blocks.size
    largest = np.sort(x.data[x.grad.data == 1])
    np.testing.assert_array_equal(largest, np.sort(blocks, axis=None))


X = Tensor(np.zeros((2, 4, 5)))
WINDOWS = Tensor(np.zeros((2, 4, 2)))


@pytest.mark.parametrize(
    ("call", "error", "match"),
    [
        (lambda: ops.sliding_windows(X, 6), ValueError, "axis 2 has size 5.* takes 6"),
        (lambda: ops.sliding_windows(X, 3, 1, 3), ValueError, "dilation 3 takes 7"),
        (lambda: ops.sliding_windows(X, 0), ValueError, "window_shape is 0; positive"),
        (lambda: ops.sliding_windows(X, 2, 0), ValueError, "stride is 0; positive"),
        (lambda: ops.sliding_windows(X, 2, 1, -1), ValueError, "dilation is -1"),
        (lambda: ops.sliding_windows(X, 2.0), TypeError, "'float' object"),
        (lambda: ops.sliding_windows(X, (2, 2), (1, 1, 1)), ValueError, "3 numbers"),
        (lambda: ops.sliding_windows(X, (2,) * 4), ValueError, "are 3 axes, .* has 4"),
        (lambda: ops.sliding_windows(X, (2, 2), axes=1), ValueError, "axes names 1"),
        (lambda: ops.sliding_windows(X, 2, axes=3), ValueError, "no axis 3 among 3"),
        (lambda: ops.sliding_windows(X, (2, 2), axes=(1, -2)), ValueError, "twice"),
        (lambda: ops.fold(WINDOWS, 6), ValueError, "6 has 5 positions .* has 4 along"),
        (lambda: ops.fold(WINDOWS, 3), ValueError, "3 has 2 positions .* has 4 along"),
        (lambda: ops.fold(WINDOWS, 1), ValueError, "axis 1 has size 1, .* takes 2"),
        (lambda: ops.fold(WINDOWS, (5, 5)), ValueError, "are 1 axes, .* window has 2"),
        (lambda: ops.fold(WINDOWS, -5), ValueError, "fold: .* shape is -5; positive"),
    ],
)  # fmt: skip
def test_errors_say_what_was_given_and_what_is_needed(call, error, match):
    with pytest.raises(error, match=match):
        call()
