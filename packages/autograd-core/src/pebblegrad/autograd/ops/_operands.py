"""What composed functions ask of an operand, be it a Tensor or a plain array."""

from __future__ import annotations

import operator
from typing import Any

from pebblegrad.autograd import _tensor  # the module: its class does not exist yet


def array_of(x: Any) -> Any:
    """Return the array of a Tensor, or `x` itself."""
    return x._array if isinstance(x, _tensor.Tensor) else x


def shape_of(who: str, x: Any) -> tuple[int, ...]:
    """Return the shape of a Tensor or array, as a tuple.

    Args:
        who: begins the message of an error.
        x: what was given.

    Raises:
        TypeError: if it has no shape.
    """
    if not hasattr(x, "shape"):
        raise TypeError(
            f"{who}: an operand is {type(x).__name__}; a Tensor or an array is needed, "
            "Tensor(...) makes one"
        )
    return tuple(x.shape)


def whole(who: str, x: Any, what: str, value: Any) -> int:
    """Return an int that was given beside `x`.

    Args:
        who: begins the message of an error.
        x: the array, for the message.
        what: what the int is.
        value: what was given.

    Raises:
        TypeError: if it is no int.
    """
    try:
        return operator.index(value)
    except TypeError:
        raise TypeError(
            f"{who}: x has shape {tuple(x.shape)}, {what} is {value!r}, a "
            f"{type(value).__name__}; an int is needed"
        ) from None
