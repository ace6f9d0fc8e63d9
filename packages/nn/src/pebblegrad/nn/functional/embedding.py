"""From integers to vectors: rows of a table, and ones among zeros."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from pebblegrad.autograd import Tensor, get_default_dtype, ops
from pebblegrad.nn._arguments import integer, shape_of


def embedding(indices: Any, weight: Any, padding_idx: int | None = None) -> Any:
    """Return the row of a table for each index.

    Args:
        indices: integers of any shape, from 0 to K - 1.
        weight: shape (K, D): the table.
        padding_idx: the index whose row gets no gradient; a negative one counts from
            the end.

    Returns:
        The shape of `indices`, followed by D.

    Raises:
        TypeError: if `indices` are no integers, or the table is no array.
        ValueError: if one is not in the table, or the table has not two axes.

    Example:
        >>> import numpy as np
        >>> embedding([2, 0], np.array([[0.0, 0.0], [1.0, 1.0], [2.0, 2.0]]))
        array([[2., 2.],
               [0., 0.]])
    """
    shape_of("embedding", "weight", weight)
    if len(weight.shape) != 2:
        raise ValueError(
            f"embedding: weight has shape {tuple(weight.shape)}; a table of shape (K, "
            "D) is needed"
        )
    count = weight.shape[0]
    places = _indices("embedding", indices, count, f"weight has {count} rows")
    rows = ops.take(weight, places, axis=0)
    if padding_idx is None:
        return rows
    is_padding = (places == padding_place(padding_idx, count))[..., None]
    if not isinstance(rows, Tensor) or not is_padding.any():
        return rows
    return ops.where(is_padding, rows.detach(), rows)


def one_hot(indices: Any, num_classes: int = -1) -> Any:
    """Return a row of zeros with a single 1, at the index, for each index.

    Args:
        indices: integers of any shape.
        num_classes: K, how long the rows are; -1 for the largest index and one more.

    Returns:
        The shape of `indices`, followed by K, in the default float dtype; a plain
        array, for no gradient flows to an index.

    Raises:
        TypeError: if `indices` are no integers.
        ValueError: if one is negative, or not below `num_classes`, or `num_classes` is
            neither positive nor -1.

    Example:
        >>> one_hot([2, 0])
        array([[0., 0., 1.],
               [1., 0., 0.]], dtype=float32)
    """
    array = _integers("one_hot", indices)
    if num_classes == -1:
        if not array.size:
            raise ValueError(
                "one_hot: there are no indices to count the classes by; give "
                "num_classes"
            )
        if array.min() < 0:
            raise ValueError(
                f"one_hot: indices go from {array.min()} to {array.max()}; they must "
                "be 0 or more"
            )
        num_classes = int(array.max()) + 1
    else:
        num_classes = integer("one_hot", "num_classes", num_classes)
    array = _indices("one_hot", array, num_classes, f"there are {num_classes} classes")
    return (array[..., None] == np.arange(num_classes)).astype(get_default_dtype())


def padding_place(padding_idx: int, count: int) -> int:
    """Return the place of the padding from 0.

    Raises:
        ValueError: if there is no such row.
    """
    try:
        place = operator.index(padding_idx)
    except TypeError:
        place = count  # which is no row
    if not -count <= place < count:
        raise ValueError(
            f"embedding: padding_idx is {padding_idx!r}; an index of one of {count} "
            f"rows is needed, from {-count} to {count - 1}"
        )
    return place % count


def _indices(who: str, indices: Any, count: int, what: str) -> Any:
    """Return integers, each at least 0 and below `count`."""
    array = _integers(who, indices)
    if array.size and (array.min() < 0 or array.max() >= count):
        raise ValueError(
            f"{who}: indices go from {array.min()} to {array.max()}; they must be from "
            f"0 to {count - 1}: {what}"
        )
    return array


def _integers(who: str, indices: Any) -> Any:
    try:
        array = np.asarray(indices.data if isinstance(indices, Tensor) else indices)
    except ValueError:
        raise ValueError(
            f"{who}: indices are lists of different lengths; all must have one length: "
            "fill the short ones up, see padding_idx of Embedding"
        ) from None
    if array.size == 0 and not hasattr(indices, "dtype"):
        return array.astype(int)  # an empty list
    if array.dtype.kind not in "iu":
        raise TypeError(
            f"{who}: indices are {array.dtype}; integers are needed: "
            'a list of ints, or an array or Tensor with dtype="int64"'
        )
    return array
