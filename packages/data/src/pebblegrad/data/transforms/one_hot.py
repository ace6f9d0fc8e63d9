"""Class numbers of a batch as one-hot rows."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from pebblegrad.data.labels import one_hot


class OneHot:
    """Makes one-hot rows of the last array of a batch, the class numbers.

    A data set then holds one small integer per sample, and no row of K floats.

    Args:
        num_classes: K >= 1, the length of a row.
        dtype: of the rows.

    Raises:
        TypeError: `num_classes` is not an integer, or the last array holds none.
        ValueError: K is less than 1, or a class is not in [0, K).

    Shape:
        Last array: (N,) -> (N, K). The others are handed on.

    Example:
        >>> X, rows = OneHot(3)(np.zeros((2, 5)), np.array([2, 0]))
        >>> rows
        array([[0., 0., 1.],
               [1., 0., 0.]], dtype=float32)
    """

    def __init__(self, num_classes: int, *, dtype: DTypeLike = np.float32) -> None:
        one_hot([], num_classes, dtype=dtype)  # which checks both
        self.num_classes = num_classes
        self.dtype = np.dtype(dtype)

    def __call__(
        self, *arrays: Any, rng: int | np.random.Generator | None = None
    ) -> Any:
        """Transform a batch: see `Transform`. Nothing is drawn from `rng`."""
        if not arrays:
            raise TypeError("OneHot: no arrays were given; needed is a batch")
        *others, classes = arrays
        rows = one_hot(classes, self.num_classes, dtype=self.dtype)
        return (*others, rows) if others else rows

    def __repr__(self) -> str:
        return f"OneHot({self.num_classes}, dtype={self.dtype.name})"
