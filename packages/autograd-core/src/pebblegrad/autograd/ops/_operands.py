"""What composed functions ask of an operand, be it a Tensor or a plain array."""

from __future__ import annotations

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
