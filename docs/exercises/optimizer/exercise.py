"""Adam, as in the paper.

An optimizer is a class that writes `update`, one parameter's step, in place on arrays;
`start` says what is remembered of a parameter before the first step.
"""

import numpy as np

from pebblegrad.optim import Optimizer


class Adam(Optimizer):
    """Steps along the mean of the gradients, divided by the root of their squares.

    Args:
        params: what to train.
        lr: the learning rate.
        beta1, beta2: what part of each mean stays at each step.
        eps: added to the denominator.
    """

    def __init__(self, params, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
        super().__init__(params, lr=lr, beta1=beta1, beta2=beta2, eps=eps)

    def start(self, param, **options):
        """Return what is remembered before the first step: ``t``, ``m`` and ``v``."""
        return {"t": 0, "m": np.zeros_like(param), "v": np.zeros_like(param)}

    def update(self, param, grad, state, *, lr, beta1, beta2, eps):
        """Change one parameter in place.

        Algorithm 1 of Kingma and Ba 2015, https://arxiv.org/abs/1412.6980. Write into
        ``param``, ``state["m"]`` and ``state["v"]`` with ``-=``, ``*=`` or ``[...] =``;
        leave ``grad`` as it is. Divide both means by ``1 - beta**t``: at the start they
        are too small.
        """
        raise NotImplementedError("update(param, grad, state, ...) writes into param")
