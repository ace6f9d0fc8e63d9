"""NumPy's own functions given Tensors: they build the graph, or refuse to lose it."""

import numpy as np
import pytest

from pebblegrad.autograd import Tensor


@pytest.mark.parametrize(
    ("call", "op"),
    [
        (lambda x: np.exp(x), "exp"),
        (lambda x: np.absolute(x), "abs"),
        (lambda x: np.add(1.0, x), "add"),
        (lambda x: np.maximum(x, 2.0), "maximum"),
        (lambda x: np.matmul(x, x), "matmul"),
        (lambda x: np.ones(3) / x, "divide"),
        (lambda x: np.ones(3) ** x, "power"),
        (lambda x: np.sum(x), "sum"),
        (lambda x: np.sum(x, axis=0, keepdims=True), "sum"),
        (lambda x: np.mean(x, 0), "mean"),
        (lambda x: np.max(x), "max"),
        (lambda x: np.amin(x), "min"),
        (lambda x: np.reshape(x, (3, 1)), "reshape"),
        (lambda x: np.transpose(x), "permute_dims"),
        (lambda x: np.transpose(x, (0,)), "permute_dims"),
        (lambda x: np.concatenate([x, np.ones(2)]), "concat"),
        (lambda x: np.stack((x, x), axis=1), "stack"),
        (lambda x: np.where(x.data > 1, x, 0.0), "where"),
        (lambda x: np.clip(x, 0, 1), "clip"),
        (lambda x: np.expand_dims(x, 0), "expand_dims"),
        (lambda x: np.broadcast_to(x, (2, 3)), "broadcast_to"),
        (lambda x: np.transpose(x, None), "permute_dims"),
        (lambda x: np.clip(x, a_min=0, a_max=1), "clip"),
        (lambda x: np.sum(a=x, axis=None), "sum"),
        (lambda x: np.concatenate((x, x), 0), "concat"),
    ],
)
def test_numpys_functions_build_the_graph(call, op):
    x = Tensor([1.0, 2.0, 3.0], requires_grad=True)

    y = call(x)

    assert y.node.op.__name__ == op
    y.backward(np.ones(y.shape))
    assert x.grad is not None


@pytest.mark.parametrize(
    "call",
    [
        lambda x: np.greater(x, 1),
        lambda x: np.isfinite(x),
        lambda x: np.allclose(x, [1, 2, 3]),
        lambda x: np.array_equal(x, x),
        lambda x: np.argmax(x),
        lambda x: np.shape(x),
        lambda x: np.zeros_like(x),
        lambda x: np.ones(3) > x,
    ],
)
def test_answers_and_masks_are_plain(call):
    x = np.array([1.0, 2.0, 3.0])

    result = call(Tensor(x, requires_grad=True))

    assert not isinstance(result, Tensor)
    np.testing.assert_array_equal(result, call(x))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda x: np.cbrt(x), "np.cbrt: there is no differentiable op of that name"),
        (lambda x: np.fft.fft(x), "np.fft.fft: there is no differentiable op"),
        (lambda x: np.linalg.norm(x), r"np.linalg.norm: .* write \(x "),
        (lambda x: np.add.reduce(x), "np.add.reduce: .*would lose the graph"),
        (
            lambda x: np.exp(x, where=np.ones(3, bool)),
            "np.exp: where would lose the graph",
        ),
        (lambda x: np.sum(x, initial=1.0), "np.sum: initial would lose the graph"),
        (
            lambda x: np.sum(x, 0, np.float64),
            "np.sum: this way of calling it would lose",
        ),
        (lambda x: np.square(x), r"np.square: there is no .* write x \* x"),
        (lambda x: np.vstack((x, x)), "np.vstack: there is no differentiable op"),
        (lambda x: np.add(x, x, out=np.zeros(3)), "np.add: out would lose the graph"),
        (lambda x: np.asarray(x), "array: this Tensor requires a gradient"),
        (lambda x: np.array([x, x]), "array: this Tensor requires a gradient"),
    ],
)
def test_what_would_lose_a_graph_is_refused(call, message):
    with pytest.raises(TypeError, match=message):
        call(Tensor([1.0, 2.0, 3.0], requires_grad=True))


def test_adding_a_tracked_tensor_into_an_array_is_refused_and_changes_nothing():
    array = np.zeros(3)

    with pytest.raises(TypeError, match="would lose the graph"):
        array += Tensor([1.0, 2.0, 3.0], requires_grad=True)
    np.testing.assert_array_equal(array, [0, 0, 0])


def test_a_tensor_without_a_graph_is_an_array_to_numpy():
    x = Tensor([1.0, 2.0, 3.0])
    array = np.zeros(3)

    array += x

    np.testing.assert_array_equal(array, [1, 2, 3])
    np.testing.assert_allclose(np.cbrt(x), np.cbrt([1, 2, 3]), rtol=1e-6)
    assert np.asarray(x).dtype == np.float32
    assert np.asarray(x, dtype=np.float64).dtype == np.float64
    assert np.linalg.norm(x) == pytest.approx(14**0.5)
