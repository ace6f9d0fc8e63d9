"""Class labels, as numbers and as one-hot rows.

A label is the number k of a class, 0 <= k < K. Its one-hot row has K entries: 1 at k
and 0 elsewhere. Cross-entropy takes either; a mean squared error needs the rows.
"""

from __future__ import annotations

import operator
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray


def one_hot(
    indices: ArrayLike, num_classes: int, *, dtype: DTypeLike = np.float32
) -> NDArray[Any]:
    """Rows of zeros with a single one: ``out[..., k] = 1 where indices[...] == k``.

    Args:
        indices: shape (...), of an integer dtype, each 0 <= k < K: the classes.
        num_classes: K >= 1, the length of a row.
        dtype: of the result.

    Returns:
        Shape (..., K).

    Raises:
        TypeError: `indices` are not integers (booleans are not), or `num_classes` is
            not an integer.
        ValueError: an index is negative or not less than K, or K is less than 1.

    Example:
        >>> one_hot([2, 0], 3)
        array([[0., 0., 1.],
               [1., 0., 0.]], dtype=float32)
    """
    classes = np.asarray(indices)
    if classes.size == 0:
        classes = classes.astype(np.intp)  # an empty list has no dtype of its own
    if not np.issubdtype(classes.dtype, np.integer):
        raise TypeError(
            f"one_hot: indices have dtype {classes.dtype}; needed are integers, the "
            "numbers of the classes"
        )
    if isinstance(num_classes, bool) or not hasattr(num_classes, "__index__"):
        raise TypeError(
            f"one_hot: num_classes is {num_classes!r}; needed is an integer, at least 1"
        )
    width = operator.index(num_classes)
    if width < 1:
        raise ValueError(f"one_hot: num_classes is {width}; needed is at least 1")
    wrong = (classes < 0) | (classes >= width)
    if wrong.any():
        where = np.unravel_index(np.argmax(wrong), classes.shape)
        place = f"indices[{', '.join(map(str, where))}]" if where else "indices"
        raise ValueError(
            f"one_hot: {place} is {classes[where]}; needed is 0 <= index < "
            f"{width} (num_classes)"
        )

    out = np.zeros((classes.size, width), dtype=dtype)
    out[np.arange(classes.size), classes.reshape(-1)] = 1
    return out.reshape(*classes.shape, width)
