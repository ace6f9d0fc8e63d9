"""NAdam: Adam that looks a step ahead, as Nesterov's momentum does."""

from typing import Any

import numpy as np

from pebblegrad.autograd import ops

from ._blocks import blocks
from ._checks import check_betas, check_flags, check_number
from ._optimizer import Optimizer
from ._packing import elementwise


class NAdam(Optimizer):
    """Adam with Nesterov's momentum.

    Averages the gradient (``m``) and its square (``n``) as `Adam` does, and steps along
    what ``m_hat`` will be at the next step, as far as it is known: the part of the
    average that will stay, and the present gradient in full. The momentum ``mu`` of
    these parts grows, from about half of the first beta to all of it.

    Args:
        params: what to train; see `Optimizer`.
        lr: the learning rate, at least 0; about the size of each step of each weight.
        betas: what part of ``m`` and of ``n`` stays at each step, each from 0 to below
            1.
        eps: added to the denominator, at least 0; with 0 a weight whose gradients were
            all zero becomes NaN.
        weight_decay: times the parameter is added to its gradient, at least 0.
        momentum_decay: how fast the momentum grows, at least 0:
            ``mu = beta1 * (1 - 0.5 * 0.96 ** (t * momentum_decay))`` at step ``t``.
        decoupled_weight_decay: whether to shrink the parameter by ``lr *
            weight_decay`` of itself instead, as `AdamW` does.
        maximize: whether to climb instead of to descend.

    The defaults are PyTorch's, and so is the algorithm: **the paper averages with
    ``mu`` too, ``m = mu * m + (1 - mu) * g``, and multiplies ``n_hat`` by the second
    beta**.

    Example:
        >>> from pebblegrad.autograd import Tensor
        >>> p = Tensor([1.0, 1.0], requires_grad=True)
        >>> p.grad = [100.0, 0.01]
        >>> NAdam([p], lr=0.1).step()
        >>> p.data.round(4)
        array([0.8944, 0.8944], dtype=float32)

    Reference:
        Dozat 2016, "Incorporating Nesterov momentum into Adam", algorithm 2;
        https://openreview.net/forum?id=OM0jvwB8jIp57ZJjtNEZ
    """

    def __init__(
        self,
        params: Any,
        lr: float = 2e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        momentum_decay: float = 4e-3,
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
            momentum_decay=momentum_decay,
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
        momentum_decay: float,
        decoupled_weight_decay: bool,
        maximize: bool,
    ) -> None:
        """Raise unless the options are in range."""
        check_number("NAdam", "lr", lr)
        check_betas("NAdam", betas)
        check_number("NAdam", "eps", eps)
        check_number("NAdam", "weight_decay", weight_decay)
        check_number("NAdam", "momentum_decay", momentum_decay)
        check_flags(
            "NAdam", decoupled_weight_decay=decoupled_weight_decay, maximize=maximize
        )

    def start(self, param: Any, **options: Any) -> dict[str, Any]:
        """Return the count of steps, the product of all momenta, and the averages."""
        averages = {name: ops.zeros_like(param) for name in ("m", "n")}
        return {"t": 0, "mu_product": 1.0, **averages}

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
        momentum_decay: float,
        decoupled_weight_decay: bool,
        maximize: bool,
    ) -> None:
        """Change parameters in place, each element by itself."""
        beta1, beta2 = betas
        t = state["t"] = state["t"] + 1
        mu = beta1 * (1 - 0.5 * 0.96 ** (t * momentum_decay))
        mu_next = beta1 * (1 - 0.5 * 0.96 ** ((t + 1) * momentum_decay))
        product = state["mu_product"] = state["mu_product"] * mu
        for p, g, m, n in blocks(param, grad, state["m"], state["n"]):
            if maximize:
                g = -g
            if weight_decay and decoupled_weight_decay:
                p *= 1 - lr * weight_decay
            elif weight_decay:
                g = g + weight_decay * p
            m += (1 - beta1) * (g - m)  # beta1 * m + (1 - beta1) * g
            n *= beta2
            n += (1 - beta2) * (g * g)
            m_hat = mu_next * m / (1 - product * mu_next)
            m_hat += (1 - mu) * g / (1 - product)
            n_hat = n / (1 - beta2**t)
            p -= lr * m_hat / (np.sqrt(n_hat) + eps)
