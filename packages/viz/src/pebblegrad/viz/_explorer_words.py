"""The words of the explorer's sentences, which a screen reader reads at every step."""

from collections.abc import Sequence
from typing import Any

from pebblegrad.viz._explorer_numbers import as_numpy, number_text

PLACES = ("first", "second", "third", "fourth", "fifth", "sixth")
NUMBERS = ("none", "one", "two", "three", "four", "five", "six")


def count(number: int, one: str, several: str) -> str:
    """Return a number of things.

    Example:
        >>> count(1, "leaf", "leaves"), count(2, "leaf", "leaves")
        ('1 leaf', '2 leaves')
    """
    return f"{number:,} {one if number == 1 else several}"


def listed(names: Sequence[str]) -> str:
    """Return names as a list in a sentence; of a long one the beginning.

    Example:
        >>> listed(["a"]), listed(["a", "b", "c"]), listed(list("abcdefgh"))
        ('a', 'a, b and c', 'a, b, c and 5 more')
    """
    if len(names) > 6:
        return f"{', '.join(names[:3])} and {len(names) - 3} more"
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} and {names[-1]}"


def call(op: str, inputs: Sequence[str], static: str) -> str:
    """Return an op applied to its inputs, as it would be written.

    Example:
        >>> call("sum", ["x"], "axis=0"), call("*", ["x", "y"], "")
        ('sum(x, axis=0)', 'x * y')
    """
    if len(inputs) == 2 and not any(c.isalnum() or c == "_" for c in op):
        return f"{inputs[0]} {op} {inputs[1]}"
    return f"{op}({', '.join([*inputs, static] if static else inputs)})"


def is_number(value: Any) -> str:
    """Return the end of a sentence about a value: the number, or else the shape.

    Example:
        >>> import numpy as np
        >>> is_number(np.float32(0.5)), is_number(np.zeros((2, 3))), is_number(None)
        (': 0.5', ', of shape (2, 3)', '')
    """
    if value is None:
        return ""
    array = as_numpy(value)
    if array.ndim == 0:
        return f": {number_text(array[()])}"
    return f", of shape {array.shape}"


def gradient_words(value: Any) -> str:
    """Return the words for a gradient: the number, or else the shape.

    Example:
        >>> import numpy as np
        >>> gradient_words(np.float32(0.5)), gradient_words(np.zeros((2, 3)))
        ('the gradient 0.5', 'a gradient of shape (2, 3)')
    """
    array = as_numpy(value)
    if array.ndim == 0:
        return f"the gradient {number_text(array[()])}"
    return f"a gradient of shape {array.shape}"


def which_of(returned: tuple[int, int] | None) -> str:
    """Return which of several returned values is meant, in words; "" for the only one.

    Example:
        >>> which_of((0, 3)), which_of(None)
        ('the first of the three that the formula returns', '')
        >>> which_of((11, 12))
        'number 12 of the 12 that the formula returns'
    """
    if returned is None:
        return ""
    at, count = returned
    place = f"the {PLACES[at]}" if at < len(PLACES) else f"number {at + 1}"
    counted = NUMBERS[count] if count < len(NUMBERS) else str(count)
    return f"{place} of the {counted} that the formula returns"


def summed_axes(wide: tuple[int, ...], shape: tuple[int, ...]) -> str:
    """Return the axes that broadcasting made or stretched, in words; "" for none.

    Example:
        >>> summed_axes((5, 4), (4,)), summed_axes((2, 5, 4), (5, 1))
        ('axis 0', 'axes 0 and 2')
    """
    added = len(wide) - len(shape)
    axes = [
        str(axis)
        for axis, size in enumerate(wide)
        if axis < added or size != shape[axis - added]
    ]
    return f"{'axis' if len(axes) == 1 else 'axes'} {listed(axes)}" if axes else ""
