"""RMSprop: each weight's gradient, divided by how large it has been of late."""

from typing import Any

import numpy as np

from pebblegrad.autograd import ops

from ._blocks import blocks
from ._checks import check_flags, check_number
from ._optimizer import Optimizer
from ._packing import elementwise


class RMSprop(Optimizer):
    """Gradient descent with each gradient divided by its root mean square.

    Averages the square of the gradient over the past steps,
    ``v = alpha * v + (1 - alpha) * g**2``, and steps by ``lr * g / (sqrt(v) + eps)``:
    weights with small gradients move as fast as those with large ones.

    Args:
        params: what to train; see `Optimizer`.
        lr: the learning rate, at least 0.
        alpha: what part of the average stays at each step, from 0 to below 1.
        eps: added to the denominator, at least 0; with 0 a weight whose gradients were
            all zero becomes NaN.
        weight_decay: times the parameter is added to its gradient, at least 0.
        momentum: what part of the velocity stays at each step, from 0 to below 1; the
            velocity gathers the divided gradients, and the step is `lr` times it.
        centered: whether to divide by the standard deviation of the gradient in place
            of its root mean square: the average ``m`` of the gradient is kept too, and
            ``v - m**2`` stands for ``v`` (Graves).
        maximize: whether to climb instead of to descend.

    The defaults are PyTorch's; **the lecture has alpha = 0.9**. `eps` is outside of the
    root as in PyTorch; **Graves has it inside**. The average starts at zero and is not
    corrected for it as Adam's is, so that the first step is ``1 / sqrt(1 - alpha)``
    times `lr`, which is 10 times with the default. A variance that rounding has made
    negative counts as zero, where PyTorch gives NaN.

    Example:
        >>> from pebblegrad.autograd import Tensor
        >>> p = Tensor([1.0, 1.0], requires_grad=True)
        >>> p.grad = [100.0, 0.01]
        >>> RMSprop([p], lr=0.1, alpha=0.75).step()
        >>> p.data.round(4)
        array([0.8, 0.8], dtype=float32)

    Reference:
        Tieleman and Hinton 2012, "Neural networks for machine learning", lecture 6.5;
        https://www.cs.toronto.edu/~tijmen/csc321/slides/lecture_slides_lec6.pdf. Graves
        2013, "Generating sequences with recurrent neural networks", for `centered` and
        `momentum`; https://arxiv.org/abs/1308.0850
    """

    def __init__(
        self,
        params: Any,
        lr: float = 1e-2,
        alpha: float = 0.99,
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        momentum: float = 0.0,
        centered: bool = False,
        *,
        maximize: bool = False,
    ) -> None:
        super().__init__(
            params,
            lr=lr,
            alpha=alpha,
            eps=eps,
            weight_decay=weight_decay,
            momentum=momentum,
            centered=centered,
            maximize=maximize,
        )

    def check(
        self,
        *,
        lr: float,
        alpha: float,
        eps: float,
        weight_decay: float,
        momentum: float,
        centered: bool,
        maximize: bool,
    ) -> None:
        """Raise unless the options are in range."""
        check_number("RMSprop", "lr", lr)
        check_number("RMSprop", "alpha", alpha, high=1.0)
        check_number("RMSprop", "eps", eps)
        check_number("RMSprop", "weight_decay", weight_decay)
        check_number("RMSprop", "momentum", momentum, high=1.0)
        check_flags("RMSprop", centered=centered, maximize=maximize)

    def start(
        self, param: Any, *, momentum: float, centered: bool, **options: Any
    ) -> dict[str, Any]:
        """Return the averages, and the velocity `b` if there is one."""
        names = ["v"] + ["m"] * centered + ["b"] * (momentum > 0)
        return {name: ops.zeros_like(param) for name in names}

    @elementwise
    def update(
        self,
        param: Any,
        grad: Any,
        state: dict[str, Any],
        *,
        lr: float,
        alpha: float,
        eps: float,
        weight_decay: float,
        momentum: float,
        centered: bool,
        maximize: bool,
    ) -> None:
        """Change parameters in place, each element by itself."""
        v_all = state["v"]
        m_all = state["m"] if centered else v_all
        b_all = state["b"] if momentum else v_all
        for p, g, v, m, b in blocks(param, grad, v_all, m_all, b_all):
            if maximize:
                g = -g
            if weight_decay:
                g = g + weight_decay * p
            v *= alpha
            v += (1 - alpha) * (g * g)
            square = v
            if centered:
                m += (1 - alpha) * (g - m)
                square = np.maximum(v - m * m, 0)
            step = g / (np.sqrt(square) + eps)
            if momentum:
                b *= momentum
                b += step
                step = b
            p -= lr * step
