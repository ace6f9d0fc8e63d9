"""10,000 additions to a vector of 10 numbers, and back: the cost of a node."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from workloads import Timing

TIMING = Timing(rounds=11, seconds=0.5, first_steps=1)
WORKLOADS = {"chain": 10_000}
WORDS = {
    "chain": "10,000 additions to 10 numbers, and back",
}


def inputs(length: int) -> np.ndarray:
    """Return the vector."""
    return np.random.default_rng(0).standard_normal(10).astype("f4")


def on_pebblegrad(length: int, inputs) -> Callable[[], object]:
    """Tensors."""
    from pebblegrad.autograd import Tensor

    x = Tensor(inputs, requires_grad=True)

    def step():
        x.grad = None
        y = x
        for _ in range(length):
            y = y + x
        loss = y.sum()
        loss.backward()
        return loss.item()

    return step


def on_torch(length: int, inputs) -> Callable[[], object]:
    """Tensors."""
    import torch

    x = torch.from_numpy(inputs).requires_grad_()

    def step():
        x.grad = None
        y = x
        for _ in range(length):
            y = y + x
        loss = y.sum()
        loss.backward()
        return loss.item()

    return step


def on_autograd(length: int, inputs) -> Callable[[], object]:
    """HIPS/autograd."""
    import autograd

    def total(x):
        y = x
        for _ in range(length):
            y = y + x
        return y.sum()

    both = autograd.value_and_grad(total)

    def step():
        return both(inputs)[0]

    return step


def on_mygrad(length: int, inputs) -> Callable[[], object]:
    """MyGrad, in pieces: its pass back recurses, and Python's stack is short."""
    import mygrad

    x = mygrad.tensor(inputs)
    import sys

    sys.setrecursionlimit(100 * length)

    def step():
        x.null_grad()
        y = x
        for _ in range(length):
            y = y + x
        loss = y.sum()
        value = loss.item()
        loss.backward()
        return value

    return step
