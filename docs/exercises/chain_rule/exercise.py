"""A neuron's gradients by hand, from the end to the beginning.

The neuron is ``out = tanh(w * x + b)`` on plain numbers. Write `gradients`.
"""

import math


def neuron(x, w, b):
    """Return ``tanh(w * x + b)``."""
    return math.tanh(w * x + b)


def gradients(x, w, b, g=1.0):
    """Return the gradients of ``x``, ``w`` and ``b``, in this order.

    ``g`` is the gradient that comes in from behind: how much the final result changes
    when ``out`` does. Begin there: through tanh, whose derivative is ``1 - out**2``;
    then through the sum, which hands on what it gets; then through the product.
    """
    raise NotImplementedError("gradients(x, w, b, g) returns three numbers")
