"""MiniOptimizer: a step down the gradient, which is all that learning takes."""

from __future__ import annotations

import math
from typing import Any

from ._numbers import as_number, kind_of
from .module import Module
from .tensor import Tensor


class MiniOptimizer:
    """Stochastic gradient descent: ``p = p - lr * p.grad`` for each parameter.

    Args:
        model: a Module, or a list of Modules or of Tensors.
        lr: the learning rate, at least 0.

    Attributes:
        params: the parameters, each once.
        lr: may be assigned, for other steps later.

    Raises:
        TypeError: if something else is given.
        ValueError: if there are no parameters, one is the result of an operation, or
            `lr` is negative or not finite.

    Example:
        >>> from pebblegrad.scalar import MiniOptimizer, Tensor
        >>> x = Tensor(1.0)
        >>> optimizer = MiniOptimizer([x], lr=0.1)
        >>> for _ in range(100):
        ...     loss = (x - 3) ** 2
        ...     optimizer.zero_grad()
        ...     loss.backward()
        ...     optimizer.step()
        >>> round(x.data, 6)
        3.0
    """

    def __init__(self, model: Any, lr: float) -> None:
        found = dict.fromkeys(_parameters(model))  # as a set, but in order
        if not found:
            raise ValueError(
                f"MiniOptimizer: {model!r} has no parameters; a model with at least "
                "one was needed"
            )
        lr = as_number(lr, "MiniOptimizer", "lr")
        if not 0 <= lr < math.inf:
            raise ValueError(
                f"MiniOptimizer: lr is {lr}; a finite number of at least 0 was needed"
            )
        self.params = list(found)
        self.lr = lr

    def zero_grad(self) -> None:
        """Set the gradient of each parameter to 0, before a `backward`."""
        for p in self.params:
            p.grad = 0

    def step(self) -> None:
        """Move each parameter a step against its gradient."""
        moved = [p.data - self.lr * p.grad for p in self.params]
        for p, data in zip(self.params, moved, strict=True):
            p.data = data


def _parameters(model: Any) -> list[Tensor]:
    """Return the parameters of a Module, or of a list of Modules and Tensors."""
    if isinstance(model, Module):
        return model.parameters()
    if not isinstance(model, list | tuple):
        raise TypeError(
            f"MiniOptimizer: model is {kind_of(model)}; a Module was needed, or a list "
            "of Modules or of Tensors"
        )
    found: list[Tensor] = []
    for i, entry in enumerate(model):
        if isinstance(entry, Module):
            found += entry.parameters()
        elif not isinstance(entry, Tensor):
            raise TypeError(
                f"MiniOptimizer: entry {i} is {kind_of(entry)}; a Module or a Tensor "
                "was needed"
            )
        elif entry._children:
            raise ValueError(
                f"MiniOptimizer: entry {i}, {entry!r}, is the result of {entry._op!r}; "
                "a Tensor that you made was needed, for only these can be moved"
            )
        else:
            found.append(entry)
    return found
