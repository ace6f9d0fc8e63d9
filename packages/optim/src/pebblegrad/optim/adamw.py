"""AdamW: Adam whose weight decay is a step of its own."""

import math
from typing import Any

import numpy as np

from pebblegrad.autograd import ops

from ._blocks import blocks
from ._checks import check_betas, check_flags, check_number
from ._optimizer import Optimizer
from ._packing import elementwise


class AdamW(Optimizer):
    """Adam with decoupled weight decay.

    Shrinks every weight by the same part, ``p = p - lr * weight_decay * p``, and then
    steps as `Adam` does. A decay that is added to the gradient, as Adam's is, is
    divided by ``sqrt(v_hat)`` with it, so that weights with large gradients hardly
    decay.

    Args:
        params: what to train; see `Optimizer`.
        lr: the learning rate, at least 0; about the size of each step of each weight.
        betas: what part of ``m`` and of ``v`` stays at each step, each from 0 to below
            1.
        eps: added to the denominator, at least 0; with 0 a weight whose gradients were
            all zero becomes NaN.
        weight_decay: times `lr` the part of each weight that is taken off at each step,
            at least 0.
        amsgrad: whether to divide by the largest average of squares so far in place of
            the present one (Reddi et al.).
        maximize: whether to climb instead of to descend; the decay shrinks all the
            same.

    The defaults are PyTorch's; the paper has no default decay. **The decay is times
    `lr`, as in PyTorch; the paper has it times the schedule's multiplier alone**, so
    that there a change of the rate leaves the decay as it is. As in PyTorch, the
    largest average of `amsgrad` is corrected for its start at zero, which Reddi et al.
    leave out.

    Example:
        >>> from pebblegrad.autograd import Tensor
        >>> p = Tensor([1.0, 10.0], requires_grad=True)
        >>> p.grad = [100.0, 0.0]
        >>> AdamW([p], lr=0.1, weight_decay=0.5).step()
        >>> p.data.round(4)  # 5 % off each, and the step of Adam off the first
        array([0.85, 9.5 ], dtype=float32)

    Reference:
        Loshchilov and Hutter 2019, "Decoupled weight decay regularization", algorithm
        2; https://arxiv.org/abs/1711.05101. Reddi, Kale, Kumar 2018, "On the
        convergence of Adam and beyond", algorithm 2; https://arxiv.org/abs/1904.09237
    """

    def __init__(
        self,
        params: Any,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 1e-2,
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
        check_number("AdamW", "lr", lr)
        check_betas("AdamW", betas)
        check_number("AdamW", "eps", eps)
        check_number("AdamW", "weight_decay", weight_decay)
        check_flags("AdamW", amsgrad=amsgrad, maximize=maximize)

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
                p *= 1 - lr * weight_decay
            m += (1 - beta1) * (g - m)  # beta1 * m + (1 - beta1) * g
            v *= beta2
            v += (1 - beta2) * (g * g)
            if amsgrad:
                np.maximum(v_max, v, out=v_max)
            p -= alpha * m / (np.sqrt(v_max) + eps_hat)
