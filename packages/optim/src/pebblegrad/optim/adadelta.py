"""Adadelta: steps as long as the steps before, so that no rate needs to be chosen."""

from typing import Any

import numpy as np

from pebblegrad.autograd import ops

from ._blocks import blocks
from ._checks import check_flags, check_number
from ._optimizer import Optimizer
from ._packing import elementwise


class Adadelta(Optimizer):
    """Gradient descent whose rate is the ratio of past steps to past gradients.

    Averages the squares of the gradients (``v``) and of the steps (``u``), and steps by
    ``d = sqrt(u + eps) / sqrt(v + eps) * g``. A step so has the unit of the parameter,
    where that of plain descent has the unit of the gradient.

    Args:
        params: what to train; see `Optimizer`.
        lr: times every step, at least 0; 1 in the paper.
        rho: what part of both averages stays at each step, from 0 to below 1.
        eps: added below both roots, at least 0; decides how long the first steps are,
            since the average of the steps starts at zero.
        weight_decay: times the parameter is added to its gradient, at least 0.
        maximize: whether to climb instead of to descend.

    The defaults are PyTorch's; **the paper's experiments have rho = 0.95**. As in
    PyTorch the average of the steps is that of ``d``, before it is multiplied by `lr`.

    Example:
        >>> from pebblegrad.autograd import Tensor
        >>> p = Tensor([1.0, 1.0], requires_grad=True)
        >>> p.grad = [100.0, 1.0]
        >>> Adadelta([p], rho=0.75, eps=0.01).step()
        >>> p.data.round(4)  # 0.1 / sqrt(0.25 * g**2 + 0.01) * g
        array([0.8   , 0.8039], dtype=float32)

    Reference:
        Zeiler 2012, "ADADELTA: an adaptive learning rate method", algorithm 1;
        https://arxiv.org/abs/1212.5701
    """

    def __init__(
        self,
        params: Any,
        lr: float = 1.0,
        rho: float = 0.9,
        eps: float = 1e-6,
        weight_decay: float = 0.0,
        *,
        maximize: bool = False,
    ) -> None:
        super().__init__(
            params,
            lr=lr,
            rho=rho,
            eps=eps,
            weight_decay=weight_decay,
            maximize=maximize,
        )

    def check(
        self,
        *,
        lr: float,
        rho: float,
        eps: float,
        weight_decay: float,
        maximize: bool,
    ) -> None:
        """Raise unless the options are in range."""
        check_number("Adadelta", "lr", lr)
        check_number("Adadelta", "rho", rho, high=1.0)
        check_number("Adadelta", "eps", eps)
        check_number("Adadelta", "weight_decay", weight_decay)
        check_flags("Adadelta", maximize=maximize)

    def start(self, param: Any, **options: Any) -> dict[str, Any]:
        """Return the averages of squares, of the gradients and of the steps."""
        return {name: ops.zeros_like(param) for name in ("v", "u")}

    @elementwise
    def update(
        self,
        param: Any,
        grad: Any,
        state: dict[str, Any],
        *,
        lr: float,
        rho: float,
        eps: float,
        weight_decay: float,
        maximize: bool,
    ) -> None:
        """Change parameters in place, each element by itself."""
        for p, g, v, u in blocks(param, grad, state["v"], state["u"]):
            if maximize:
                g = -g
            if weight_decay:
                g = g + weight_decay * p
            v *= rho
            v += (1 - rho) * (g * g)
            d = np.sqrt(u + eps) / np.sqrt(v + eps) * g
            u += (1 - rho) * (d * d - u)
            p -= lr * d
