"""Checks of arguments that callbacks and metrics share."""

import operator
from typing import Any


def positive_integer(who: str, name: str, value: Any) -> int:
    """Return an int from 1 on.

    Raises:
        ValueError: if it is anything else.
    """
    try:
        number = operator.index(value)
    except TypeError:
        number = 0
    if number < 1 or isinstance(value, bool):
        raise ValueError(f"{who}: {name} is {value!r}; an integer from 1 on is needed")
    return number


def number_from_zero(who: str, name: str, value: Any) -> float:
    """Return a finite number from 0 on.

    Raises:
        ValueError: if it is anything else.
    """
    if isinstance(value, str | bool) or not 0 <= value < float("inf"):
        raise ValueError(f"{who}: {name} is {value!r}; a number from 0 on is needed")
    return float(value)
