"""`relu`, its gradient, and sums over pixels beside those of autograd."""

import numpy as np
import pytest

from pebblegrad.autograd import Tensor, grad, ops
from pebblegrad.autograd.ops.choosing import zero_where
from pebblegrad.kernels import pointwise as kernels
from pebblegrad.kernels.pointwise import SMALL
from pebblegrad.kernels.reductions import sum_of_rows

from .against import close, kernel, layouts, never

each_dtype = pytest.mark.parametrize("dtype", ["float32", "float64"])


def images(rng, dtype):
    """Enough numbers, and those that comparisons treat by themselves."""
    x = rng.standard_normal((5, 7, 30, 17)).astype(dtype)
    assert x.size >= SMALL
    x.flat[:5] = np.nan, -np.nan, np.inf, -np.inf, -0.0
    return x


@each_dtype
def test_relu(kind, dtype, rng):
    for i, x in enumerate(layouts(images(rng, dtype))):
        relu = kernel(ops.relu, ops.relu.forward) if i > 3 else kernel(ops.relu)

        found, wanted = relu(np, x), ops.relu.forward(np, x)
        np.testing.assert_array_equal(found, wanted, strict=True)
        assert not np.signbit(found[wanted == 0]).any()


@each_dtype
def test_zero_where(kind, dtype, rng):
    for i, x in enumerate(layouts(images(rng, dtype))):
        fallback = [zero_where.forward] if i > 2 else []
        mask = x <= 0.5

        found = kernel(zero_where, *fallback)(np, x, mask)

        wanted = zero_where.forward(np, x, mask)
        np.testing.assert_array_equal(found, wanted, strict=True)


@each_dtype
def test_where_positive(kind, dtype, rng):
    for i, x in enumerate(layouts(images(rng, dtype))):
        by = 0.5 - x  # lies as x does

        found = kernels.where_positive(plainly if i > 2 else never)(x, by)

        np.testing.assert_array_equal(found, plainly(x, by), strict=True)
        assert (np.signbit(found) == np.signbit(plainly(x, by))).all()


def plainly(x, by):
    """What `where_positive` gives."""
    return np.where(by <= 0, x.dtype.type(0), x)


def test_what_lies_otherwise_or_has_another_shape_is_left_to_numpy(rng):
    x = rng.standard_normal((4, 8, 32, 32)).astype("float32")
    for change in (np.asfortranarray, lambda a: a[:1], lambda a: a.astype(np.uint8)):
        with pytest.raises(AssertionError, match="left its work"):
            kernel(zero_where)(np, x, change(x > 0))
        with pytest.raises(AssertionError, match="left its work"):
            kernels.where_positive(never)(x, change(abs(x)))


def test_a_gradient_of_a_gradient_of_relu_is_right_with_kernels(rng):
    x = Tensor(rng.standard_normal((8, 8, 32, 32)))

    slope = grad(lambda x: (x.relu() ** 3).sum())
    second = grad(lambda x: slope(x).sum())(x)

    np.testing.assert_allclose(second.data, 6 * np.maximum(x.data, 0), rtol=1e-12)


@each_dtype
def test_sums_over_pixels(kind, dtype, rng):
    for shape in [(5, 7, 30, 17), (1, 1, 1, 1), (2, 40, 3, 3), (64, 16, 28, 28)]:
        x = rng.standard_normal((shape[0], *shape[2:], shape[1])).astype(dtype)
        x = x.transpose(0, 3, 1, 2)

        found = kernel(ops.sum)(np, x, axis=(0, 2, 3))

        # Sums of 50,000 numbers of about 1, made in runs of 32, are near 200.
        close(found, x.astype("longdouble").sum(axis=(0, 2, 3)).astype(dtype), 1000)


@each_dtype
@pytest.mark.parametrize("shape", [(1024, 8), (90, 100), (50_000, 3)])
def test_sums_of_rows(kind, dtype, shape, rng):
    x = rng.standard_normal(shape).astype(dtype)
    for lying in (x, np.asfortranarray(x), np.repeat(x, 2, axis=1)[:, ::2]):
        found = sum_of_rows(never)(lying)
        close(found, x.astype("longdouble").sum(axis=0).astype(dtype), 1000)
    for few in (x[:50], x[0], x.astype("float16")):
        with pytest.raises(AssertionError, match="left its work"):
            sum_of_rows(never)(few)


@pytest.mark.parametrize("axis", [None, 0, (0, 2), (2, 3)])
def test_other_sums_are_left_to_numpy(axis):
    with pytest.raises(AssertionError, match="left its work"):
        kernel(ops.sum)(np, np.ones((2, 3, 4, 5)), axis=axis)


def test_numbers_and_their_errors_are_as_without_kernels():
    assert ops.sigmoid(0.0) == 0.5
    assert ops.relu(-2.0) == 0
    with pytest.raises(ValueError, match="x is a single number; use multiply"):
        ops.matmul(2.0, Tensor(np.ones((70, 70))))
