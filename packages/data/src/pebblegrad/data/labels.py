"""Class labels, as numbers and as one-hot rows.

A label is the number k of a class, 0 <= k < K. Its one-hot row has K entries: 1 at k
and 0 elsewhere. Cross-entropy takes either; a mean squared error needs the rows.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from pebblegrad.data._checks import at_least, is_integer


def one_hot(
    indices: ArrayLike, num_classes: int = -1, *, dtype: DTypeLike = np.float32
) -> NDArray[Any]:
    """Rows of zeros with a single one: ``out[..., k] = 1 where indices[...] == k``.

    Args:
        indices: shape (...), of an integer dtype, each 0 <= k < K: the classes.
        num_classes: K >= 1, the length of a row. By default (-1, as in PyTorch) the
            largest index and one more; but a batch need not hold every class, so give
            K where it is known.
        dtype: of the result, boolean, integer, float or complex. **PyTorch's rows are
            int64**; float32 is what a loss can use.

    Returns:
        Shape (..., K).

    Raises:
        TypeError: `indices` are not integers (booleans are not), or `num_classes` is
            not an integer, or `dtype` is not one of numbers.
        ValueError: an index is negative or not less than K, K is less than 1, or it is
            not given and there are no indices to take it from.

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
    wanted: Any = dtype
    try:
        # None is np.dtype's word for float64, and nobody's intention.
        numbers = wanted is not None and np.dtype(wanted).kind in "biufc"
    except TypeError:
        numbers = False
    if not numbers:
        raise TypeError(
            f"one_hot: dtype is {wanted!r}; needed is a dtype of numbers, such as "
            "float32"
        )
    is_given = not is_integer(num_classes) or num_classes != -1
    width = at_least("one_hot", "num_classes", num_classes, 1) if is_given else -1
    if width == -1 and classes.size == 0:
        raise ValueError(
            f"one_hot: indices have shape {classes.shape} and num_classes is not "
            "given; needed is at least one index to take it from; give num_classes"
        )
    if width == -1:
        width = max(int(classes.max()), 0) + 1
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
