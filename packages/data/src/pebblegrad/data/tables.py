"""From the columns of a table to what a network takes: X, y and the names of classes.

A table, as `read_csv` gives it, is a dict of columns. Which of them is to be learned is
the one thing that only the user knows; the others become the features.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from pebblegrad.data._toys import checked_dtype


def table_arrays(
    columns: Mapping[str, ArrayLike],
    target: str,
    *,
    features: Sequence[str] | None = None,
    dtype: DTypeLike = np.float32,
) -> tuple[NDArray[Any], NDArray[Any], tuple[str, ...]]:
    """What a network takes: the columns of numbers as X, and one column as y.

    Args:
        columns: for each name an array (N,), as `read_csv` gives them.
        target: the name of the column to learn.
        features: the names of the columns of X, in their order; by default all but the
            target.
        dtype: a float dtype, of X, and of y if the target is one of floats.

    Returns:
        X of shape (N, D). If the target is text: y of shape (N,), int64, and the names
        of the classes 0, 1, ..., sorted. If it is integers, y is int64 as they are, and
        there are no names; if it is floats, y is of `dtype`.

    Raises:
        TypeError: `dtype` is None, or a feature is text.
        ValueError: a name is not that of a column, `target` is a feature, there are no
            features, the columns differ in length, or `dtype` is not a float dtype.

    Example:
        >>> columns = {"a": [1, 2], "b": [0.5, 1.5], "kind": ["pear", "apple"]}
        >>> X, y, classes = table_arrays(columns, target="kind")
        >>> X
        array([[1. , 0.5],
               [2. , 1.5]], dtype=float32)
        >>> y, classes
        (array([1, 0]), ('apple', 'pear'))
    """
    who = "table_arrays"
    kind = checked_dtype(who, dtype)
    if not isinstance(columns, Mapping):
        raise TypeError(
            f"{who}: columns are of type {type(columns).__name__}; needed is a dict of "
            "a name and an array for each column, as read_csv gives it"
        )
    arrays = {name: np.asarray(column) for name, column in columns.items()}
    chosen = [n for n in arrays if n != target] if features is None else list(features)
    if isinstance(features, str):
        raise TypeError(
            f"{who}: features is the string {features!r}; needed is a list of names"
        )
    for name in (target, *chosen):
        if name not in arrays:
            raise ValueError(
                f"{who}: there is no column {name!r}; needed is one of "
                f"{', '.join(map(repr, arrays))}"
            )
    if not chosen or target in chosen:
        raise ValueError(
            f"{who}: the features are {chosen} and the target is {target!r}; needed is "
            "at least one feature, and a target that is none of them"
        )
    for name in (target, *chosen):
        if arrays[name].shape != (len(arrays[target]),):
            raise ValueError(
                f"{who}: the column {name!r} has shape {arrays[name].shape}; needed is "
                f"{(len(arrays[target]),)}, as of the target"
            )
    for name in chosen:
        if arrays[name].dtype.kind not in "biuf":
            raise TypeError(
                f"{who}: the feature {name!r} has dtype {arrays[name].dtype}; needed "
                "are numbers; leave it out with features=[...], or make it numbers"
            )
    X = np.stack([arrays[name].astype(kind) for name in chosen], axis=1)
    y = arrays[target]
    if y.dtype.kind == "U":
        classes, numbers = np.unique(y, return_inverse=True)
        return X, numbers.astype(np.int64), tuple(classes.tolist())
    return X, y.astype(kind if y.dtype.kind == "f" else np.int64), ()
