"""Newton's method without a Hessian: only its products with vectors."""

import numpy as np

from pebblegrad.autograd import Tensor, grad, hvp


def conjugate_gradients(multiply, b, steps=50, tolerance=1e-10):
    """Return ``d`` with ``multiply(d) = b``, for a symmetric, positive matrix."""
    d = np.zeros_like(b)
    r, p = b.copy(), b.copy()
    left = r @ r
    for _ in range(steps):
        if left <= tolerance:
            break
        product = multiply(p)
        alpha = left / (p @ product)
        d += alpha * p
        r -= alpha * product
        before, left = left, r @ r
        p = r + left / before * p
    return d


def newton(function, x, steps=10):
    """Return where ``function`` is lowest, from the array ``x`` of shape (D,) on."""
    for _ in range(steps):
        here = Tensor(x)
        x = x + conjugate_gradients(
            lambda v, here=here: hvp(function, here, Tensor(v)).data,
            -grad(function)(here).data,
        )
    return x
