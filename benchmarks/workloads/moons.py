"""The demonstration of micrograd: two moons, 100 samples, a training step.

The network is 2-16-16-1 with ReLU between its layers; the loss is the mean
hinge plus 1e-4 times the sum of squared weights; the rate is 0.1.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np

from workloads import Timing

TIMING = Timing(rounds=9, seconds=0.5, tolerance=1e-3)
WORKLOADS = {"scalar": (2, 16, 16, 1)}
WORDS = {
    "scalar": "micrograd's two moons, 100 samples: a step",
}
DECAY, LR = 1e-4, 0.1


def inputs(sizes: tuple[int, ...]):
    """Return the weights and biases of each layer, the points and their signs."""
    rng = np.random.default_rng(0)
    layers = [
        (rng.uniform(-1, 1, (n_out, n_in)), np.zeros(n_out))
        for n_in, n_out in pairwise(sizes)
    ]
    angle = rng.uniform(0, np.pi, 100)
    sign = np.where(np.arange(100) < 50, 1.0, -1.0)
    x = np.where(sign > 0, np.cos(angle), 1 - np.cos(angle))
    y = np.where(sign > 0, np.sin(angle), 0.5 - np.sin(angle))
    return layers, np.stack([x, y], axis=1), sign


def scalar_step(model, Number, inputs) -> Callable[[], object]:  # noqa: N803
    """The step on numbers, one by one, as micrograd's notebook has it."""
    layers, X, signs = inputs
    parameters = model.parameters()  # of each neuron the weights, then the bias
    values = np.concatenate(
        [np.column_stack([weights, biases]).ravel() for weights, biases in layers]
    )
    for parameter, value in zip(parameters, values.tolist(), strict=True):
        parameter.data = value
    points, signs = X.tolist(), signs.tolist()

    def step():
        numbers = [list(map(Number, point)) for point in points]
        scores = list(map(model, numbers))
        losses = [(1 + -s * p).relu() for s, p in zip(signs, scores, strict=True)]
        loss = sum(losses) * (1.0 / len(losses))
        loss = loss + DECAY * sum(p * p for p in parameters)
        for parameter in parameters:
            parameter.grad = 0
        loss.backward()
        for parameter in parameters:
            parameter.data -= LR * parameter.grad
        return loss.data

    return step


def on_micrograd(sizes: tuple[int, ...], inputs) -> Callable[[], object]:
    """As micrograd's notebook has it."""
    from micrograd.engine import Value
    from micrograd.nn import MLP

    return scalar_step(MLP(sizes[0], list(sizes[1:])), Value, inputs)


def on_scalar(sizes: tuple[int, ...], inputs) -> Callable[[], object]:
    """The same in pebblegrad.scalar."""
    from pebblegrad.scalar import MLP, Tensor

    activations = ["relu"] * (len(sizes) - 2) + [None]
    model = MLP(sizes[0], list(sizes[1:]), activation=activations)
    return scalar_step(model, Tensor, inputs)


def on_pebblegrad(sizes: tuple[int, ...], inputs) -> Callable[[], object]:
    """The array Tensor: one product a layer."""
    from pebblegrad.autograd import Tensor, ops
    from pebblegrad.optim import SGD

    layers, X, signs = inputs
    parameters = [
        Tensor(array, requires_grad=True) for layer in layers for array in layer
    ]
    optimizer = SGD(parameters, lr=LR)
    X, signs = Tensor(X), Tensor(signs)

    def step():
        w1, b1, w2, b2, w3, b3 = parameters
        h = ops.relu(X @ w1.T + b1)
        h = ops.relu(h @ w2.T + b2)
        score = (h @ w3.T + b3)[:, 0]
        loss = ops.relu(1 - signs * score).mean()
        loss = loss + DECAY * sum((p * p).sum() for p in parameters)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss.item()

    return step
