"""Adam, as in the paper."""

import numpy as np

from pebblegrad.optim import Optimizer


class Adam(Optimizer):
    """Steps along the mean of the gradients, divided by the root of their squares."""

    def __init__(self, params, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
        super().__init__(params, lr=lr, beta1=beta1, beta2=beta2, eps=eps)

    def start(self, param, **options):
        """Return what is remembered before the first step."""
        return {"t": 0, "m": np.zeros_like(param), "v": np.zeros_like(param)}

    def update(self, param, grad, state, *, lr, beta1, beta2, eps):
        """Change one parameter in place."""
        state["t"] += 1
        m, v, t = state["m"], state["v"], state["t"]
        m[...] = beta1 * m + (1 - beta1) * grad
        v[...] = beta2 * v + (1 - beta2) * grad**2
        m_hat = m / (1 - beta1**t)
        v_hat = v / (1 - beta2**t)
        param -= lr * m_hat / (np.sqrt(v_hat) + eps)
