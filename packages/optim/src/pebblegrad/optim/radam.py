"""RAdam: Adam that trusts its averages as far as they are known."""

import math
from typing import Any

import numpy as np

from pebblegrad.autograd import ops

from ._blocks import blocks
from ._checks import check_betas, check_flags, check_number
from ._optimizer import Optimizer
from ._packing import elementwise


class RAdam(Optimizer):
    """Adam with its first steps rectified, in place of a warmup.

    The average of squares ``v`` is of few gradients at first, and a step that is
    divided by it may be far too long. The variance of that factor can be worked out
    from the number of steps alone: while it is not finite, the step is ``lr * m_hat``,
    that of momentum; later it is Adam's, times ``r``, which grows towards 1.

    Args:
        params: what to train; see `Optimizer`.
        lr: the learning rate, at least 0.
        betas: what part of ``m`` and of ``v`` stays at each step, each from 0 to below
            1. With a second beta of 2 / 3 or less the average is always too short, and
            every step is that of momentum.
        eps: added to the denominator, at least 0; with 0 a weight whose gradients were
            all zero becomes NaN.
        weight_decay: times the parameter is added to its gradient, at least 0.
        decoupled_weight_decay: whether to shrink the parameter by ``lr *
            weight_decay`` of itself instead, as `AdamW` does.
        maximize: whether to climb instead of to descend.

    The defaults are PyTorch's. As in PyTorch, **Adam's step begins when the length of
    the average, ``rho``, is above 5; the paper has 4**: with the default betas at step
    6 and not at 5. `eps`, which the paper leaves out, is added before ``v`` is
    corrected for its start at zero, as in PyTorch, and not after as in `Adam`. The
    first steps are as long as the gradients are: mind that when these are large.

    Example:
        >>> from pebblegrad.autograd import Tensor
        >>> p = Tensor([1.0, 1.0], requires_grad=True)
        >>> p.grad = [5.0, 0.01]
        >>> RAdam([p], lr=0.1).step()
        >>> p.data.round(4)
        array([0.5  , 0.999], dtype=float32)

    Reference:
        Liu, Jiang, He, Chen, Liu, Gao, Han 2020, "On the variance of the adaptive
        learning rate and beyond", algorithm 2; https://arxiv.org/abs/1908.03265
    """

    def __init__(
        self,
        params: Any,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        decoupled_weight_decay: bool = False,
        *,
        maximize: bool = False,
    ) -> None:
        super().__init__(
            params,
            lr=lr,
            betas=betas,
            eps=eps,
            weight_decay=weight_decay,
            decoupled_weight_decay=decoupled_weight_decay,
            maximize=maximize,
        )

    def check(
        self,
        *,
        lr: float,
        betas: Any,
        eps: float,
        weight_decay: float,
        decoupled_weight_decay: bool,
        maximize: bool,
    ) -> None:
        """Raise unless the options are in range."""
        check_number("RAdam", "lr", lr)
        check_betas("RAdam", betas)
        check_number("RAdam", "eps", eps)
        check_number("RAdam", "weight_decay", weight_decay)
        check_flags(
            "RAdam", decoupled_weight_decay=decoupled_weight_decay, maximize=maximize
        )

    def start(self, param: Any, **options: Any) -> dict[str, Any]:
        """Return the count of steps and the averages."""
        return {"t": 0, **{name: ops.zeros_like(param) for name in ("m", "v")}}

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
        decoupled_weight_decay: bool,
        maximize: bool,
    ) -> None:
        """Change parameters in place, each element by itself."""
        beta1, beta2 = betas
        t = state["t"] = state["t"] + 1
        r = rectification(t, beta2)
        for p, g, m, v in blocks(param, grad, state["m"], state["v"]):
            if maximize:
                g = -g
            if weight_decay and decoupled_weight_decay:
                p *= 1 - lr * weight_decay
            elif weight_decay:
                g = g + weight_decay * p
            m += (1 - beta1) * (g - m)  # beta1 * m + (1 - beta1) * g
            v *= beta2
            v += (1 - beta2) * (g * g)
            m_hat = m / (1 - beta1**t)
            if r == 0:
                p -= lr * m_hat
            else:
                l_t = math.sqrt(1 - beta2**t) / (np.sqrt(v) + eps)
                p -= lr * r * m_hat * l_t


def rectification(t: int, beta2: float) -> float:
    """Return ``r``, what Adam's step number `t` is multiplied by.

    An average in which the part `beta2` stays, ``t`` steps after its start, is about
    one of the last ``rho`` gradients alike, where ``rho`` grows to ``rho_inf``. ``r``
    makes the variance of ``1 / sqrt(v)`` what it will be at ``rho_inf``.

    Returns:
        A number above 0 and at most 1, or 0 if the variance is not finite or too large.
    """
    rho_inf = 2 / (1 - beta2) - 1
    rho = rho_inf - 2 * t * beta2**t / (1 - beta2**t)
    if rho <= 5:
        return 0.0
    square = (rho - 4) * (rho - 2) * rho_inf / ((rho_inf - 4) * (rho_inf - 2) * rho)
    return math.sqrt(square)
