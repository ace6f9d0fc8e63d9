"""Numbers that are none: where in a step the first NaN or infinity appeared."""

import math
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from pebblegrad.autograd import Tensor, detect_anomaly

ADVICE = (
    "the weights are those from before this step; a smaller learning rate, "
    "ClipGradients, or inputs scaled to about -1 to 1 usually help"
)


class NonFiniteError(FloatingPointError):
    """A loss or a gradient was NaN or infinite; training has stopped before the step.

    Attributes:
        history: the numbers of the epochs until then.
    """

    history: Any = None


def faulty(loss: float, params: Iterable[Tensor]) -> str | None:
    """Say what is not finite, the loss or a gradient; None if all is well."""
    if not math.isfinite(loss):
        return f"the loss is {loss}"
    for param in params:
        gradient = param.grad
        if gradient is None:
            continue
        g = gradient.data
        # The sum is NaN or infinite if an element is; it may also overflow by itself.
        with np.errstate(all="ignore"):
            suspect = not math.isfinite(g.sum())
        if suspect and not np.isfinite(g).all():
            return f"a gradient of shape {g.shape} is not finite"
    return None


def first_op(again: Callable[[], Any]) -> str:
    """Make a step's forward and backward pass again, watched; say where it went wrong.

    Args:
        again: computes the loss anew, from the same numbers, and its gradients.
    """
    try:
        with detect_anomaly(), np.errstate(all="ignore"):
            again()
    except FloatingPointError as error:
        return str(error)
    return "when the step was repeated, with every op watched, all numbers were finite"
