"""Arguments that hold numbers, as arrays.

Everything that a user may hold numbers in is taken: lists, arrays, Tensors (ours, or
another's that has `detach`), lists of Tensors. What comes back is an array of NumPy,
which shares nothing that matters: no picture writes into it.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pebblegrad.viz._printable import printable
from pebblegrad.viz._target import FORMS

Array = NDArray[Any]
Floats = NDArray[np.float64]


def read_array(value: Any, who: str, name: str, needed: str) -> Array:
    """Return real numbers as an array of their own dtype and shape.

    Args:
        value: what the user gave.
        who: how an error message begins.
        name: of the argument.
        needed: what an error message says was needed.

    Raises:
        TypeError: if it holds no real numbers.
        ValueError: if its rows are of different lengths.

    Example:
        >>> read_array([[1, 2], [3, 4]], "plot", "x", "numbers").shape
        (2, 2)
    """
    try:
        array = np.asarray(_plain(value))
    except ValueError as error:  # NumPy's words for a ragged list
        raise ValueError(
            f"{who}: {name} has parts of different lengths; {needed}"
        ) from error
    if array.dtype.kind not in "biuf":
        what = f"of type {type(value).__name__}"
        if hasattr(value, "dtype"):
            what += f" and dtype {value.dtype}"
        elif isinstance(value, list | tuple):
            kinds = sorted({type(part).__name__ for part in value})
            what += f" with {' and '.join(kinds[:3])} in it"
        raise TypeError(f"{who}: {name} is {what}; {needed}")
    return array


def read_floats(value: Any, who: str, name: str, needed: str) -> Floats:
    """Return real numbers as float64, of any shape; the errors are `read_array`'s."""
    return read_array(value, who, name, needed).astype(np.float64)


def read_whole(value: Any, who: str, name: str, low: int) -> int:
    """Return a whole number that is at least `low`.

    Raises:
        TypeError: if it is no whole number.
        ValueError: if it is too small.
    """
    if isinstance(value, bool) or not hasattr(value, "__index__"):
        raise TypeError(
            f"{who}: {name} is {value!r} of type {type(value).__name__}; a whole "
            f"number of at least {low} was needed"
        )
    number = int(value.__index__())
    if number < low:
        raise ValueError(f"{who}: {name} is {number}; at least {low} was needed")
    return number


def read_number(value: Any, who: str, name: str, *, positive: bool = False) -> float:
    """Return one finite number; a Tensor or an array of one element counts.

    Raises:
        TypeError: if it is no number.
        ValueError: if it holds several, or is not finite, or not positive.
    """
    needed = f"one {'positive ' * positive}finite number was needed"
    if isinstance(value, bool | np.bool_):  # a switch in the wrong place
        raise TypeError(f"{who}: {name} is {value!r} of type bool; {needed}")
    array = read_array(value, who, name, needed)
    if array.size != 1:
        raise ValueError(f"{who}: {name} has shape {array.shape}; {needed}")
    number = float(array.reshape(())[()])
    if not np.isfinite(number) or (positive and number <= 0):
        raise ValueError(f"{who}: {name} is {number:g}; {needed}")
    return number


def read_names(names: Any, who: str, name: str, count: int, of: str) -> list[str]:
    """Return as many names as there are things, as strings of one line.

    Args:
        names: whatever has a text: strings, numbers.
        who: how an error message begins.
        name: of the argument.
        count: how many are needed.
        of: what they are the names of, such as "classes".

    Raises:
        TypeError: if it is no list.
        ValueError: if it has another length.
    """
    if isinstance(names, str | bytes) or not isinstance(names, Iterable):
        slip = isinstance(names, str) and names.lower().endswith(FORMS)
        advice = f"; say filename={names!r}" if slip else ""
        raise TypeError(
            f"{who}: {name} is of type {type(names).__name__}; a list of {count:,} "
            f"names was needed, one for each of the {of}{advice}"
        )
    if isinstance(names, Mapping):
        raise TypeError(f"{who}: {name} is a mapping; a list of {count:,} was needed")
    listed = [_text(part) for part in names]
    if len(listed) != count:
        raise ValueError(
            f"{who}: {name} has {len(listed):,} entries for {count:,} {of}; as many of "
            "one as of the other were needed"
        )
    return listed


def shown(number: float) -> str:
    """Return a number as it stands in a picture: three digits, a true minus sign.

    Example:
        >>> shown(-0.12345), shown(2.0), shown(-0.0)
        ('−0.123', '2', '0')
    """
    return f"{number + 0.0:.3g}".replace("-", "−")


def _text(part: Any) -> str:
    """Return what one label says."""
    if hasattr(part, "item") and getattr(part, "size", 0) == 1:
        part = part.item()  # a Tensor's or NumPy's number says its kind otherwise
    if isinstance(part, float) and part.is_integer():
        part = int(part)  # classes are often kept as floats
    return printable(str(part))


def _plain(value: Any) -> Any:
    """Return `value` without what a gradient needs, in lists too."""
    if hasattr(value, "detach"):
        return np.asarray(value.detach())
    if isinstance(value, list | tuple) and any(
        isinstance(v, list | tuple) or hasattr(v, "detach") for v in value
    ):
        return [_plain(v) for v in value]
    return value
