"""Adamax: Adam by the largest gradient in place of the mean square."""

from typing import Any

import numpy as np

from pebblegrad.autograd import ops

from ._blocks import blocks
from ._checks import check_betas, check_flags, check_number
from ._optimizer import Optimizer
from ._packing import elementwise


class Adamax(Optimizer):
    """Adam with the infinity norm.

    Averages the gradient (``m``) as `Adam` does, and divides it by the largest absolute
    value that the gradient had, where the past fades: ``u = max(beta2 * u, |g|)``,
    ``p = p - lr * m_hat / u``. No step of a weight is much longer than `lr`, and a
    single large gradient is forgotten after some ``1 / (1 - beta2)`` steps.

    Args:
        params: what to train; see `Optimizer`.
        lr: the learning rate, at least 0; about the size of each step of each weight.
        betas: what part of ``m`` and of ``u`` stays at each step, each from 0 to below
            1.
        eps: added to ``|g|``, at least 0.
        weight_decay: times the parameter is added to its gradient, at least 0.
        maximize: whether to climb instead of to descend.

    The defaults are the paper's. **The paper has no `eps`**; it is PyTorch's, which is
    why a weight whose gradients are all zero stays where it is. With ``eps=0`` it stays
    too, where PyTorch gives NaN.

    Example:
        >>> from pebblegrad.autograd import Tensor
        >>> p = Tensor([1.0, 1.0], requires_grad=True)
        >>> p.grad = [100.0, 0.01]
        >>> Adamax([p], lr=0.1).step()
        >>> p.data.round(4)
        array([0.9, 0.9], dtype=float32)

    Reference:
        Kingma and Ba 2015, "Adam: a method for stochastic optimization", section 7.1,
        algorithm 2; https://arxiv.org/abs/1412.6980
    """

    def __init__(
        self,
        params: Any,
        lr: float = 2e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        *,
        maximize: bool = False,
    ) -> None:
        super().__init__(
            params,
            lr=lr,
            betas=betas,
            eps=eps,
            weight_decay=weight_decay,
            maximize=maximize,
        )

    def check(
        self,
        *,
        lr: float,
        betas: Any,
        eps: float,
        weight_decay: float,
        maximize: bool,
    ) -> None:
        """Raise unless the options are in range."""
        check_number("Adamax", "lr", lr)
        check_betas("Adamax", betas)
        check_number("Adamax", "eps", eps)
        check_number("Adamax", "weight_decay", weight_decay)
        check_flags("Adamax", maximize=maximize)

    def start(self, param: Any, **options: Any) -> dict[str, Any]:
        """Return the count of steps, the average, and the norm."""
        return {"t": 0, **{name: ops.zeros_like(param) for name in ("m", "u")}}

    @elementwise
    def update(
        self,
        param: Any,
        grad: Any,
        state: dict[str, Any],
        *,
        lr: float,
        betas: tuple[float, float],
        eps: float,
        weight_decay: float,
        maximize: bool,
    ) -> None:
        """Change parameters in place, each element by itself."""
        beta1, beta2 = betas
        t = state["t"] = state["t"] + 1
        for p, g, m, u in blocks(param, grad, state["m"], state["u"]):
            if maximize:
                g = -g
            if weight_decay:
                g = g + weight_decay * p
            m += (1 - beta1) * (g - m)  # beta1 * m + (1 - beta1) * g
            u *= beta2
            np.maximum(u, np.abs(g) + eps, out=u)
            m_hat = m / (1 - beta1**t)
            # Without eps 0 / 0 is possible; only there u is 0, NaN is passed on.
            p -= lr * np.divide(m_hat, u, out=np.zeros_like(u), where=u != 0)
