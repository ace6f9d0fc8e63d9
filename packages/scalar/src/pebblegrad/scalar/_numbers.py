"""Functions of plain numbers that have no gaps, and the errors where there are some.

Python's own functions raise errors of three kinds when there is no answer, and a
negative number to a fractional power becomes complex without a word. Here the answers
are those of IEEE 754, an infinity or a NaN, as in any deep learning library. `defined`
then turns an answer that is not finite, though all that went in was, into one clear
error.
"""

from __future__ import annotations

import math
import numbers
from typing import Any

_HINTS = {
    "**": "0 has no negative power, a negative number no fractional one, and the "
    "largest float is 1.8e308",
    "exp": "x must be at most 709.78, as the largest float is 1.8e308; in a softmax "
    "subtract the largest input first",
    "log": "x must be above 0; where it may be 0 add a little, (x + 1e-12).log()",
}


def as_number(data: Any, who: str = "Tensor") -> float:
    """Return a number of any kind as an int or a float.

    Raises:
        TypeError: if it is not a single real number.
    """
    if isinstance(data, numbers.Integral):  # also True, also NumPy's
        return int(data)
    if isinstance(data, numbers.Real):
        return float(data)
    if type(data).__name__ == "Tensor":
        given, hint = "a Tensor", "take it as it is, or give its number, float(x)"
    elif hasattr(data, "__iter__") and not isinstance(data, str):
        given, hint = f"a {type(data).__name__}", "make a Tensor of each element"
    else:
        given, hint = f"{data!r}, a {type(data).__name__}", "give an int or a float"
    raise TypeError(f"{who}: data is {given}; a single real number is needed; {hint}")


def defined(op: str, out: float, x: float, y: float | None = None) -> float:
    """Return the result of an op, unless there is none.

    Args:
        op: a key of the hints above.
        out: the result.
        x: what it was computed from.
        y: the second operand, if there is one.

    Raises:
        ValueError: if `out` is infinite or NaN, though the operands are neither.
    """
    if math.isfinite(out) or not math.isfinite(x) or not math.isfinite(y or 0):
        return out
    operands = f"x is {x}" if y is None else f"x is {x} and y is {y}"
    raise ValueError(f"{op}: {operands}; that has no finite result; {_HINTS[op]}")


def divide(x: float, y: float) -> float:
    """Return ``x / y``.

    Raises:
        ValueError: if `y` is 0, or no float can hold the result.
    """
    try:
        return x / y
    except (ZeroDivisionError, OverflowError):
        raise ValueError(
            f"/: x is {x} and y is {y}; that has no finite result; y must not be 0"
        ) from None


def power(x: float, y: float) -> float:
    """Return ``x ** y``; NaN if that is not real, an infinity if it is too large."""
    try:
        out = x**y
    except ZeroDivisionError:  # 0 to a negative power
        return math.inf
    except OverflowError:
        return -math.inf if x < 0 and y % 2 == 1 else math.inf
    return math.nan if isinstance(out, complex) else out


def exp(x: float) -> float:
    """Return e to the power `x`; infinite if that is too large."""
    try:
        return math.exp(x)
    except OverflowError:
        return math.inf


def log(x: float) -> float:
    """Return the natural logarithm of `x`; minus infinity of 0, NaN below."""
    if x > 0:
        return math.log(x)
    return -math.inf if x == 0 else math.nan


def sigmoid(x: float) -> float:
    """Return ``1 / (1 + exp(-x))`` by the form whose `exp` cannot overflow."""
    return 1 / (1 + math.exp(-x)) if x >= 0 else (e := math.exp(x)) / (1 + e)
