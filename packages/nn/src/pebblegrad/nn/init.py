"""Initial values, written into a Tensor in place.

They are drawn in float64 and rounded to the Tensor's dtype, so that a seed gives the
same network in every precision.
"""

import numpy as np

from pebblegrad.autograd import Tensor, generator


def uniform_(
    tensor: Tensor,
    low: float = 0.0,
    high: float = 1.0,
    *,
    rng: np.random.Generator | int | None = None,
) -> Tensor:
    """Fill with numbers drawn evenly from [low, high).

    Args:
        tensor: any shape; its values are overwritten.
        low: the least number.
        high: the bound above.
        rng: a Generator, a seed, or None for the default generator.

    Returns:
        `tensor`.
    """
    tensor.data[...] = generator(rng).uniform(low, high, tensor.shape)
    return tensor
