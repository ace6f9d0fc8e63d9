"""From images to vectors."""

import math

from pebblegrad.autograd import Tensor
from pebblegrad.nn._module import Module


class Flatten(Module):
    """Joins the axes from `start_dim` to `end_dim` into one.

    Args:
        start_dim: the first axis to join; axis 0 is the batch and stays by default.
        end_dim: the last axis to join.

    Shape:
        (N, C, H, W) -> (N, C * H * W) by default.

    Example:
        >>> import numpy as np
        >>> from pebblegrad.autograd import Tensor
        >>> Flatten()(Tensor(np.zeros((2, 1, 28, 28)))).shape
        (2, 784)
    """

    def __init__(self, start_dim: int = 1, end_dim: int = -1) -> None:
        self.start_dim = start_dim
        self.end_dim = end_dim

    def forward(self, x: Tensor) -> Tensor:
        """Return the same elements with these axes as one."""
        first, last = self.start_dim, self.end_dim
        if not (-x.ndim <= first < x.ndim and -x.ndim <= last < x.ndim):
            raise ValueError(
                f"x has shape {x.shape}; axes {first} and {last} are needed"
            )
        first, last = first % x.ndim, last % x.ndim
        if first > last:
            raise ValueError(
                f"axis {first} to {last} of shape {x.shape} is no range of axes"
            )
        joined = math.prod(x.shape[first : last + 1])
        return x.reshape((*x.shape[:first], joined, *x.shape[last + 1 :]))

    def extra_repr(self) -> str:
        """Return the arguments, unless they are the defaults."""
        if (self.start_dim, self.end_dim) == (1, -1):
            return ""
        return f"{self.start_dim}, {self.end_dim}"
