"""Norms, and what they are made of, beside those of `pebblegrad.nn`."""

import numpy as np
import pytest

from pebblegrad.autograd import ops
from pebblegrad.nn.functional.normalization import (
    moments,
    scale_and_shift,
    standardize,
    standardize_gradient,
)

from .against import close, kernel, layouts

each_dtype = pytest.mark.parametrize("dtype", ["float32", "float64"])
CASES = [
    ((1024, 128), (-1,)),
    ((8, 16, 100), (-1,)),
    ((3, 7), (1,)),
    ((5, 1), (1,)),
    ((1, 1), (0,)),
    ((40, 3, 5), (1, 2)),
    ((129, 64), (0,)),
    ((1000, 3), (0,)),
    ((5, 7, 30, 17), (0, 2, 3)),
    ((64, 16, 28, 28), (0, 2, 3)),
    ((2, 35, 3, 3), (0, 2, 3)),
    ((6, 4, 25), (2,)),
    ((3, 4, 5), (0, 1, 2)),
]


def near(found, wanted, scale=1.0):
    """Assert that norms are the same but for rounding."""
    assert found.dtype == wanted.dtype
    eps = np.finfo(wanted.dtype).eps
    np.testing.assert_allclose(found, wanted, rtol=100 * eps, atol=100 * eps * scale)


def arranged(x):
    """Yield an array as it is, and with its axes in other orders of memory."""
    yield x
    if x.ndim == 4:
        yield from list(layouts(x))[1:3]
    if x.ndim == 2:
        yield np.asfortranarray(x)


@each_dtype
@pytest.mark.parametrize(("shape", "axis"), CASES, ids=str)
def test_norms(kind, shape, axis, dtype, rng):
    for x in arranged((rng.standard_normal(shape) * 3 + 2).astype(dtype)):
        y = rng.standard_normal(shape).astype(dtype)

        found = kernel(standardize)(np, x, axis=axis, eps=0.1)
        near(found, standardize.forward(np, x, axis=axis, eps=0.1))
        assert found.strides == np.empty_like(x).strides
        found = kernel(standardize_gradient)(np, y, x, axis=axis, eps=0.1)
        near(found, standardize_gradient.forward(np, y, x, axis=axis, eps=0.1), 3)


@pytest.mark.parametrize("far", [0, 1000])
def test_norms_are_as_exact_as_those_of_numpy(kind, far, rng):
    shapes = ((4, 3000), (1,)), ((3000, 4), (0,)), ((3000, 40), (0,))
    for shape, axis in (*shapes, ((50_000, 2, 2, 2), (0, 2, 3))):
        x = (rng.standard_normal(shape) + far).astype("float32")
        y = rng.standard_normal(shape).astype("float32")
        for op, given in ((standardize, [x]), (standardize_gradient, [y, x])):
            wide = [array.astype("float64") for array in given]
            exact = op.forward(np, *wide, axis=axis, eps=1e-5)
            error, usual = (
                np.abs(forward(np, *given, axis=axis, eps=1e-5) - exact).max()
                for forward in (kernel(op), op.forward)
            )
            # BLAS adds up a row by even shorter runs; NumPy adds up columns one by one.
            assert error <= 6 * usual + 1e-6


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_what_is_not_finite_stays_in_its_group(kind, value, rng):
    for shape, axis in (((5, 37), (1,)), ((37, 5), (0,)), ((3, 5, 6, 6), (0, 2, 3))):
        for x in arranged(rng.standard_normal(shape)):
            x[(1,) * x.ndim] = value
            y = rng.standard_normal(shape)
            for op, given in ((standardize, [x]), (standardize_gradient, [y, x])):
                found = kernel(op)(np, *given, axis=axis, eps=0.1)
                near(found, op.forward(np, *given, axis=axis, eps=0.1))


@pytest.mark.filterwarnings("ignore:invalid value:RuntimeWarning")
def test_what_is_equal_everywhere(kind):
    for x in (np.full((4, 40), 3.0), np.full((40, 4), 3.0)):
        for axis in ((0,), (1,)):
            assert not kernel(standardize)(np, x, axis=axis, eps=0.1).any()
            assert np.isnan(kernel(standardize)(np, x, axis=axis, eps=0.0)).all()


def test_norms_do_not_depend_on_the_number_of_threads(kind, threads_set, rng):
    x = rng.standard_normal((9, 40, 30, 31)).astype("float32")
    y = rng.standard_normal(x.shape).astype("float32")
    pixels = np.ascontiguousarray(x.transpose(0, 2, 3, 1)).transpose(0, 3, 1, 2)
    for one in (x, pixels):
        runs = []
        for count in (1, 2, 5):
            threads_set(count)
            runs.append(
                [
                    kernel(standardize)(np, one, axis=(0, 2, 3), eps=0.1),
                    kernel(standardize_gradient)(np, y, one, axis=(0, 2, 3), eps=0.1),
                    *kernel(moments)(np, one, axis=(0, 2, 3)),
                    kernel(ops.sum_to)(np, one, (40, 1, 1)),
                    kernel(scale_and_shift)(np, one, one[0, :, :1, :1]),
                ]
            )
        for run in runs[1:]:
            for found, wanted in zip(run, runs[0], strict=True):
                np.testing.assert_array_equal(found, wanted)


@each_dtype
def test_moments_of_channels(kind, dtype, rng):
    for shape in ((64, 8), (5, 7, 11), (5, 7, 30, 17), (2, 1, 3, 3)):
        for x in arranged((rng.standard_normal(shape) + 1).astype(dtype)):
            axis = (0, *range(2, x.ndim))

            for found, wanted in zip(
                kernel(moments)(np, x, axis=axis),
                moments.forward(np, x, axis=axis),
                strict=True,
            ):
                assert found.shape == wanted.shape
                near(found, wanted)


SCALED = [
    ((1024, 128), (128,)),
    ((8, 16, 100), (100,)),
    ((8, 16, 100), (16, 100)),
    ((5, 7, 30, 17), (1, 7, 1, 1)),
    ((5, 7, 30, 17), (7, 1, 1)),
    ((2, 700, 3, 3), (1, 700, 1, 1)),
    ((100, 99), (100, 1)),
]


@each_dtype
@pytest.mark.parametrize(("shape", "given"), SCALED, ids=str)
def test_scale_and_shift(kind, shape, given, dtype, rng):
    weight, bias = rng.standard_normal((2, *given)).astype(dtype)
    start = rng.standard_normal(shape).astype(dtype)
    start.flat[:3] = np.nan, np.inf, -np.inf
    for x in arranged(start):
        close(
            kernel(scale_and_shift)(np, x, weight, bias),
            scale_and_shift.forward(np, x, weight, bias),
        )
        np.testing.assert_array_equal(
            kernel(scale_and_shift)(np, x, weight),
            scale_and_shift.forward(np, x, weight),
            strict=True,
        )


@each_dtype
@pytest.mark.parametrize(("shape", "given"), SCALED[1:-1], ids=str)
def test_sums_to_a_shape(kind, shape, given, dtype, rng):
    for x in arranged(rng.standard_normal(shape).astype(dtype)):
        found = kernel(ops.sum_to)(np, x, shape=given)

        close(found, ops.sum_to.forward(np, x, shape=given), 500)


def test_what_the_kernels_cannot_take_is_left_to_numpy(rng):
    x = rng.standard_normal((6, 40, 30)).astype("float32")
    w = np.ones(30, "float32")
    apart = np.repeat(x, 2, axis=2)[..., ::2]
    left = [
        lambda: kernel(standardize)(np, x.astype("f2"), axis=(1,), eps=0.1),
        lambda: kernel(standardize)(np, x[:0], axis=(2,), eps=0.1),
        lambda: kernel(standardize)(np, apart, axis=(2,), eps=0.1),
        lambda: kernel(standardize)(np, x[..., ::-1], axis=(2,), eps=0.1),
        lambda: kernel(standardize)(np, x[None], axis=(0, 2), eps=0.1),
        lambda: kernel(standardize_gradient)(np, x[:1], x, axis=(2,), eps=0.1),
        lambda: kernel(scale_and_shift)(np, x, w.astype("f8")),
        lambda: kernel(scale_and_shift)(np, x, w, w[:1]),
        lambda: kernel(scale_and_shift)(np, x[:, :, :1], w),
        lambda: kernel(scale_and_shift)(np, x, w[None, None, None]),
        lambda: kernel(scale_and_shift)(np, x, x[:, :1]),
        lambda: kernel(scale_and_shift)(np, x[:2, :3], w),
        lambda: kernel(ops.sum_to)(np, x[0], shape=(30,)),
        lambda: kernel(ops.sum_to)(np, x, shape=(6, 1, 30)),
        lambda: kernel(moments)(np, x, axis=(0, 1)),
    ]
    for call in left:
        with pytest.raises(AssertionError, match="left its work"):
            call()
