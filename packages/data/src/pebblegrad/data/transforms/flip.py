"""Images seen in a mirror, some of them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from pebblegrad.data.transforms._transform import (
    Transform,
    check_images,
    checked_number,
)


class _RandomFlip(Transform):
    """Flips along one axis, whichever a subclass says."""

    _axis: int

    def __init__(self, p: float = 0.5) -> None:
        self.p = checked_number(type(self).__name__, "p", p, 0, 1)

    def change(self, X: NDArray[Any], rng: np.random.Generator) -> NDArray[Any]:
        """Flip each image with probability p."""
        check_images(type(self).__name__, X)
        flipped = rng.random(len(X)) < self.p
        out = X.copy()
        out[flipped] = np.flip(X[flipped], axis=self._axis)
        return out


class RandomHorizontalFlip(_RandomFlip):
    """Exchanges left and right, in each image of a batch with probability `p`.

    Right for photographs; a digit in a mirror is another sign.

    Args:
        p: in [0, 1].

    Raises:
        TypeError: `p` is no number, or X holds none.
        ValueError: `p` is not in [0, 1], or X is not (N, C, H, W) or (N, H, W).

    Example:
        >>> RandomHorizontalFlip(p=1.0)(np.array([[[1, 2], [3, 4]]]))
        array([[[2, 1],
                [4, 3]]])
    """

    _axis = -1


class RandomVerticalFlip(_RandomFlip):
    """Exchanges top and bottom, in each image of a batch with probability `p`.

    Args:
        p: in [0, 1].

    Raises:
        TypeError: `p` is no number, or X holds none.
        ValueError: `p` is not in [0, 1], or X is not (N, C, H, W) or (N, H, W).

    Example:
        >>> RandomVerticalFlip(p=1.0)(np.array([[[1, 2], [3, 4]]]))
        array([[[3, 4],
                [1, 2]]])
    """

    _axis = -2
