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


STACK = np.arange(18.0).reshape(2, 3, 3) ** 1.5 + np.eye(3)

# Called on an array NumPy answers; called on a Tensor the answer must be the same, with
# a graph. Options stand in NumPy's order and by NumPy's names.
CALLS = [
    *[lambda x, f=f: f(x / 100) for f in (np.arcsin, np.arccos, np.arctanh, np.log1p)],
    *[lambda x, f=f: f(x) for f in (np.sin, np.cos, np.tan, np.arctan, np.sinh)],
    *[lambda x, f=f: f(x) for f in (np.tanh, np.arcsinh, np.expm1, np.log2, np.log10)],
    *[lambda x, f=f: f(x) for f in (np.floor, np.ceil, np.trunc, np.rint, np.square)],
    *[lambda x, f=f: f(x, 7.0) for f in (np.hypot, np.arctan2, np.logaddexp)],
    lambda x: np.arccosh(x + 1),
    lambda x: np.floor_divide(x, 2),
    lambda x: np.remainder(x, 2),
    lambda x: np.mod(5, x + 1),
    lambda x: np.prod(x + 1, 0),
    lambda x: np.var(x, axis=1),
    lambda x: np.var(x, axis=(0, 2), ddof=1, keepdims=True),
    lambda x: np.std(x, 0, ddof=1),
    lambda x: np.cumsum(x, axis=1),
    lambda x: np.cumsum(x),
    lambda x: np.cumprod(x / 10, 0),
    lambda x: np.sort(-x, axis=0),
    lambda x: np.sort(-x),
    lambda x: np.median(x, axis=1),
    lambda x: np.quantile(x, [0.1, 0.9], axis=(0, 1)),
    lambda x: np.amax(x, (0, 1)),
    lambda x: np.linalg.norm(x),
    lambda x: np.linalg.norm(x, axis=1),
    lambda x: np.linalg.norm(x, 1, axis=-1, keepdims=True),
    lambda x: np.linalg.norm(x[0], 2),
    lambda x: np.linalg.norm(x[0], "fro"),
    lambda x: np.linalg.norm(x, "nuc", axis=(-2, -1)),
    lambda x: np.linalg.inv(x),
    lambda x: np.linalg.det(x),
    lambda x: np.linalg.solve(x, np.ones((3, 1))),
    lambda x: np.linalg.pinv(x),
    lambda x: np.linalg.slogdet(x).logabsdet,
    lambda x: np.linalg.cholesky(np.matmul(x, x.mT)),
    lambda x: np.dot(x[0], x[1]),
    lambda x: np.vecdot(x, x),
    lambda x: np.outer(x[0, 0], x[1, 1]),
    lambda x: np.inner(x[0], x[1]),
    lambda x: np.tensordot(x, x, axes=((0, 1), (0, 1))),
    lambda x: np.einsum("bij,bjk->ik", x, x),
    lambda x: np.trace(x),
    lambda x: np.trace(x, 1, 1, 2),
    lambda x: np.diagonal(x),
    lambda x: np.diagonal(x, 1, axis1=1, axis2=2),
    lambda x: np.tril(x, -1),
    lambda x: np.triu(x, k=1),
    lambda x: np.swapaxes(x, 0, 2),
    lambda x: np.moveaxis(x, 0, -1),
    lambda x: np.permute_dims(x, (1, 0, 2)),
    lambda x: np.squeeze(x[:1]),
    lambda x: np.squeeze(x[:1], axis=0),
    lambda x: np.ravel(x),
    lambda x: np.flip(x, 1),
    lambda x: np.flip(x),
    lambda x: np.roll(x, 2),
    lambda x: np.roll(x, (1, 2), axis=(0, 1)),
    lambda x: np.tile(x, (2, 1)),
    lambda x: np.repeat(x, 2),
    lambda x: np.repeat(x, [1, 2], axis=0),
    lambda x: np.pad(x, 1),
    lambda x: np.pad(x, ((0, 1), (1, 0), (2, 2)), constant_values=3),
    lambda x: np.pad(x, 1, "edge"),
    lambda x: np.pad(x, ((1, 1),), mode="reflect"),
    lambda x: np.take(x, [0, 2], axis=1),
    lambda x: np.take(x, 4),
    lambda x: np.take_along_axis(x, np.zeros((2, 1, 3), int), axis=1),
    lambda x: np.split(x, 3, axis=1)[1],
    lambda x: np.split(x, [1], axis=2)[1],
    lambda x: np.broadcast_arrays(x, np.ones(3))[0],
    lambda x: np.concatenate([x, x], axis=None),
    lambda x: np.where(x > 3, x, 0.0),
    lambda x: np.clip(x, 1, None),
]


@pytest.mark.parametrize("call", CALLS)
def test_numpys_options_mean_what_they_mean_in_numpy(call):
    x = Tensor(STACK, requires_grad=True)

    y = call(x)

    assert y.requires_grad
    np.testing.assert_allclose(y.data, call(STACK), rtol=1e-12, atol=1e-12)


def test_several_results_come_by_numpys_names():
    x = Tensor(STACK[0] + STACK[0].T, requires_grad=True)

    found = np.linalg.eigh(x)

    assert found.eigenvalues.requires_grad
    assert found.eigenvectors.shape == (3, 3)
    np.testing.assert_allclose(
        found.eigenvalues.data, np.linalg.eigh(x.data).eigenvalues
    )


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
        (lambda x: np.reshape(x, 3, order="F"), "np.reshape: order would lose"),
        (lambda x: np.var(x, where=[True, False, True]), "np.var: where would lose"),
        (lambda x: np.linalg.norm(x, 2, axis=(1, 0)), "np.linalg.norm: axis would lo"),
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
