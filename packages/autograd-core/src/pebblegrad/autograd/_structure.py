"""Tuples, lists and dicts of Tensors: taken apart, and put together again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from ._namespace import NUMBERS
from ._tensor import Tensor

Rebuild = Callable[[list[Any]], Any]


def flatten(value: Any) -> tuple[list[Any], Rebuild]:
    """Return the leaves of a structure, and a function that puts others in their place.

    Tuples (named ones too), lists and dicts are structure; all else is a leaf.

    Example:
        >>> leaves, rebuild = flatten({"w": 1.0, "b": (2.0, 3.0)})
        >>> leaves
        [1.0, 2.0, 3.0]
        >>> rebuild([10.0, 20.0, 30.0])
        {'w': 10.0, 'b': (20.0, 30.0)}
    """
    leaves: list[Any] = []
    _collect(value, leaves)

    def rebuild(new: list[Any]) -> Any:
        return _replace(value, iter(new))

    return leaves, rebuild


def _collect(value: Any, leaves: list[Any]) -> None:
    if isinstance(value, dict):
        for item in value.values():
            _collect(item, leaves)
    elif isinstance(value, tuple | list):
        for item in value:
            _collect(item, leaves)
    else:
        leaves.append(value)


def _replace(value: Any, new: Iterator[Any]) -> Any:
    if isinstance(value, dict):
        return {key: _replace(item, new) for key, item in value.items()}
    if isinstance(value, tuple | list):
        items = [_replace(item, new) for item in value]
        if hasattr(value, "_fields"):  # a named tuple
            return type(value)(*items)
        return tuple(items) if isinstance(value, tuple) else items
    return next(new)


def float_tensor(who: str, what: str, value: Any) -> Tensor:
    """Return a leaf as a Tensor of floats; a Tensor as it is.

    Raises:
        TypeError: if no gradient can be taken with respect to it.
    """
    if isinstance(value, NUMBERS) and not isinstance(value, bool):
        return Tensor(value)
    is_array = isinstance(value, np.ndarray | np.generic | Tensor) or hasattr(
        value, "__array_namespace__"
    )
    if not is_array:
        raise TypeError(
            f"{who}: {what} is a {type(value).__name__}; a Tensor, a float array or a "
            "number is needed, or a tuple, list or dict of these"
        )
    tensor = value if isinstance(value, Tensor) else Tensor(value)
    if getattr(tensor.dtype, "kind", "f") != "f":
        raise TypeError(
            f"{who}: {what} is {tensor.dtype}; floats are needed: astype it, or leave "
            "it out of argnums"
        )
    return tensor
