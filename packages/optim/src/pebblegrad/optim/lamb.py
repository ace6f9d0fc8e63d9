"""LAMB: Adam's direction, as long in each layer as the layer's weights are."""

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from pebblegrad.autograd import ops

from ._blocks import blocks
from ._checks import check_betas, check_flags, check_number
from ._optimizer import Optimizer


class LAMB(Optimizer):
    """Adam with a step for each parameter that is a part of the parameter's length.

    Takes Adam's ``r = m_hat / (sqrt(v_hat) + eps)`` with decoupled weight decay,
    ``d = r + weight_decay * p``, and gives it the length of the parameter:
    ``p = p - lr * phi(|p|) / |d| * d``, with Euclidean lengths over the whole array.
    The rate says what part of a layer changes in a step, so that one rate fits all
    layers, and large batches can be trained with large rates.

    Args:
        params: what to train; see `Optimizer`. Each array counts as a layer.
        lr: the learning rate, at least 0.
        betas: what part of ``m`` and of ``v`` stays at each step, each from 0 to below
            1.
        eps: added to the denominator, at least 0; with 0 a weight whose gradients were
            all zero becomes NaN.
        weight_decay: times the parameter is added to the direction, at least 0.
        bounds: the least and the largest length that a parameter counts with:
            ``phi(z) = min(max(z, bounds[0]), bounds[1])``; by default the length as it
            is.
        maximize: whether to climb instead of to descend.

    PyTorch has no LAMB. The betas and the decay are the paper's; **the rate, which it
    chooses by the size of the batch, is Adam's**. Where the length of the parameter or
    of the direction is zero, their ratio counts as 1: biases that start at zero would
    stay there else. One that is nearly zero moves slowly for the same reason; train
    biases and normalizations with `Adam` if that hurts.

    Example:
        >>> from pebblegrad.autograd import Tensor
        >>> p = Tensor([3.0, 4.0], requires_grad=True)  # of length 5
        >>> p.grad = [100.0, 0.01]
        >>> LAMB([p], lr=0.1, weight_decay=0.0).step()
        >>> p.data.round(4)  # the step is of length 0.1 * 5, each weight's the same
        array([2.6464, 3.6465], dtype=float32)

    Reference:
        You, Li, Reddi, Hseu, Kumar, Bhojanapalli, Song, Demmel, Keutzer, Hsieh 2020,
        "Large batch optimization for deep learning: training BERT in 76 minutes",
        algorithm 2; https://arxiv.org/abs/1904.00962
    """

    def __init__(
        self,
        params: Any,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-6,
        weight_decay: float = 1e-2,
        bounds: tuple[float, float] = (0.0, math.inf),
        *,
        maximize: bool = False,
    ) -> None:
        super().__init__(
            params,
            lr=lr,
            betas=betas,
            eps=eps,
            weight_decay=weight_decay,
            bounds=bounds,
            maximize=maximize,
        )

    def check(
        self,
        *,
        lr: float,
        betas: Any,
        eps: float,
        weight_decay: float,
        bounds: Any,
        maximize: bool,
    ) -> None:
        """Raise unless the options are in range."""
        check_number("LAMB", "lr", lr)
        check_betas("LAMB", betas)
        check_number("LAMB", "eps", eps)
        check_number("LAMB", "weight_decay", weight_decay)
        if not isinstance(bounds, tuple | list) or len(bounds) != 2:
            raise TypeError(f"LAMB: bounds is {bounds!r}; a pair of numbers is needed")
        low, high = bounds
        check_number("LAMB", "bounds[0]", low)
        if high != math.inf:
            check_number("LAMB", "bounds[1]", high)
        if low > high or high == 0:
            raise ValueError(
                f"LAMB: bounds is {bounds!r}; the second must be above 0, and not "
                "below the first"
            )
        check_flags("LAMB", maximize=maximize)

    def start(self, param: Any, **options: Any) -> dict[str, Any]:
        """Return the count of steps and the averages."""
        return {"t": 0, **{name: ops.zeros_like(param) for name in ("m", "v")}}

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
        bounds: tuple[float, float],
        maximize: bool,
    ) -> None:
        """Change one parameter in place."""
        beta1, beta2 = betas
        t = state["t"] = state["t"] + 1
        for g, m, v in blocks(grad, state["m"], state["v"]):
            if maximize:
                g = -g
            m += (1 - beta1) * (g - m)  # beta1 * m + (1 - beta1) * g
            v *= beta2
            v += (1 - beta2) * (g * g)

        def directions() -> Iterator[tuple[Any, Any]]:
            """Yield a view of each block of the parameter, and its direction."""
            for p, m, v in blocks(param, state["m"], state["v"]):
                m_hat = m / (1 - beta1**t)
                v_hat = v / (1 - beta2**t)
                r = m_hat / (np.sqrt(v_hat) + eps)
                yield p, r + weight_decay * p if weight_decay else r

        # The directions are worked out twice, since the length of all of them must be
        # known before the first step: time, for no memory that grows with the network.
        p_square = d_square = 0.0
        for p, d in directions():
            p_square += _square(p)
            d_square += _square(d)
        low, high = bounds
        phi, length = min(max(math.sqrt(p_square), low), high), math.sqrt(d_square)
        trust = phi / length if phi > 0 and length > 0 else 1.0
        for p, d in directions():
            p -= lr * trust * d


def _square(x: Any) -> float:
    """Return the sum of squares, in double precision since it may be large."""
    return float(np.sum(np.square(x, dtype=np.float64)))
