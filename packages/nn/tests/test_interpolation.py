"""Images of another size: formulas, gradients, and what is refused."""

import numpy as np
import pytest

from pebblegrad import nn
from pebblegrad.autograd.testing import check_gradients
from pebblegrad.nn.functional import interpolate

from .cases.interpolation import between, nearest

MODES = [
    {"mode": "nearest"},
    {"mode": "nearest-exact"},
    {"mode": "bilinear"},
    {"mode": "bilinear", "align_corners": True},
]
each_mode = pytest.mark.parametrize("mode", MODES, ids=str)


def test_a_whole_factor_repeats_elements(rng):
    x = rng.standard_normal((2, 3, 4, 5))

    for name in ("nearest", "nearest-exact"):
        found = interpolate(x, scale_factor=3, mode=name)
        np.testing.assert_array_equal(found, nearest(x, 3))


def test_nearest_takes_the_element_before_and_nearest_exact_the_nearest():
    x = np.arange(5.0).reshape(1, 1, 5)

    np.testing.assert_array_equal(interpolate(x, 3)[0, 0], [0, 1, 3])
    np.testing.assert_array_equal(
        interpolate(x, 3, mode="nearest-exact")[0, 0], [0, 2, 4]
    )


@pytest.mark.parametrize("align_corners", [False, True])
@pytest.mark.parametrize("sizes", [(8, 10), (3, 4), (1, 1), (7, 2)], ids=str)
def test_bilinear_is_between_the_neighbours(sizes, align_corners, rng):
    x = rng.standard_normal((2, 1, 4, 5))

    found = interpolate(x, sizes, mode="bilinear", align_corners=align_corners)

    expected = between(x, sizes, align_corners)
    np.testing.assert_allclose(found, expected, rtol=1e-12)


@each_mode
@pytest.mark.parametrize("size", [(7, 9), (2, 2), (4, 1), (8, 8)], ids=str)
def test_gradients_to_the_second_order(size, mode, rng):
    x = rng.standard_normal((1, 2, 4, 3))

    check_gradients(lambda x: interpolate(x, size, **mode), x, order=2)
    check_gradients(lambda x: interpolate(x, size, **mode).tanh(), x, order=2)


def test_a_factor_is_used_as_it_is_given_though_the_size_is_rounded():
    x = np.arange(10.0).reshape(1, 1, 10)

    by_factor = interpolate(x, scale_factor=0.25, mode="linear")
    by_size = interpolate(x, 2, mode="linear")

    np.testing.assert_allclose(by_factor[0, 0], [1.5, 5.5])
    np.testing.assert_allclose(by_size[0, 0], [2.0, 7.0])


@each_mode
def test_dtypes_views_and_plain_arrays(mode, rng):
    for dtype in ("float16", "float32", "float64"):
        x = np.asfortranarray(rng.standard_normal((2, 1, 3, 4)).astype(dtype))
        x.flags.writeable = False

        found = interpolate(x, 5, **mode)

        assert type(found) is np.ndarray
        assert found.dtype == dtype
        np.testing.assert_array_equal(found, interpolate(x.copy(), 5, **mode))


IMAGE = np.zeros((1, 2, 4, 4))
WRONG = [
    (lambda: interpolate(IMAGE), "size=None and scale_factor=None; give one"),
    (lambda: interpolate(IMAGE, 2, 2), "size=2 and scale_factor=2; give one"),
    (lambda: interpolate(IMAGE, 0), "size is 0; a positive integer"),
    (lambda: interpolate(IMAGE, (2, 2, 2)), "an int or 2 of them"),
    (lambda: interpolate(IMAGE, scale_factor=-1), "scale_factor is -1"),
    (lambda: interpolate(IMAGE, scale_factor="2"), "scale_factor is '2'"),
    (lambda: interpolate(IMAGE, scale_factor=(2, 2, 2)), "a number or 2 of them"),
    (lambda: interpolate(IMAGE, scale_factor=0.1), r"would have size \(0, 0\)"),
    (lambda: interpolate(IMAGE, 2, mode="cubic"), "mode is 'cubic'; give one of \"ne"),
    (lambda: interpolate(IMAGE, 2, mode="linear"), r"\(N, C, L\) is needed"),
    (lambda: interpolate(IMAGE[0], 2, mode="bilinear"), r"\(N, C, H, W\) is needed"),
    (lambda: interpolate(np.zeros((4, 4)), 2), r"x has shape \(4, 4\)"),
    (lambda: interpolate(IMAGE, 2, align_corners=True), 'take "linear" or "bilinear"'),
    (lambda: interpolate(np.zeros((1, 1, 0, 2)), 2), "images without elements"),
    (lambda: nn.Upsample(), "Upsample: size=None and scale_factor=None; give one"),
    (lambda: nn.Upsample(2, mode="area2"), "Upsample: mode is 'area2'"),
]


@pytest.mark.parametrize(("call", "message"), WRONG)
def test_wrong_calls_are_told_what_is_wrong(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_what_is_no_array_is_refused():
    with pytest.raises(TypeError, match="interpolate: x is list; a Tensor or an array"):
        interpolate([[1.0]], 2)
