"""Newton's method without a Hessian: only its products with vectors.

A step of Newton's method solves ``H d = -g``, with the gradient ``g`` and the Hessian
``H``. `hvp` gives ``H v`` for any ``v`` at the price of two backward passes, and the
method of conjugate gradients solves the equation with nothing but such products.
"""

# ruff: noqa: F401  the imports are for what you will write

import numpy as np

from pebblegrad.autograd import Tensor, grad, hvp


def conjugate_gradients(multiply, b, steps=50, tolerance=1e-10):
    """Return ``d`` with ``multiply(d) = b``, for a symmetric, positive matrix.

    Args:
        multiply: takes an array of the shape of ``b``, returns the matrix times it.
        b: an array of shape (D,).
        steps: at most so many products.
        tolerance: stop when the square of what is left is at most this.

    Begin with ``d = 0``, ``r = b`` (what is left) and ``p = r`` (the direction). Then
    again and again: ``Hp = multiply(p)``, ``alpha = r.r / p.Hp``, ``d += alpha p``,
    ``r_new = r - alpha Hp``, ``p = r_new + (r_new.r_new / r.r) p``.
    """
    raise NotImplementedError("conjugate_gradients(multiply, b) returns an array")


def newton(function, x, steps=10):
    """Return where ``function`` is lowest, from the array ``x`` of shape (D,) on.

    Args:
        function: takes a Tensor of shape (D,), returns a Tensor of one element.
        x: where to begin, in float64.
        steps: how many steps of Newton's method.
    """
    raise NotImplementedError("newton(function, x, steps) returns an array")
