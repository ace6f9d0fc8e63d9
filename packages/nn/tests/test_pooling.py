"""Pooling: ties, edges, orders of gradients, and what is refused."""

import numpy as np
import pytest

from pebblegrad import nn
from pebblegrad.autograd import Tensor
from pebblegrad.autograd.testing import check_gradients
from pebblegrad.nn import functional
from pebblegrad.nn.functional import (
    adaptive_avg_pool2d,
    adaptive_max_pool2d,
    avg_pool1d,
    avg_pool2d,
    max_pool1d,
    max_pool2d,
)

from .cases._case import real
from .cases.pooling import adapted, pooled


def gradient(function, x, *arguments):
    """The gradient of the sum of what a function returns."""
    tensor = Tensor(x, requires_grad=True)
    function(tensor, *arguments).sum().backward()
    return tensor.grad.data


def test_max_pool2d_follows_the_formula(rng):
    x = rng.standard_normal((2, 3, 9, 8))

    for arguments in [(2,), (3, 1), (3, 2, 1), (2, 3, 1, 2)]:
        kernel, *rest = arguments
        found = max_pool2d(x, *arguments)
        expected = pooled(x, np.nanmax, kernel, *(rest or [kernel]))

        np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize(
    "function",
    [
        lambda x: max_pool2d(x, 2),
        lambda x: max_pool2d(x, 3, 2, 1),
        lambda x: max_pool2d(x, 2, 1, dilation=2),
        lambda x: max_pool2d(x, 3, 2, ceil_mode=True),
        lambda x: avg_pool2d(x, 2),
        lambda x: avg_pool2d(x, 3, 2, 1, count_include_pad=False),
        lambda x: avg_pool2d(x, 3, 2, 1, ceil_mode=True),
        lambda x: adaptive_avg_pool2d(x, (2, 4)),
        lambda x: adaptive_max_pool2d(x, (2, 4)),
    ],
)
def test_gradients_to_the_second_order(function, rng):
    x = real(rng, (2, 2, 5, 6))

    check_gradients(function, x, order=2)
    check_gradients(lambda x: function(x * x).tanh(), x, order=2)


def test_of_equals_the_first_gets_the_gradient():
    x = np.array([[[1.0, 1.0, 0.0, 3.0], [1.0, 1.0, 3.0, 3.0]]])

    expected = [[[1.0, 0.0, 0.0, 1.0], [0.0, 0.0, 0.0, 0.0]]]

    np.testing.assert_array_equal(gradient(max_pool2d, x, 2), expected)
    np.testing.assert_array_equal(gradient(adaptive_max_pool2d, x, (1, 2)), expected)


def test_an_element_in_several_windows_gets_their_gradients():
    x = np.array([[[0.0, 5.0, 1.0]]])

    np.testing.assert_array_equal(gradient(max_pool2d, x, (1, 2), 1), [[[0, 2, 0]]])


def test_padding_is_never_the_largest():
    x = np.full((1, 1, 3, 3), -5.0)

    assert (max_pool2d(x, 3, 2, 1) == -5).all()
    assert (max_pool2d(np.full((1, 1, 3, 3), -np.inf), 3, 2, 1) == -np.inf).all()
    # Each window gives its gradient to the first element of the image that it sees.
    found = gradient(max_pool2d, np.full((1, 1, 3, 3), -np.inf), 3, 2, 1)
    np.testing.assert_array_equal(found[0, 0], [[1, 1, 0], [1, 1, 0], [0, 0, 0]])


def test_nan_is_the_largest_and_gets_the_gradient():
    x = np.array([[[1.0, np.nan, 2.0, 7.0], [np.nan, 3.0, 0.0, 0.0]]])

    np.testing.assert_array_equal(max_pool2d(x, 2), [[[np.nan, 7.0]]])
    np.testing.assert_array_equal(
        gradient(max_pool2d, x, 2), [[[0, 1, 0, 1], [0, 0, 0, 0]]]
    )


@pytest.mark.parametrize("value", [np.inf, np.nan])
def test_a_gradient_that_is_not_finite_goes_to_one_element_only(value):
    x = Tensor(np.arange(4.0).reshape(1, 2, 2), requires_grad=True)

    max_pool2d(x, 2).backward(np.array([[[value]]]))

    np.testing.assert_array_equal(x.grad.data, [[[0, 0], [0, value]]])


def test_windows_of_more_places_than_a_byte_can_count(rng):
    x = rng.standard_normal((1, 1, 40, 40))
    x[0, 0, 18, 17] = 99.0

    found = gradient(max_pool2d, x, 20)

    assert found[0, 0, 18, 17] == 1
    assert found.sum() == 4


def test_integers_have_maxima_and_means():
    x = np.arange(-8, 8).reshape(1, 1, 4, 4)

    found = max_pool2d(x, 3, 2, 1)

    assert found.dtype == x.dtype
    np.testing.assert_array_equal(found[0, 0], [[-3, -1], [5, 7]])
    np.testing.assert_array_equal(avg_pool2d(x, 2)[0, 0], [[-5.5, -3.5], [2.5, 4.5]])


def test_means_count_what_they_are_told_to_count():
    x = np.ones((1, 3, 3))

    counted = avg_pool2d(x, 3, 2, 1)
    not_counted = avg_pool2d(x, 3, 2, 1, count_include_pad=False)
    overridden = avg_pool2d(x, 3, 2, 1, divisor_override=2)

    np.testing.assert_allclose(counted, np.full((1, 2, 2), 4 / 9))
    np.testing.assert_array_equal(not_counted, np.ones((1, 2, 2)))
    np.testing.assert_array_equal(overridden, np.full((1, 2, 2), 2.0))


def test_ceil_mode_gives_what_is_left_over_a_position():
    x = np.arange(5.0).reshape(1, 1, 5)

    assert max_pool1d(x, 2).shape == (1, 1, 2)
    np.testing.assert_array_equal(max_pool1d(x, 2, ceil_mode=True), [[[1, 3, 4]]])
    np.testing.assert_array_equal(avg_pool1d(x, 2, ceil_mode=True), [[[0.5, 2.5, 4]]])
    assert max_pool1d(x[..., :2], 3, 2, ceil_mode=True).shape == (1, 1, 1)


@pytest.mark.parametrize("size", [1, 3, (4, 7), (9, 2)], ids=str)
def test_adaptive_windows_cover_the_image(size, rng):
    x = rng.standard_normal((2, 3, 7, 5))
    rows, columns = (size, size) if isinstance(size, int) else size

    np.testing.assert_allclose(
        adaptive_avg_pool2d(x, size), adapted(x, np.mean, rows, columns), rtol=1e-12
    )
    np.testing.assert_array_equal(
        adaptive_max_pool2d(x, size), adapted(x, np.max, rows, columns)
    )


def test_nan_stays_in_the_adaptive_windows_that_see_it(rng):
    x = rng.standard_normal((1, 1, 5, 5))
    x[0, 0, 0, 0] = np.nan

    for function in (adaptive_avg_pool2d, adaptive_max_pool2d):
        assert np.isnan(function(x, 3)).sum() == 1


@pytest.mark.parametrize(
    "function", [max_pool2d, avg_pool2d, adaptive_avg_pool2d, adaptive_max_pool2d]
)
def test_dtypes_views_and_plain_arrays(function, rng):
    for dtype in ("float16", "float32", "float64"):
        x = rng.standard_normal((2, 3, 6, 7)).astype(dtype)
        view = np.asfortranarray(x)[:, :, ::-1]
        view.flags.writeable = False

        found = function(view, 2)

        assert type(found) is np.ndarray
        assert found.dtype == dtype
        np.testing.assert_array_equal(found, function(view.copy(), 2))


IMAGE = np.zeros((1, 2, 4, 4))
WRONG = [
    (lambda: max_pool2d(np.zeros((4, 4)), 2), r"x has shape \(4, 4\); .* is needed"),
    (lambda: max_pool2d(np.zeros((1, 1, 1, 4, 4)), 2), r"\(N, C, H, W\), or"),
    (lambda: max_pool1d(IMAGE, 2), r"\(N, C, L\), or \(C, L\) for one signal"),
    (lambda: max_pool2d(IMAGE, 0), "kernel_size is 0; a positive integer"),
    (lambda: max_pool2d(IMAGE, 5), r"window of \(5, 5\) does not fit into \(4, 4\)"),
    (lambda: max_pool2d(IMAGE, 2, 0), "stride is 0"),
    (lambda: max_pool2d(IMAGE, (2, 2, 2)), "an int or 2 of them"),
    (lambda: max_pool2d(IMAGE, 3, padding=2), "can have at most 1"),
    (lambda: avg_pool2d(IMAGE, 2, padding=-1), "padding is -1"),
    (lambda: avg_pool2d(IMAGE, 2, divisor_override=0), "divisor_override is 0"),
    (lambda: adaptive_avg_pool2d(IMAGE, 0), "output_size is .*0"),
    (lambda: adaptive_avg_pool2d(IMAGE, (1, 2, 3)), "an int or 2 of them"),
    (lambda: adaptive_max_pool2d(np.zeros((1, 1, 0, 4)), 2), "without elements"),
    (lambda: nn.MaxPool2d("2"), "MaxPool2d: kernel_size is '2'"),
    (lambda: nn.MaxPool2d(2, padding=-1), "MaxPool2d: padding is -1"),
    (lambda: nn.AvgPool2d(2, stride=0), "AvgPool2d: stride is 0"),
    (lambda: nn.AvgPool2d(2, divisor_override=0), "divisor_override is 0"),
    (lambda: nn.AdaptiveAvgPool2d(-1), "AdaptiveAvgPool2d: output_size is -1"),
]


@pytest.mark.parametrize(("call", "message"), WRONG)
def test_wrong_calls_are_told_what_is_wrong(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_what_is_no_array_is_refused():
    with pytest.raises(TypeError, match="max_pool2d: x is list; a Tensor or an array"):
        functional.max_pool2d([[1.0]], 2)


@pytest.mark.parametrize("order", ["C", "F"])
def test_an_element_that_wins_in_two_windows_gets_both_gradients(order):
    # A stride as large as the window, and a dilation that makes the two overlap.
    image = np.asarray(np.arange(5.0)[::-1].reshape(1, 1, 1, 5), order=order)
    image[..., 2] = 9.0
    x = Tensor(image, requires_grad=True)

    out = functional.max_pool2d(x, (1, 2), stride=(1, 2), dilation=(1, 2))
    out.backward(np.array([1.0, 10.0]).reshape(out.shape))

    np.testing.assert_array_equal(out.data.ravel(), [9, 9])
    np.testing.assert_array_equal(x.grad.data.ravel(), [0, 0, 11, 0, 0])


@pytest.mark.parametrize(
    "pool", [functional.max_pool2d, functional.avg_pool2d], ids=["max", "avg"]
)
@pytest.mark.parametrize("stride", [1, 2, 3])
def test_how_images_and_gradients_lie_in_memory_changes_nothing(pool, stride, rng):
    x = rng.standard_normal((4, 3, 6, 7)).astype("float32")
    g = rng.standard_normal(pool(x, 2, stride).shape).astype("float32")
    found = []

    for last in (lambda a: a, batch_last):
        for last_of_g in (lambda a: a, batch_last):
            tensor = Tensor(last(x), requires_grad=True)
            out = pool(tensor, 2, stride)
            out.backward(last_of_g(g))
            found.append((out.data, tensor.grad.data))

    for out, gradient in found[1:]:
        np.testing.assert_array_equal(out, found[0][0])
        np.testing.assert_array_equal(gradient, found[0][1])


def batch_last(images):
    """The same images, with the batch last in memory, as a convolution gives them."""
    turned = np.ascontiguousarray(images.transpose(1, 2, 3, 0))
    return turned.transpose(3, 0, 1, 2)
