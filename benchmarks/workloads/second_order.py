"""A product of the Hessian and a vector, for a small tanh network."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np

from workloads import Timing

TIMING = Timing(first_steps=1)
WORKLOADS = {"second_order": (8, 32, 32, 1)}
WORDS = {
    "second_order": "Hessian-vector product, 8-32-32-1 tanh net",
}
BATCH = 64


def inputs(sizes: tuple[int, ...]):
    """Return the weights, the vector (in the weights' shapes), and the samples."""
    rng = np.random.default_rng(0)
    weights = [
        (rng.standard_normal((n_in, n_out)) / np.sqrt(n_in)).astype("f4")
        for n_in, n_out in pairwise(sizes)
    ]
    vector = [rng.standard_normal(w.shape).astype("f4") for w in weights]
    X = rng.standard_normal((BATCH, sizes[0])).astype("f4")
    return weights, vector, X, rng.standard_normal((BATCH, 1)).astype("f4")


def loss_of(tanh, weights, X, y):
    """Return the mean squared error."""
    first, second, last = weights
    difference = tanh(tanh(X @ first) @ second) @ last - y
    return (difference * difference).mean()


def on_pebblegrad(sizes: tuple[int, ...], inputs) -> Callable[[], object]:
    """Two passes: a gradient with a graph, and the gradient of its product."""
    from pebblegrad.autograd import Tensor, hvp, ops

    weights, vector, X, y = inputs
    X, y = Tensor(X), Tensor(y)
    weights, vector = tuple(map(Tensor, weights)), tuple(map(Tensor, vector))

    def step():
        product = hvp(lambda *w: loss_of(ops.tanh, w, X, y), weights, vector)
        return float(product[0].data[0, 0])

    return step


def on_torch(sizes: tuple[int, ...], inputs) -> Callable[[], object]:
    """Two passes, with create_graph."""
    import torch

    weights, vector, X, y = inputs
    weights = [torch.from_numpy(w).requires_grad_() for w in weights]
    vector = [torch.from_numpy(v) for v in vector]
    X, y = torch.from_numpy(X), torch.from_numpy(y)

    def step():
        loss = loss_of(torch.tanh, weights, X, y)
        gradients = torch.autograd.grad(loss, weights, create_graph=True)
        product = torch.autograd.grad(gradients, weights, grad_outputs=vector)
        return product[0][0, 0].item()

    return step


def on_jax(sizes: tuple[int, ...], inputs) -> Callable[[], object]:
    """Forward over reverse, compiled."""
    import jax
    import jax.numpy as jnp

    weights, vector, X, y = jax.tree.map(jnp.asarray, inputs)

    @jax.jit
    def product(weights, vector):
        gradient = jax.grad(lambda w: loss_of(jnp.tanh, w, X, y))
        return jax.jvp(gradient, (weights,), (vector,))[1]

    def step():
        return float(product(weights, vector)[0][0, 0])

    return step


def on_autograd(sizes: tuple[int, ...], inputs) -> Callable[[], object]:
    """HIPS/autograd's own; its `hessian_vector_product` takes one array only."""
    import autograd
    import autograd.numpy as anp

    weights, vector, X, y = inputs

    def loss(w):
        difference = anp.tanh(anp.tanh(X @ w[0]) @ w[1]) @ w[2] - y
        return anp.mean(difference * difference)

    def step():
        product, _ = autograd.make_hvp(loss)(weights)
        return product(vector)[0][0, 0]

    return step
