"""Edges of the ops of every element alike that no row of the table shows."""

import math

import numpy as np
import pytest

from pebblegrad.autograd import Tensor, grad, ops
from pebblegrad.autograd.testing import check_gradients


def value_and_gradient(op, x):
    x = Tensor(x, requires_grad=True)
    y = op(x)
    y.sum().backward()
    return y.data, x.grad.data


def test_erf_is_exact_to_the_last_digits():
    x = np.concatenate([
        np.linspace(-7, 7, 20_001),
        np.logspace(-300, 2, 500),
        [0.46875, np.nextafter(0.46875, 1), 6.0, np.inf, -np.inf],
    ])  # fmt: skip

    expected = [math.erf(value) for value in x]
    np.testing.assert_allclose(ops.erf(x), expected, rtol=1e-15)
    single = ops.erf(x.astype(np.float32))
    assert single.dtype == np.float32
    np.testing.assert_allclose(single, expected, rtol=5e-7, atol=1e-37)
    assert np.isnan(ops.erf(np.array([np.nan]))).all()
    half = ops.erf(x[:20_001].astype(np.float16))
    assert half.dtype == np.float16
    np.testing.assert_allclose(half, expected[:20_001], rtol=2e-3, atol=1e-3)


@pytest.mark.parametrize(
    ("op", "value", "slope"),
    [
        (ops.log_sigmoid, [-1e4, 0], [1, 0]),
        (ops.softplus, [0, 1e4], [0, 1]),
        (lambda x: ops.softplus(x, beta=3), [0, 1e4], [0, 1]),
        (lambda x: ops.logaddexp(x, 0.0), [0, 1e4], [0, 1]),
        (lambda x: ops.logaddexp(0.0, x), [0, 1e4], [0, 1]),
        (ops.erf, [-1, 1], [0, 0]),
        (lambda x: ops.hypot(x, 1.0), [1e4, 1e4], [-1, 1]),
        (ops.asinh, [-math.asinh(1e4), math.asinh(1e4)], [1e-4, 1e-4]),
    ],
)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_large_arguments_neither_overflow_nor_lose_the_gradient(
    op, value, slope, dtype
):
    y, g = value_and_gradient(op, np.array([-1e4, 1e4], dtype))

    np.testing.assert_allclose(y, value, rtol=1e-5)
    np.testing.assert_allclose(g, slope, rtol=1e-5, atol=1e-30)


def test_small_arguments_keep_their_digits():
    x = np.array([1e-12, -1e-12])

    for op in (ops.expm1, ops.log1p, ops.erf, ops.asinh, ops.atanh, ops.sin, ops.tan):
        y, g = value_and_gradient(op, x)
        np.testing.assert_allclose(y / x, g, rtol=1e-10)


def test_acosh_is_exact_close_to_one():
    x = 1 + 2.0**-40

    _, g = value_and_gradient(ops.acosh, np.array([x]))

    np.testing.assert_allclose(g, [1 / math.sqrt((x - 1) * (x + 1))], rtol=1e-15)


@pytest.mark.parametrize("weight", [0.0, 1.0, Tensor(0.0), Tensor(1.0)])
def test_lerp_is_exact_at_both_ends(weight):
    x, y = Tensor([0.1, 1e8], requires_grad=True), Tensor([0.3, 1.0])

    result = ops.lerp(x, y, weight)

    np.testing.assert_array_equal(result.data, (x, y)[int(weight)].data)


def test_remainder_has_the_sign_of_the_divisor_as_in_python():
    x = np.array([-5.0, 5.0, -5.0, 5.0])
    y = np.array([3.0, 3.0, -3.0, -3.0])

    for result in (ops.remainder(x, y), (Tensor(x) % Tensor(y)).data):
        np.testing.assert_array_equal(
            result, [a % b for a, b in zip(x, y, strict=True)]
        )
    np.testing.assert_array_equal((Tensor(x) // 3).data, [-2, 1, -2, 1])
    np.testing.assert_array_equal((7 // Tensor(y)).data, [2, 2, -3, -3])
    np.testing.assert_array_equal((7 % Tensor(y)).data, [1, 1, -2, -2])


def test_what_is_masked_may_be_infinite():
    x = Tensor([1.0, 2.0], requires_grad=True)

    y = ops.masked_fill(x, x > 1.5, -np.inf)
    y.backward([1.0, 1.0])

    np.testing.assert_array_equal(y.data, [1, -np.inf])
    np.testing.assert_array_equal(x.grad.data, [1, 0])


def test_a_bound_of_clip_may_be_an_array_and_no_tensor():
    x = Tensor([-2.0, 0.0, 2.0], requires_grad=True)

    y = x.clip(np.array([-1.0, 1.0, -1.0], np.float32), 1.0)
    y.sum().backward()

    np.testing.assert_array_equal(y.data, [-1, 1, 1])
    np.testing.assert_array_equal(x.grad.data, [0, 0, 0])
    with pytest.raises(TypeError, match="clip: min is a Tensor; min is a static"):
        x.clip(Tensor(0.0))


def test_at_the_origin_of_the_plane_gradients_are_zero():
    for op in (ops.hypot, ops.atan2):
        assert grad(op, argnums=(0, 1))(0.0, 0.0) == (0, 0)


def test_of_two_equal_infinities_logaddexp_is_that_infinity():
    with np.errstate(invalid="ignore"):
        y, _ = value_and_gradient(
            lambda x: ops.logaddexp(x, Tensor([-np.inf, np.inf])), [-np.inf, np.inf]
        )

    np.testing.assert_array_equal(y, [-np.inf, np.inf])


def test_integers_have_values_and_no_gradients():
    x = Tensor(np.array([4, -4]))

    for y in (x // 3, x % 3, x * x, ops.square(x), -x):
        assert (y.dtype, y.requires_grad) == (np.int64, False)
    assert ops.floor(Tensor(np.array([1.5, -1.5]))).data.tolist() == [1, -2]


@pytest.mark.parametrize("op", [ops.rsqrt, ops.sqrt, ops.log])
def test_third_derivatives_are_right(op):
    check_gradients(op, np.array([0.5, 2.0]), order=3)


def test_complex_numbers_are_refused():
    x = Tensor([1.0])

    with pytest.raises(TypeError, match=r"astype: .* a dtype of real numbers"):
        x.astype(complex)
    with pytest.raises(TypeError, match="multiply: y is complex"):
        x * 1j
    with pytest.raises(TypeError, match=r"ndarray of dtype complex128; .* real array"):
        x * np.array([1j])


@pytest.mark.filterwarnings("ignore:invalid value encountered:RuntimeWarning")
def test_the_power_of_a_negative_number_has_no_slope_in_its_exponent():
    x = np.array([-2.0, 0.0, 2.0])

    slope = grad(lambda y: ops.power(x, y).sum())(Tensor([2.0, 2.0, 1.0]))

    assert np.isnan(slope.data[0])
    np.testing.assert_allclose(slope.data[1:], [0, 2 * math.log(2)], rtol=1e-6)


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("shape", [(5000,), (80, 90), (3, 40, 50), (2, 3)])
def test_the_fast_zero_where_is_the_plain_one_bit_for_bit(shape, dtype, rng):
    x = rng.standard_normal(shape).astype(dtype)
    x.flat[:5] = [np.nan, np.inf, -np.inf, -0.0, 0.0]
    masks = [
        rng.uniform(size=shape) < 0.5,
        np.array(True),
        rng.uniform(size=shape[-1:]) < 0.5,
    ]

    for view in (
        x,
        x.T[..., ::-1].T,
        np.broadcast_to(x[:1], shape),
        np.asfortranarray(x),
    ):
        for mask in masks:
            fast = ops.zero_where(view, mask)
            plain = ops.zero_where.forward(np, view, mask)
            assert fast.dtype == plain.dtype
            np.testing.assert_array_equal(fast, plain)
            kept = ~np.broadcast_to(mask, shape)
            assert np.array_equal(np.signbit(fast[kept]), np.signbit(view[kept]))
