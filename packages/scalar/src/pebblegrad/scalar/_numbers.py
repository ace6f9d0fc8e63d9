"""Functions of plain numbers that have no gaps, and the errors where there are some.

Python's own functions raise errors of three kinds when there is no answer, and a
negative number to a fractional power becomes complex without a word. Here the answers
are those of IEEE 754, an infinity or a NaN, as in any deep learning library. `defined`
then turns an answer that is not finite, though all that went in was, into one clear
error.

An integer stays one, as long as there is a float of its size: one that is larger could
be added to no float, and `math.exp` would not take it.
"""

from __future__ import annotations

import math
import numbers
from typing import Any

_HINTS = {
    "/": "y must not be 0, and the largest float is 1.8e308",
    "**": "0 has no negative power, a negative number no fractional one, and the "
    "largest float is 1.8e308",
    "exp": "x must be at most 709.78, as the largest float is 1.8e308; in a softmax "
    "subtract the largest input first",
    "log": "x must be above 0; where it may be 0 add a little, (x + 1e-12).log()",
}
_SURELY_SMALL = 2**1000  # the largest float is nearly 2**1024


def as_number(data: Any, who: str = "Tensor", name: str = "data") -> float:
    """Return a number of any kind, also NumPy's, as an int or a float.

    Args:
        data: the number.
        who: begins the message of an error.
        name: what the argument is called there.

    Raises:
        TypeError: if it is not a single real number.
        ValueError: if it is larger than any float.
    """
    if type(data) is int and -_SURELY_SMALL < data < _SURELY_SMALL:
        return data
    number = data.item() if _of_numpy(data) else data
    if not isinstance(number, numbers.Real):
        raise TypeError(f"{who}: {name} is {_what_it_is_instead(data)}")
    try:
        size = float(number)
    except OverflowError:
        raise ValueError(
            f"{who}: {name} is {kind_of(data)} of more than 308 digits; a number up to "
            "1.8e308 was needed, the largest float; begin with a float, 2.0 for 2, if "
            "an infinity will do"
        ) from None
    return int(number) if isinstance(number, numbers.Integral) else size


def kind_of(value: Any) -> str:
    """Return "an int", "a list" and so on."""
    name = type(value).__name__
    return f"{'an' if name[0] in 'aeiouAEIOU' or name == 'ndarray' else 'a'} {name}"


def _of_numpy(data: Any) -> bool:
    """Tell NumPy's single numbers, also in arrays without axes; but no Tensor."""
    single = getattr(data, "shape", None) == () and hasattr(data, "item")
    return single and type(data).__name__ != "Tensor"


def _what_it_is_instead(data: Any) -> str:
    if type(data).__name__ == "Tensor":
        given, hint = "a Tensor", "take it as it is, or give its number, float(x)"
    elif hasattr(data, "__iter__") and not isinstance(data, str):
        given, hint = kind_of(data), "make a Tensor of each element"
    else:
        given, hint = f"{data!r}, {kind_of(data)}", "give an int or a float"
    return f"{given}; a single real number is needed; {hint}"


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
    raise _undefined(op, x, y)


def _undefined(op: str, x: float, y: float | None) -> ValueError:
    operands = f"x is {x}" if y is None else f"x is {x} and y is {y}"
    return ValueError(f"{op}: {operands}; that has no finite result; {_HINTS[op]}")


def divide(x: float, y: float) -> float:
    """Return ``x / y``.

    Raises:
        ValueError: if `y` is 0, or no float can hold the result.
    """
    if y == 0:  # whatever x is: the derivatives would not be finite either
        raise _undefined("/", x, y)
    return defined("/", x / y, x, y)


def power(x: float, y: float) -> float:
    """Return ``x ** y``; NaN if that is not real, an infinity if it is too large."""
    try:
        out = float(x) ** y
    except ZeroDivisionError:  # 0 to a negative power
        return math.inf
    except OverflowError:
        return -math.inf if x < 0 and y % 2 == 1 else math.inf
    if isinstance(out, complex):
        return math.nan
    # Of integers only now: without a limit to its size a power can take for ever.
    integers = isinstance(x, int) and isinstance(y, int)
    return x**y if integers else out  # type: ignore[no-any-return]


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
