"""Adam: a step for each weight, by what its gradient was like so far."""

import math
from typing import Any

import numpy as np

from pebblegrad.autograd import ops

from ._blocks import blocks
from ._checks import check_betas, check_flags, check_number
from ._optimizer import Optimizer
from ._packing import elementwise


class Adam(Optimizer):
    """Adaptive moment estimation.

    Averages the gradient (``m``) and its square (``v``) over the past steps, corrects
    both for having started at zero, and steps by ``lr * m_hat / (sqrt(v_hat) + eps)``.

    Args:
        params: what to train; see `Optimizer`.
        lr: the learning rate, at least 0; about the size of each step of each weight.
        betas: what part of ``m`` and of ``v`` stays at each step, each from 0 to below
            1.
        eps: added to the denominator, at least 0; with 0 a weight whose gradients were
            all zero becomes NaN.
        weight_decay: times the parameter is added to its gradient, at least 0; `AdamW`
            is usually what is meant.
        amsgrad: whether to divide by the largest average of squares so far in place of
            the present one (Reddi et al.).
        maximize: whether to climb instead of to descend.

    The defaults are the paper's. As in PyTorch, the largest average of `amsgrad` is
    corrected for its start at zero, which Reddi et al. leave out.

    Example:
        >>> from pebblegrad.autograd import Tensor
        >>> p = Tensor([1.0, 1.0], requires_grad=True)
        >>> p.grad = [100.0, 0.01]
        >>> Adam([p], lr=0.1).step()
        >>> p.data.round(4)
        array([0.9, 0.9], dtype=float32)

    Reference:
        Kingma and Ba 2015, "Adam: a method for stochastic optimization", algorithm 1;
        https://arxiv.org/abs/1412.6980. Reddi, Kale, Kumar 2018, "On the convergence of
        Adam and beyond", algorithm 2; https://arxiv.org/abs/1904.09237
    """

    def __init__(
        self,
        params: Any,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        amsgrad: bool = False,
        *,
        maximize: bool = False,
    ) -> None:
        super().__init__(
            params,
            lr=lr,
            betas=betas,
            eps=eps,
            weight_decay=weight_decay,
            amsgrad=amsgrad,
            maximize=maximize,
        )

    def check(
        self,
        *,
        lr: float,
        betas: Any,
        eps: float,
        weight_decay: float,
        amsgrad: bool,
        maximize: bool,
    ) -> None:
        """Raise unless the options are in range."""
        check_number("Adam", "lr", lr)
        check_betas("Adam", betas)
        check_number("Adam", "eps", eps)
        check_number("Adam", "weight_decay", weight_decay)
        check_flags("Adam", amsgrad=amsgrad, maximize=maximize)

    def start(self, param: Any, *, amsgrad: bool, **options: Any) -> dict[str, Any]:
        """Return the count of steps and the averages."""
        names = ("m", "v", "v_max") if amsgrad else ("m", "v")
        return {"t": 0, **{name: ops.zeros_like(param) for name in names}}

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
        amsgrad: bool,
        maximize: bool,
    ) -> None:
        """Change parameters in place, each element by itself."""
        beta1, beta2 = betas
        t = state["t"] = state["t"] + 1
        # lr * m_hat / (sqrt(v_hat) + eps), above and below times sqrt(1 - beta2**t).
        correction = math.sqrt(1 - beta2**t)
        alpha, eps_hat = lr * correction / (1 - beta1**t), eps * correction
        averages = state["m"], state["v"], state["v_max" if amsgrad else "v"]
        for p, g, m, v, v_max in blocks(param, grad, *averages):
            if maximize:
                g = -g
            if weight_decay:
                g = g + weight_decay * p
            m += (1 - beta1) * (g - m)  # beta1 * m + (1 - beta1) * g
            v *= beta2
            v += (1 - beta2) * (g * g)
            if amsgrad:
                np.maximum(v_max, v, out=v_max)
            p -= alpha * m / (np.sqrt(v_max) + eps_hat)
