"""Clipping: by hand, in the far corners of each precision, and what is written into."""

import math

import numpy as np
import pytest

from pebblegrad.autograd import Tensor
from pebblegrad.optim import clip_grad_norm_, clip_grad_value_, total_grad_norm

each_dtype = pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])


def test_gradients_are_shortened_together(parameter):
    a, b = parameter([0.0, 0.0], [2.0, 3.0]), parameter(0.0, 6.0)

    total = clip_grad_norm_([a, b], max_norm=3.5)

    assert total == 7.0  # sqrt(4 + 9 + 36)
    assert type(total) is float
    np.testing.assert_allclose(a.grad.data, [1.0, 1.5], rtol=1e-6)
    np.testing.assert_allclose(b.grad.data, 3.0, rtol=1e-6)
    # Exactly: by 3.5 / (7 + 1e-6), as in PyTorch.
    np.testing.assert_allclose(b.grad.data, 6 * 3.5 / (7 + 1e-6), rtol=1e-15)


def test_gradients_that_are_short_enough_stay_as_they_are_to_the_bit(parameter):
    p = parameter([0.0, 0.0], [0.3, 0.1])

    clip_grad_norm_([p], max_norm=1.0)

    np.testing.assert_array_equal(p.grad.data, [0.3, 0.1])


@pytest.mark.parametrize(
    ("norm_type", "expected"),
    [
        (1, 11.0),
        (2, 7.0),
        (2.0, 7.0),
        (3, (8 + 27 + 216) ** (1 / 3)),
        (0.5, (math.sqrt(2) + math.sqrt(3) + math.sqrt(6)) ** 2),
        (math.inf, 6.0),
        ("inf", 6.0),
        (np.float32(2), 7.0),
    ],
)
def test_the_norm_may_be_another_one(norm_type, expected, parameter):
    a, b = parameter([0.0, 0.0], [2.0, -3.0]), parameter([[0.0]], [[-6.0]])

    found = total_grad_norm([a, b], norm_type)
    clipped = clip_grad_norm_([a, b], 1.0, norm_type)

    np.testing.assert_allclose([found, clipped], expected, rtol=1e-14)
    np.testing.assert_allclose(total_grad_norm([a, b], norm_type), 1.0, rtol=1e-5)


@pytest.mark.parametrize(
    "give",
    [
        lambda a, b, model: [a, b],
        lambda a, b, model: (p for p in (a, b)),
        lambda a, b, model: model(a, b),
        lambda a, b, model: [model(a), model(b)],
        lambda a, b, model: [a, model(b)],
        lambda a, b, model: [a, b, a],  # counts once
        lambda a, b, model: [Tensor([1.0]), a, b],  # has no gradient
    ],
)
def test_parameters_and_models_may_be_given(give, parameter, model):
    a, b = parameter([0.0], [3.0]), parameter([0.0], [4.0])

    assert total_grad_norm(give(a, b, model)) == 5.0
    assert clip_grad_norm_(give(a, b, model), 1.0) == 5.0
    clip_grad_value_(give(a, b, model), 0.7)

    np.testing.assert_allclose([a.grad.item(), b.grad.item()], [0.6, 0.7], rtol=1e-6)


def test_a_single_parameter_may_be_given(parameter):
    p = parameter([0.0, 0.0], [3.0, 4.0])

    assert total_grad_norm(p) == clip_grad_norm_(p, 2.5) == 5.0
    clip_grad_value_(p, 1.7)

    np.testing.assert_allclose(p.grad.data, [1.5, 1.7], rtol=1e-6)


def test_without_gradients_the_norm_is_zero_and_nothing_happens(parameter):
    empty = parameter(np.zeros((0, 3)), np.zeros((0, 3)))

    for params in ([], [parameter([1.0])], [empty]):
        for norm_type in (1, 2, math.inf):
            assert total_grad_norm(params, norm_type) == 0.0
            assert clip_grad_norm_(params, 1.0, norm_type) == 0.0
        clip_grad_value_(params, 1.0)

    assert empty.grad.shape == (0, 3)


def test_gradients_of_zero_stay_zero(parameter):
    p = parameter([1.0, 2.0], [0.0, 0.0])

    assert clip_grad_norm_([p], max_norm=0.0) == 0.0

    np.testing.assert_array_equal(p.grad.data, [0.0, 0.0])


# Numbers at the ends of what a dtype can hold


@pytest.mark.parametrize(
    ("dtype", "size"),
    [
        ("float16", 60000.0),
        ("float16", 6e-8),
        ("float32", 3e38),
        ("float32", 1e-44),
        ("float64", 1e307),
        ("float64", 1e-320),
    ],
)
@pytest.mark.parametrize("norm_type", [1.5, 2, 3, math.inf])
def test_the_norm_neither_overflows_nor_vanishes(dtype, size, norm_type, parameter):
    p = parameter([0.0] * 4, [size, -size, size, -size], dtype)
    exact = float(p.grad.data[0]) * 4 ** (1 / norm_type)

    found = total_grad_norm([p], norm_type)

    np.testing.assert_allclose(found, exact, rtol=1e-12, atol=0)


@each_dtype
def test_huge_gradients_come_out_at_the_wanted_length(dtype, parameter):
    largest = float(np.finfo(dtype).max)
    p, q = parameter(np.zeros(50), dtype=dtype), parameter([0.0], [0.0], dtype)
    p.grad = np.full(50, 0.1 * largest, dtype)

    total = clip_grad_norm_([p, q], max_norm=1.0)

    np.testing.assert_allclose(total, 0.1 * largest * math.sqrt(50), rtol=2e-3)
    np.testing.assert_allclose(p.grad.data, 1 / math.sqrt(50), rtol=1e-3)
    assert p.grad.dtype == q.grad.dtype == dtype


def test_a_long_sum_in_single_precision_is_exact_in_double(parameter, rng):
    values = rng.standard_normal((300, 400)).astype("float32")  # several blocks
    p = parameter(np.zeros((300, 400)), values, "float32")

    exact = np.sqrt(np.sum(values.astype("float64") ** 2))

    np.testing.assert_allclose(total_grad_norm([p]), exact, rtol=1e-14)


def test_many_elements_and_few_are_clipped_alike(parameter, rng):
    values = rng.standard_normal((3, 50_000))
    p = parameter(np.zeros((3, 50_000)), values)

    total = clip_grad_norm_([p], 2.0)

    np.testing.assert_allclose(p.grad.data, values * (2 / (total + 1e-6)), rtol=1e-14)


# What is not finite


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("norm_type", [1, 2, 3, math.inf])
def test_a_norm_that_is_not_finite_may_be_an_error(bad, norm_type, parameter):
    p = parameter([0.0, 0.0], [bad, 3.0])
    q = parameter([0.0], [7.0])

    with pytest.raises(
        ValueError,
        match=r"^clip_grad_norm_: the norm of the gradients is (nan|inf); a finite one",
    ):
        clip_grad_norm_([p, q], 1.0, norm_type, error_if_nonfinite=True)

    np.testing.assert_array_equal(p.grad.data, [bad, 3.0])
    np.testing.assert_array_equal(q.grad.data, [7.0])


def test_if_not_an_infinite_norm_multiplies_by_zero_and_one_of_nan_by_nan(parameter):
    infinite, other = parameter([0.0, 0.0], [math.inf, 3.0]), parameter([0.0], [7.0])
    unknown = parameter([0.0, 0.0], [math.nan, 3.0])

    assert clip_grad_norm_([infinite, other], 1.0) == math.inf
    assert math.isnan(clip_grad_norm_([unknown], 1.0))

    np.testing.assert_array_equal(infinite.grad.data, [math.nan, 0.0])
    np.testing.assert_array_equal(other.grad.data, [0.0])
    np.testing.assert_array_equal(unknown.grad.data, [math.nan, math.nan])


def test_with_an_infinite_limit_nothing_is_changed(parameter):
    p = parameter([0.0, 0.0], [math.inf, 3.0])

    assert clip_grad_norm_([p], math.inf) == math.inf
    clip_grad_value_([p], math.inf)

    np.testing.assert_array_equal(p.grad.data, [math.inf, 3.0])


# Single elements


@each_dtype
def test_each_element_is_cut_off_by_itself(dtype, parameter):
    given = [3.0, -0.5, -7.0, math.nan, math.inf, -math.inf]
    p = parameter([0.0] * 6, given, dtype)

    assert clip_grad_value_([p], 2) is None

    np.testing.assert_array_equal(p.grad.data, [2.0, -0.5, -2.0, math.nan, 2.0, -2.0])
    assert p.grad.dtype == dtype


def test_a_limit_beyond_half_precision_cuts_nothing_off(parameter):
    p = parameter([0.0, 0.0], [60000.0, -3.0], "float16")

    clip_grad_value_([p], 1e6)

    np.testing.assert_array_equal(p.grad.data, np.float16([60000.0, -3.0]))


# What is written into

BOTH = [lambda params: clip_grad_norm_(params, 1.0), lambda p: clip_grad_value_(p, 1.0)]
each_way = pytest.mark.parametrize("clip", BOTH, ids=["norm", "value"])


@each_way
@each_dtype
def test_the_gradient_stays_the_same_array(clip, dtype, parameter):
    p = parameter([0.0, 0.0], [30.0, 40.0], dtype)
    gradient, array = p.grad, p.grad.data

    clip([p])

    assert p.grad is gradient
    assert gradient.data is array
    assert array.max() <= 1.0


@each_way
def test_arrays_that_cannot_be_written_into_are_left_as_they_are(clip, parameter):
    array = np.array([30.0, 40.0])
    array.flags.writeable = False
    p = parameter([0.0, 0.0])
    p.grad = array

    clip([p])

    np.testing.assert_array_equal(array, [30.0, 40.0])
    assert p.grad.data.max() <= 1.0


@each_way
def test_views_are_left_as_they_are(clip, parameter):
    whole = np.full((4, 3), 50.0)
    p, q = parameter(np.zeros((2, 3))), parameter(np.zeros((4, 3)))
    row = parameter([0.0])
    p.grad = whole[::2]
    q.grad = whole  # owned, and what the other two look at
    row.grad = np.broadcast_to(50.0, (1,))

    clip([q, p, row])

    assert 0 < p.grad.data.min() <= p.grad.data.max() <= 1.0
    np.testing.assert_array_equal(p.grad.data, q.grad.data[:2])
    np.testing.assert_array_equal(row.grad.data, q.grad.data[0, :1])


@each_way
def test_one_gradient_of_two_parameters_is_not_clipped_twice(clip, parameter):
    a, b = parameter([0.0]), parameter([0.0])
    a.grad = np.array([40.0])
    b.grad = a.grad

    clip([a, b])

    expected = min(1.0, 40 / math.hypot(40, 40)) if clip is BOTH[0] else 1.0
    np.testing.assert_allclose([a.grad.item(), b.grad.item()], expected, rtol=1e-6)


@each_way
def test_a_gradient_with_a_graph_is_replaced(clip, parameter):
    x = parameter([3.0])
    (x**3).sum().backward(create_graph=True)
    first = x.grad

    clip([x])

    assert first.item() == 27.0
    assert not x.grad.requires_grad
    np.testing.assert_allclose(x.grad.item(), 1.0, rtol=1e-6)
    x.grad = None
    first.sum().backward()  # its graph is whole
    assert x.grad.item() == 18.0
    x.grad = None  # the graph of a gradient holds its leaf


@each_way
def test_numbers_without_axes_and_turned_arrays_are_clipped(clip, parameter):
    p, q = parameter(0.0, 50.0), parameter(np.zeros((2, 3)))
    q.grad = np.full((3, 2), 50.0).T.copy(order="K")

    clip([p, q])

    assert 0 < p.grad.item() <= 1.0
    np.testing.assert_array_equal(q.grad.data, np.full((2, 3), p.grad.item()))


# What is refused


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda p: clip_grad_norm_([p], -1), ValueError, "max_norm is -1; it must be"),
        (lambda p: clip_grad_norm_([p], math.nan), ValueError, "max_norm is nan; it"),
        (lambda p: clip_grad_norm_([p], "1"), TypeError, "max_norm is '1'; a number"),
        (lambda p: clip_grad_norm_([p], True), TypeError, "max_norm is True; a number"),
        (lambda p: clip_grad_norm_([p], None), TypeError, "max_norm is None; a numbe"),
        (
            lambda p: clip_grad_norm_([p], 1, 0),
            ValueError,
            "norm_type is 0; it must be above 0: 2 for the length, 1 for the sum, inf",
        ),
        (lambda p: clip_grad_norm_([p], 1, -2), ValueError, "norm_type is -2; it must"),
        (lambda p: clip_grad_norm_([p], 1, "l2"), TypeError, "norm_type is 'l2'; a nu"),
        (
            lambda p: clip_grad_norm_([p], 1, 2, 1),
            TypeError,
            "error_if_nonfinite is 1; True or False is needed",
        ),
        (lambda p: clip_grad_norm_(None, 1), TypeError, "params is a NoneType; a list"),
        (lambda p: clip_grad_norm_([[p]], 1), TypeError, "parameter 0 is a list; a T"),
        (
            lambda p: clip_grad_norm_([p.grad.data], 1),
            TypeError,
            "parameter 0 is a ndarray; a Tensor is needed",
        ),
        (lambda p: clip_grad_value_([p], -1), ValueError, "clip_value is -1; it must"),
        (lambda p: clip_grad_value_([p], [1]), TypeError, r"clip_value is \[1\]; a nu"),
        (lambda p: clip_grad_value_(1.0, [p]), TypeError, "clip_value is .*; a number"),
        (lambda p: total_grad_norm([p], -1), ValueError, "norm_type is -1; it must be"),
        (lambda p: total_grad_norm("p"), TypeError, "parameter 0 is a str; a Tensor"),
    ],
)
def test_wrong_calls_are_refused_and_change_nothing(call, error, message, parameter):
    p = parameter([0.0], [5.0])

    who = "(clip_grad_(norm|value)_|total_grad_norm)"
    with pytest.raises(error, match=f"^{who}: {message}"):
        call(p)

    assert p.grad.item() == 5.0
