"""`linear`, softmax and its logarithm: value, gradients to second order, and errors."""

import numpy as np
import pytest

from pebblegrad.autograd import Tensor, ops
from pebblegrad.autograd.testing import check_gradients
from pebblegrad.nn import functional as F

from .second_order import to_second_order

# linear

SHAPES = [(4, 2), (2,), (3, 4, 2), (2, 1, 4, 2), (0, 2), (3, 0, 2)]


def plain_linear(x, weight, bias=None):
    """What `linear` stands for, in three ops."""
    out = x @ ops.matrix_transpose(weight)
    return out if bias is None else out + bias


@pytest.fixture
def weight(rng):
    return rng.standard_normal((3, 2))


@pytest.fixture
def bias(rng):
    return rng.standard_normal(3) + 5


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_linear_maps_the_last_axis_of_any_shape(shape, weight, bias, rng):
    x = rng.standard_normal(shape)

    out = F.linear(Tensor(x), Tensor(weight), Tensor(bias))

    expected = np.einsum("...i,oi->...o", x, weight) + bias
    assert out.shape == (*shape[:-1], 3)
    np.testing.assert_allclose(out.data, expected, rtol=1e-13)


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("with_bias", [True, False])
def test_gradients_of_linear_are_right_to_second_order(
    shape, with_bias, weight, bias, rng
):
    x = rng.standard_normal(shape)
    inputs = [x, weight, bias] if with_bias else [x, weight]

    check_gradients(F.linear, *inputs, order=2)


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("with_bias", [True, False])
def test_linear_equals_its_plain_composition(shape, with_bias, weight, bias, rng):
    arrays = [rng.standard_normal(shape), weight, *([bias] if with_bias else [])]

    fused, plain = (to_second_order(f, arrays) for f in (F.linear, plain_linear))

    for one, other in zip(fused, plain, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("wanted", [0, 1, 2])
def test_linear_computes_only_the_gradient_that_is_wanted(
    wanted, weight, bias, rng, monkeypatch
):
    for i, name in enumerate(F.linear.inputs):
        if i != wanted:
            monkeypatch.setattr(F.linear.rules[name], "function", None)
    arrays = [rng.standard_normal((4, 2)), weight, bias]
    xs = [Tensor(a, requires_grad=i == wanted) for i, a in enumerate(arrays)]

    F.linear(*xs).sum().backward()

    assert [x.grad is not None for x in xs] == [i == wanted for i in range(3)]
    assert xs[wanted].grad.shape == xs[wanted].shape


def test_linear_of_arrays_is_an_array(weight, bias):
    out = F.linear(np.ones((1, 2)), weight, bias)

    assert type(out) is np.ndarray
    np.testing.assert_allclose(out[0], weight.sum(axis=1) + bias)


@pytest.mark.parametrize(
    ("x", "weight", "bias", "message"),
    [
        (
            (5, 3),
            (4, 2),
            None,
            r"x has shape \(5, 3\), weight has shape \(4, 2\) and bias is None; "
            r"x's last axis \(3\) must equal weight's \(2\), the number of input",
        ),
        ((3,), (4, 2), (4,), r"x's last axis \(3\) must equal weight's \(2\)"),
        ((5, 2), (4, 2), (3,), r"bias has shape \(3,\); bias must have shape \(4,\)"),
        ((), (4, 2), None, r"x has shape \(\), .* x is a single number"),
        ((5, 2), (2,), None, r"weight must have shape \(D_out, D_in\)"),
    ],
)
def test_linear_says_which_sizes_do_not_match(x, weight, bias, message):
    shapes = [x, weight, bias]
    arrays = [None if s is None else Tensor(np.ones(s)) for s in shapes]

    with pytest.raises(ValueError, match=f"^linear: .*{message}"):
        F.linear(*arrays)


# softmax and log_softmax

CALLS = [((2, 3), -1), ((2, 3), 0), ((3,), 0), ((2, 3, 4), 1), ((), -1), ((0, 3), -1)]
each_call = pytest.mark.parametrize(("shape", "dim"), CALLS, ids=str)


@each_call
def test_softmax_is_the_share_of_each_exponential(shape, dim, rng):
    x = rng.standard_normal(shape)

    out = F.softmax(Tensor(x), dim=dim).data

    expected = np.exp(x) / np.exp(x).sum(axis=dim, keepdims=True)
    np.testing.assert_allclose(out, expected, rtol=1e-13)


@each_call
def test_log_softmax_is_the_logarithm_of_softmax(shape, dim, rng):
    x = rng.standard_normal(shape)

    out = F.log_softmax(Tensor(x), dim=dim).data

    expected = x - np.log(np.exp(x).sum(axis=dim, keepdims=True))
    np.testing.assert_allclose(out, expected, rtol=1e-12, atol=1e-15)


@each_call
@pytest.mark.parametrize("function", [F.softmax, F.log_softmax])
def test_their_gradients_are_right_to_second_order(function, shape, dim, rng):
    check_gradients(lambda x: function(x, dim), rng.standard_normal(shape), order=2)


@each_call
def test_they_equal_their_plain_compositions(shape, dim, rng):
    def plain(x):
        return ops.exp(x) / ops.sum(ops.exp(x), axis=dim, keepdims=True)

    pairs = [
        (lambda x: F.softmax(x, dim), plain),
        (lambda x: F.log_softmax(x, dim), lambda x: ops.log(plain(x))),
    ]
    x = rng.standard_normal(shape)

    for fused, composed in pairs:
        results = [to_second_order(f, [x]) for f in (fused, composed)]
        for one, other in zip(*results, strict=True):
            np.testing.assert_allclose(one, other, rtol=1e-11, atol=1e-11)


def test_the_classes_are_in_the_last_axis_by_default(rng):
    x = rng.standard_normal((2, 3))

    np.testing.assert_allclose(F.softmax(x).sum(axis=-1), 1)
    np.testing.assert_allclose(np.exp(F.log_softmax(x)).sum(axis=-1), 1)


@pytest.mark.parametrize("function", [F.softmax, F.log_softmax])
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_huge_logits_give_finite_values_and_gradients_of_their_dtype(function, dtype):
    x = Tensor(np.array([[1e4, -1e4, 0.0], [-1e4, -1e4, -1e4]], dtype), True)

    out = function(x)
    (out * Tensor(np.array([1.0, 0.5, 0.25], dtype))).sum().backward()

    assert out.dtype == x.grad.dtype == dtype
    assert np.isfinite(out.data).all()
    assert np.isfinite(x.grad.data).all()
    np.testing.assert_allclose(
        np.exp(out.data[1]) if function is F.log_softmax else out.data[1],
        [1 / 3] * 3,
        rtol=2e-3,
    )


@pytest.mark.parametrize("function", [F.softmax, F.log_softmax])
def test_an_axis_that_is_not_there_is_refused(function):
    with pytest.raises(ValueError, match=rf"{function.__name__}: .*axis"):
        function(Tensor([1.0, 2.0]), dim=1)


def test_elementwise_activations_are_the_ops_of_autograd():
    assert (F.relu, F.sigmoid, F.tanh) == (ops.relu, ops.sigmoid, ops.tanh)
