"""Lion: a step of the same length for every weight, and one average only."""

from typing import Any

import numpy as np

from pebblegrad.autograd import ops

from ._blocks import blocks
from ._checks import check_betas, check_flags, check_number
from ._optimizer import Optimizer
from ._packing import elementwise


class Lion(Optimizer):
    """Steps by the sign of the momentum.

    Mixes the average of past gradients with the present one,
    ``c = beta1 * m + (1 - beta1) * g``, and moves every weight by `lr` against the sign
    of ``c``. The average itself is slower: ``m = beta2 * m + (1 - beta2) * g``. It is
    all that is remembered, half of what `Adam` needs.

    Args:
        params: what to train; see `Optimizer`.
        lr: the learning rate, at least 0; the size of each step of each weight.
        betas: what part of ``m`` is in ``c``, and what part of it stays at each step,
            each from 0 to below 1.
        weight_decay: times `lr` the part of each weight that is taken off at each step,
            at least 0; decoupled, as `AdamW` has it.
        maximize: whether to climb instead of to descend; the decay shrinks all the
            same.

    PyTorch has no Lion. The betas are the paper's, `lr` and the decay of 0 those of its
    authors' code (https://github.com/google/automl, folder lion). All steps are of full
    length: the rate must be smaller than Adam's, 3 to 10 times by the authors, and the
    decay that much larger; and a rate that falls is needed to come to rest. A weight
    whose ``c`` is exactly zero stays.

    Example:
        >>> from pebblegrad.autograd import Tensor
        >>> p = Tensor([1.0, 1.0, 1.0], requires_grad=True)
        >>> p.grad = [100.0, -0.01, 0.0]
        >>> Lion([p], lr=0.1).step()
        >>> p.data
        array([0.9, 1.1, 1. ], dtype=float32)

    Reference:
        Chen, Liang, Huang, Real, Wang, Pham, Dong, Luong, Hsieh, Lu, Le 2023, "Symbolic
        discovery of optimization algorithms", algorithm 2;
        https://arxiv.org/abs/2302.06675
    """

    def __init__(
        self,
        params: Any,
        lr: float = 1e-4,
        betas: tuple[float, float] = (0.9, 0.99),
        weight_decay: float = 0.0,
        *,
        maximize: bool = False,
    ) -> None:
        super().__init__(
            params, lr=lr, betas=betas, weight_decay=weight_decay, maximize=maximize
        )

    def check(
        self, *, lr: float, betas: Any, weight_decay: float, maximize: bool
    ) -> None:
        """Raise unless the options are in range."""
        check_number("Lion", "lr", lr)
        check_betas("Lion", betas)
        check_number("Lion", "weight_decay", weight_decay)
        check_flags("Lion", maximize=maximize)

    def start(self, param: Any, **options: Any) -> dict[str, Any]:
        """Return the average."""
        return {"m": ops.zeros_like(param)}

    @elementwise
    def update(
        self,
        param: Any,
        grad: Any,
        state: dict[str, Any],
        *,
        lr: float,
        betas: tuple[float, float],
        weight_decay: float,
        maximize: bool,
    ) -> None:
        """Change parameters in place, each element by itself."""
        beta1, beta2 = betas
        for p, g, m in blocks(param, grad, state["m"]):
            if maximize:
                g = -g
            if weight_decay:
                p *= 1 - lr * weight_decay
            c = beta1 * m + (1 - beta1) * g
            p -= lr * np.sign(c)
            m += (1 - beta2) * (g - m)  # beta2 * m + (1 - beta2) * g
