"""From images to vectors, and back."""

import math
from typing import Any

from pebblegrad.autograd import Tensor, ops
from pebblegrad.nn._arguments import integer, integers
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


class Unflatten(Module):
    """Parts one axis into several.

    Args:
        dim: the axis to part.
        unflattened_size: the sizes of the axes that it becomes; one of them may be -1,
            for what is left.

    Shape:
        (N, C * H * W) -> (N, C, H, W) with ``Unflatten(1, (C, H, W))``.

    Raises:
        ValueError: when called, if the axis is not there or has not as many elements.

    Example:
        >>> import numpy as np
        >>> from pebblegrad.autograd import Tensor
        >>> Unflatten(1, (3, 2, -1))(Tensor(np.zeros((5, 24)))).shape
        (5, 3, 2, 4)
    """

    def __init__(self, dim: int, unflattened_size: tuple[int, ...]) -> None:
        self.dim = integer("Unflatten", "dim", dim, -64)
        given: Any = unflattened_size
        sizes = tuple(given) if isinstance(given, tuple | list) else (given,)
        name = "unflattened_size"
        self.unflattened_size = integers("Unflatten", name, sizes, len(sizes), -1)

    def forward(self, x: Tensor) -> Tensor:
        """Return the same elements with one axis as several."""
        if not -x.ndim <= self.dim < x.ndim:
            raise ValueError(f"x has shape {x.shape}; there is no axis {self.dim}")
        dim, sizes = self.dim % x.ndim, self.unflattened_size
        known = math.prod(size for size in sizes if size != -1)
        if -1 in sizes and known and not x.shape[dim] % known:
            sizes = tuple(x.shape[dim] // known if s == -1 else s for s in sizes)
        if math.prod(sizes) != x.shape[dim] or min(sizes, default=1) < 0:
            raise ValueError(
                f"x has shape {x.shape}; the {x.shape[dim]} elements of axis {dim} "
                f"cannot become {self.unflattened_size}"
            )
        return ops.reshape(x, (*x.shape[:dim], *sizes, *x.shape[dim + 1 :]))

    def extra_repr(self) -> str:
        """Return the arguments."""
        return f"{self.dim}, {self.unflattened_size}"
