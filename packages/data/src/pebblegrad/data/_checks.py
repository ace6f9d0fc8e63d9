"""The rule for an argument that counts something: an integer, and at least so many.

Whatever Python takes for an index is an integer, NumPy's included; a float is not, even
if it is a whole one, and neither is True.
"""

from __future__ import annotations

import operator
from typing import Any, SupportsIndex, TypeGuard

import numpy as np


def is_integer(given: Any) -> TypeGuard[SupportsIndex]:
    """Whether `given` is an integer; booleans are none."""
    if isinstance(given, bool | np.bool):
        return False
    try:
        operator.index(given)
    except TypeError:  # an array has the method, and only some have the answer
        return False
    return True


def at_least(who: str, name: str, given: Any, low: int) -> int:
    """`given`, an argument called `name`, as an int, if it is an integer >= `low`.

    Raises:
        TypeError: it is no integer.
        ValueError: it is less than `low`.
    """
    if not is_integer(given):
        raise TypeError(
            f"{who}: {name} is {given!r}; needed is an integer, at least {low}"
        )
    number = operator.index(given)
    if number < low:
        raise ValueError(f"{who}: {name} is {number}; needed is at least {low}")
    return number
