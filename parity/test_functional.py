"""Gradients as functions beside `torch.func`, on small random networks, and nested."""

import itertools

import numpy as np
import pytest
import torch
from torch import func
from torch.utils.checkpoint import checkpoint as torch_checkpoint

from pebblegrad.autograd import (
    Function,
    Tensor,
    checkpoint,
    grad,
    hessian,
    hvp,
    jacobian,
    jvp,
    value_and_grad,
    vjp,
)

# Forward mode compiles some of its formulas by a part of PyTorch that is to go.
pytestmark = pytest.mark.filterwarnings("ignore:.torch.jit.script. is deprecated")

DTYPES = {"float32": (1e-4, 1e-5), "float64": (1e-11, 1e-12)}
each_dtype = pytest.mark.parametrize("dtype", DTYPES)
each_network = pytest.mark.parametrize("seed", range(3))


class Network:
    """Random weights and inputs, in both libraries, and the function of them."""

    def __init__(self, seed, dtype):
        rng = np.random.default_rng(seed)
        widths = rng.integers(2, 5, 4)
        self.arrays = {}
        for i, (d_in, d_out) in enumerate(itertools.pairwise(widths)):
            self.arrays[f"w{i}"] = rng.standard_normal((d_in, d_out)).astype(dtype)
            self.arrays[f"b{i}"] = rng.standard_normal(d_out).astype(dtype)
        self.x = rng.standard_normal((3, widths[0])).astype(dtype)
        self.v = rng.standard_normal((3, widths[-1])).astype(dtype)
        self.directions = {
            k: rng.standard_normal(a.shape).astype(dtype)
            for k, a in self.arrays.items()
        }

    def apply(self, p, x):
        for i in range(len(p) // 2):
            x = (x @ p[f"w{i}"] + p[f"b{i}"]).tanh()
        return x

    def loss(self, p, x):
        out = self.apply(p, x)
        return (out * out).sum()


@pytest.fixture
def network(seed, dtype):
    return Network(seed, dtype)


def ours(value):
    return converted(Tensor, value)


def theirs(value):
    return converted(torch.tensor, value)


def converted(convert, value):
    """Return a dict of arrays, or an array, converted."""
    if isinstance(value, dict):
        return {key: convert(array) for key, array in value.items()}
    return convert(value)


@pytest.fixture
def alike(agree, dtype):
    """Assert that two structures are alike in form and in numbers."""

    def compare(one, other, what=""):
        if isinstance(one, dict):
            assert one.keys() == other.keys()
            for key in one:
                compare(one[key], other[key], f"{what} {key}")
        elif isinstance(one, tuple):
            assert len(one) == len(other)
            for i, (a, b) in enumerate(zip(one, other, strict=True)):
                compare(a, b, f"{what} {i}")
        else:
            agree(one, other, *DTYPES[dtype], what)

    return compare


@each_network
@each_dtype
def test_first_derivatives(network, alike):
    n = network
    p, x, v, u = ours(n.arrays), ours(n.x), ours(n.v), ours(n.directions)
    q, y, w, t = theirs(n.arrays), theirs(n.x), theirs(n.v), theirs(n.directions)

    alike(grad(n.loss)(p, x), func.grad(n.loss)(q, y), "grad")
    alike(grad(n.loss, argnums=(1, 0))(p, x), func.grad(n.loss, argnums=(1, 0))(q, y))
    found, value = func.grad_and_value(n.loss)(q, y)
    alike(value_and_grad(n.loss)(p, x), (value, found), "value_and_grad")
    out, pull_back = vjp(n.apply, p, x)
    other, their_pull_back = func.vjp(n.apply, q, y)
    alike((out, pull_back(v)), (other, their_pull_back(w)), "vjp")
    alike(jvp(n.apply, (p, x), (u, x)), func.jvp(n.apply, (q, y), (t, y)), "jvp")
    alike(jacobian(n.apply)(p, x), func.jacrev(n.apply)(q, y), "jacobian")
    alike(jacobian(n.apply)(p, x), func.jacfwd(n.apply)(q, y), "jacobian, forward")


@each_network
@each_dtype
def test_second_derivatives(network, alike):
    n = network
    p, x, u = ours(n.arrays), ours(n.x), ours(n.directions)
    q, y, t = theirs(n.arrays), theirs(n.x), theirs(n.directions)

    alike(hessian(n.loss)(p, x), func.hessian(n.loss)(q, y), "hessian")
    alike(
        hessian(n.loss, argnums=1)(p, x),
        func.jacrev(func.jacrev(n.loss, argnums=1), argnums=1)(q, y),
    )
    alike(
        hvp(lambda p: n.loss(p, x), p, u),
        func.jvp(func.grad(lambda q: n.loss(q, y)), (q,), (t,))[1],
        "hvp",
    )
    alike(
        jvp(grad(n.loss, argnums=1), (p, x), (u, x))[1],
        func.jvp(func.grad(n.loss, argnums=1), (q, y), (t, y))[1],
        "jvp of grad",
    )


@each_network
@each_dtype
def test_a_gradient_penalty(network, alike):
    n = network

    def penalty(grad):
        def total(p, x):
            slope = grad(lambda x: n.apply(p, x).sum())(x)
            return ((slope * slope).sum() + 1) ** 0.5

        return total

    alike(
        grad(penalty(grad))(ours(n.arrays), ours(n.x)),
        func.grad(penalty(func.grad))(theirs(n.arrays), theirs(n.x)),
    )


@pytest.mark.parametrize("dtype", ["float64"])
def test_four_orders_of_a_chain_of_functions(alike, rng, dtype):
    array = rng.standard_normal(())

    def one(x):
        return (x * x).tanh() * x.exp()

    other = one
    for order in range(1, 5):
        one, other = grad(one), func.grad(other)
        alike(one(Tensor(array)), other(torch.tensor(array)), f"order {order}")


@pytest.mark.parametrize("dtype", ["float64"])
def test_functions_inside_functions(alike, rng, dtype):
    a, b = rng.standard_normal((2, 3))

    def perturbed(grad):
        def inner(x, y):
            return (grad(lambda z: (z * x).tanh().sum())(y) * y).sum()

        return grad(inner, argnums=(0, 1))

    def directional(jvp, grad):
        def slope(x, u):
            return jvp(lambda x: (x * x).exp(), (x,), (u,))[1].sum()

        return grad(slope, argnums=(0, 1))

    def pulled(vjp, jacobian):
        return jacobian(lambda x: vjp(lambda y: y * x * y, x)[1](x)[0])

    xs, ys = (Tensor(a), Tensor(b)), (torch.tensor(a), torch.tensor(b))
    alike(perturbed(grad)(*xs), perturbed(func.grad)(*ys))
    alike(directional(jvp, grad)(*xs), directional(func.jvp, func.grad)(*ys))
    alike(pulled(vjp, jacobian)(xs[0]), pulled(func.vjp, func.jacrev)(ys[0]))


@pytest.mark.parametrize("dtype", ["float64"])
def test_results_that_do_not_depend_on_the_argument_and_empty_ones(alike, dtype):
    array, empty = np.ones(3), np.ones((0, 2))

    def f(x):
        return x[:0], (x * 0 + 1).detach()

    for name, numbers in (("full", array), ("empty", empty)):
        x, y = Tensor(numbers), torch.tensor(numbers)
        alike(jvp(lambda x: x * x, x, x), func.jvp(lambda y: y * y, (y,), (y,)), name)
        alike(jacobian(f)(x), func.jacrev(f)(y), name)
        alike(hessian(lambda x: x.sum())(x), func.hessian(lambda y: y.sum())(y), name)


@pytest.mark.parametrize("dtype", ["float64"])
def test_checkpoints(alike, rng, dtype):
    a, b = rng.standard_normal((2, 4))

    def f(x, w):
        return ((x * w).tanh() * w).exp()

    xs = [Tensor(array, requires_grad=True) for array in (a, b)]
    ys = [torch.tensor(array, requires_grad=True) for array in (a, b)]
    checkpoint(lambda x: f(x, xs[1]), xs[0]).sum().backward(create_graph=True)
    found = [x.grad for x in xs]
    out = torch_checkpoint(lambda y: f(y, ys[1]), ys[0], use_reentrant=False)
    expected = torch.autograd.grad(out.sum(), ys, create_graph=True)
    alike(tuple(found), tuple(expected), "first")

    for x in xs:
        x.grad = None
    (found[0] * found[1]).sum().backward()
    second = torch.autograd.grad((expected[0] * expected[1]).sum(), ys)
    alike(tuple(x.grad for x in xs), tuple(second), "second")


@pytest.mark.parametrize("dtype", ["float64"])
def test_one_function_class_serves_both(alike, rng, dtype):
    array = rng.standard_normal(4)

    class Methods:
        @staticmethod
        def forward(ctx, x, scale):
            out = x.tanh() * scale
            ctx.save_for_backward(x, out)
            ctx.scale = scale
            return out

        @staticmethod
        def backward(ctx, g):
            x, out = ctx.saved_tensors
            return g * (ctx.scale - out * out / ctx.scale) * (x * 0 + 1), None

    mine = type("Mine", (Methods, Function), {})
    other = type("Other", (Methods, torch.autograd.Function), {})

    x = Tensor(array, requires_grad=True)
    y = torch.tensor(array, requires_grad=True)
    one = mine.apply(x, 3.0)
    two = other.apply(y, 3.0)
    one.sum().backward(create_graph=True)
    (first,) = torch.autograd.grad(two.sum(), y, create_graph=True)
    alike((one, x.grad), (two, first))
    gradient, x.grad = x.grad, None
    gradient.sum().backward()
    alike(x.grad, torch.autograd.grad(first.sum(), y)[0], "second")
