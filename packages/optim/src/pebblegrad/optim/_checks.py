"""Checks of options, which optimizers and schedules share."""

import math
import operator
from typing import Any

import numpy as np


def check_number(
    who: str, name: str, value: Any, low: float = 0.0, high: float = math.inf
) -> None:
    """Raise unless `value` is a number and `low <= value < high`."""
    if isinstance(value, bool) or not isinstance(
        value, int | float | np.integer | np.floating
    ):
        raise TypeError(f"{who}: {name} is {value!r}; a number is needed")
    if not low <= value < high:
        needed = "finite" if low == -math.inf else f"at least {low:g}"
        if high < math.inf:
            needed += f" and below {high:g}"
        elif low > -math.inf:
            needed += ", finite"
        raise ValueError(f"{who}: {name} is {value!r}; it must be {needed}")


def check_betas(who: str, betas: Any) -> None:
    """Raise unless `betas` is a pair of numbers from 0 to below 1."""
    if not isinstance(betas, tuple | list) or len(betas) != 2:
        raise TypeError(f"{who}: betas is {betas!r}; a pair of numbers is needed")
    check_number(who, "betas[0]", betas[0], high=1.0)
    check_number(who, "betas[1]", betas[1], high=1.0)


def check_flags(who: str, **flags: Any) -> None:
    """Raise unless each of the flags, by name, is a boolean."""
    for name, value in flags.items():
        if not isinstance(value, bool | np.bool):
            raise TypeError(f"{who}: {name} is {value!r}; True or False is needed")


def check_integer(who: str, name: str, value: Any, low: int = 1) -> int:
    """Return `value` as an int, if it is one from `low` on."""
    try:
        number = operator.index(value)
    except TypeError:
        number = None
    if number is None or isinstance(value, bool | np.bool):
        raise TypeError(f"{who}: {name} is {value!r}; an integer is needed")
    if number < low:
        raise ValueError(f"{who}: {name} is {number}; it must be at least {low}")
    return number
