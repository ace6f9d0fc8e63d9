"""Tuples, lists and dicts of Tensors: taken apart, and put together again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from ._namespace import NUMBERS, kind
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


def leaves_like(form: Any, value: Any) -> list[Any] | None:
    """Return the leaves of `value` in the order of `form`; None if it is not alike.

    Example:
        >>> leaves_like({"w": 1.0, "b": 2.0}, {"b": 20.0, "w": 10.0})
        [10.0, 20.0]
    """
    if isinstance(form, dict):
        alike = isinstance(value, dict) and form.keys() == value.keys()
        pairs = [(form[key], value[key]) for key in form] if alike else []
    elif isinstance(form, tuple | list):
        alike = isinstance(value, tuple | list) and len(form) == len(value)
        pairs = list(zip(form, value, strict=True)) if alike else []
    else:
        return None if isinstance(value, tuple | list | dict) else [value]
    parts = [leaves_like(*pair) for pair in pairs]
    if not alike or None in parts:
        return None
    return [leaf for part in parts for leaf in part or []]


def describe(value: Any) -> str:
    """Return a structure in words, such as ``(Tensor, {'w': float})``."""
    if isinstance(value, dict):
        items = [f"{key!r}: {describe(item)}" for key, item in value.items()]
        return f"{{{', '.join(items)}}}"
    if isinstance(value, tuple | list):
        listed = ", ".join(describe(item) for item in value)
        comma = "," if isinstance(value, tuple) and len(value) == 1 else ""
        return f"({listed}{comma})" if isinstance(value, tuple) else f"[{listed}]"
    return type(value).__name__


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
    if kind(tensor._array) != "f":
        raise TypeError(
            f"{who}: {what} is {tensor.dtype}; floats are needed: astype it, or do not "
            "differentiate by it"
        )
    return tensor
