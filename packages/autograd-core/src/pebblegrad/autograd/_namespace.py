"""Which array library do these values belong to?

Every forward and every rule is written against `xp`: NumPy for NumPy's arrays, another
library of the Array API standard for its arrays, and our own `ops` when the values are
Tensors. This file is the only one that knows how to tell.
"""

from __future__ import annotations

from typing import Any

import numpy as np

Array = Any  # whatever `xp` makes; the libraries have no common type to name

NUMBERS = (bool, int, float)


def namespace(arrays: list[Array]) -> Any:
    """Return the library that the first array among `arrays` belongs to.

    Python numbers and None belong to none; NumPy serves when there is nothing else.
    """
    for array in arrays:
        if type(array) is np.ndarray:
            return np
        if isinstance(array, np.generic):  # what NumPy makes of 0-d results
            return np
        if array is None or isinstance(array, NUMBERS):
            continue
        return array.__array_namespace__()
    return np


def cast(xp: Any, x: Array, dtype: Any) -> Array:
    """Return `x` with another dtype, or `x` itself when it has that dtype."""
    if x.dtype == dtype:
        return x
    if hasattr(x, "astype"):  # NumPy has the function only since 2.1, the method always
        return x.astype(dtype)
    return xp.astype(x, dtype)


def kind(array: Array) -> str:
    """Return the kind of an array's dtype: "f", "i", "u", "b", "c", or another."""
    found: str | None = getattr(array.dtype, "kind", None)
    if found is not None:
        return found
    xp = array.__array_namespace__()  # not NumPy: the standard's own way
    names = {"f": "real floating", "b": "bool", "i": "integral"}
    kinds = [k for k, name in names.items() if xp.isdtype(array.dtype, name)]
    return kinds[0] if kinds else "c"
