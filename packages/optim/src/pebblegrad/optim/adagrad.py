"""Adagrad: a rate for each weight, smaller with every gradient that it has had."""

from typing import Any

import numpy as np

from pebblegrad.autograd import ops

from ._blocks import blocks
from ._checks import check_flags, check_number
from ._optimizer import Optimizer
from ._packing import elementwise


class Adagrad(Optimizer):
    """Gradient descent, each gradient divided by the root of all its squares so far.

    Sums the squares of the gradients, ``s = s + g**2``, and steps by
    ``lr * g / (sqrt(s) + eps)``. A weight whose gradient is seldom other than zero,
    that of a rare word say, keeps a large rate until its turn comes.

    Args:
        params: what to train; see `Optimizer`.
        lr: the learning rate, at least 0; the size of the first step of each weight.
        lr_decay: how fast the rate fades besides: in step t it is
            ``lr / (1 + (t - 1) * lr_decay)``; at least 0.
        weight_decay: times the parameter is added to its gradient, at least 0.
        initial_accumulator_value: where the sum of squares starts, at least 0.
        eps: added to the denominator, at least 0; with 0 a weight whose gradients were
            all zero becomes NaN.
        maximize: whether to climb instead of to descend.

    The defaults are PyTorch's; the paper leaves the rate open, and **it has no
    lr_decay**. The sum only grows and so the steps fade for good: `RMSprop` and
    `Adadelta` forget instead.

    Example:
        >>> from pebblegrad.autograd import Tensor
        >>> p = Tensor([1.0], requires_grad=True)
        >>> optimizer = Adagrad([p], lr=0.1)
        >>> for step in range(3):
        ...     optimizer.zero_grad()
        ...     p.sum().backward()  # the gradient is 1 at every step
        ...     optimizer.step()
        ...     print(p.data.round(4))  # steps of 0.1 / sqrt(1), 0.1 / sqrt(2), ...
        [0.9]
        [0.8293]
        [0.7716]

    Reference:
        Duchi, Hazan, Singer 2011, "Adaptive subgradient methods for online learning and
        stochastic optimization", section 1.1, with diagonal matrices;
        https://jmlr.org/papers/v12/duchi11a.html
    """

    def __init__(
        self,
        params: Any,
        lr: float = 1e-2,
        lr_decay: float = 0.0,
        weight_decay: float = 0.0,
        initial_accumulator_value: float = 0.0,
        eps: float = 1e-10,
        *,
        maximize: bool = False,
    ) -> None:
        super().__init__(
            params,
            lr=lr,
            lr_decay=lr_decay,
            weight_decay=weight_decay,
            initial_accumulator_value=initial_accumulator_value,
            eps=eps,
            maximize=maximize,
        )

    def check(
        self,
        *,
        lr: float,
        lr_decay: float,
        weight_decay: float,
        initial_accumulator_value: float,
        eps: float,
        maximize: bool,
    ) -> None:
        """Raise unless the options are in range."""
        first = initial_accumulator_value
        check_number("Adagrad", "lr", lr)
        check_number("Adagrad", "lr_decay", lr_decay)
        check_number("Adagrad", "weight_decay", weight_decay)
        check_number("Adagrad", "initial_accumulator_value", first)
        check_number("Adagrad", "eps", eps)
        check_flags("Adagrad", maximize=maximize)

    def start(
        self, param: Any, *, initial_accumulator_value: float, **options: Any
    ) -> dict[str, Any]:
        """Return the count of steps and the sum of squares."""
        return {"t": 0, "s": ops.full_like(param, initial_accumulator_value)}

    @elementwise
    def update(
        self,
        param: Any,
        grad: Any,
        state: dict[str, Any],
        *,
        lr: float,
        lr_decay: float,
        weight_decay: float,
        initial_accumulator_value: float,
        eps: float,
        maximize: bool,
    ) -> None:
        """Change parameters in place, each element by itself."""
        t = state["t"] = state["t"] + 1
        lr = lr / (1 + (t - 1) * lr_decay)
        for p, g, s in blocks(param, grad, state["s"]):
            if maximize:
                g = -g
            if weight_decay:
                g = g + weight_decay * p
            s += g * g
            p -= lr * g / (np.sqrt(s) + eps)
