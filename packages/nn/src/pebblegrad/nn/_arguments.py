"""Checks of arguments that layers and functions share: each gives back what it took."""

from __future__ import annotations

import operator
from collections.abc import Collection
from typing import Any


def integer(who: str, name: str, value: Any, least: int = 1) -> int:
    """Return an int that is not below `least`.

    Args:
        who: begins the message of an error.
        name: of the argument.
        value: what was given; a boolean is no int.
        least: the smallest that is allowed.

    Raises:
        ValueError: if it is anything else.
    """
    what = {0: "an integer from 0 on", 1: "a positive integer"}
    needed = what.get(least, f"an integer from {least} on")
    try:
        number = operator.index(value)
    except TypeError:
        number = least - 1
    if number < least or isinstance(value, bool):
        raise ValueError(f"{who}: {name} is {value!r}; {needed} is needed")
    return number


def integers(
    who: str, name: str, value: Any, count: int, least: int = 1
) -> tuple[int, ...]:
    """Return `count` ints: an int stands for all of them.

    Raises:
        ValueError: if it is neither an int nor `count` of them.
    """
    if not isinstance(value, tuple | list):
        return (integer(who, name, value, least),) * count
    if len(value) != count:
        raise ValueError(
            f"{who}: {name} is {value!r}; an int or {count} of them are needed"
        )
    return tuple(integer(who, name, one, least) for one in value)


def number(
    who: str,
    name: str,
    value: Any,
    least: float = float("-inf"),
    most: float = float("inf"),
) -> float:
    """Return a number from `least` to `most`.

    Raises:
        ValueError: if it is anything else.
    """
    try:
        found = float(value)
    except (TypeError, ValueError):
        found = float("nan")
    if not least <= found <= most or isinstance(value, str):
        between = f" from {least:g} to {most:g}" if most < float("inf") else ""
        if not between and least > float("-inf"):
            between = f" from {least:g} on"
        raise ValueError(f"{who}: {name} is {value!r}; a number{between} is needed")
    return found


def one_of(who: str, name: str, value: Any, known: Collection[Any]) -> Any:
    """Return a value that is among the known ones.

    Raises:
        ValueError: if it is not; names those that are.
    """
    if not any(value is one or value == one for one in known):
        names = ", ".join(
            f'"{one}"' if isinstance(one, str) else str(one) for one in known
        )
        raise ValueError(f"{who}: {name} is {value!r}; give one of {names}")
    return value


def positive(who: str, name: str, value: Any) -> float:
    """Return a positive number.

    Raises:
        ValueError: if it is anything else.
    """
    if number(who, name, value) <= 0:
        raise ValueError(f"{who}: {name} is {value!r}; a positive number is needed")
    return float(value)


def shape_of(who: str, name: str, array: Any) -> tuple[int, ...]:
    """Return the shape of a Tensor or an array.

    Raises:
        TypeError: if it is neither.
    """
    if not hasattr(array, "shape"):
        raise TypeError(
            f"{who}: {name} is {type(array).__name__}; a Tensor or an array is needed, "
            "Tensor(...) makes one"
        )
    return tuple(array.shape)


def shape_of_floats(who: str, name: str, array: Any) -> tuple[int, ...]:
    """Return the shape of a Tensor or an array of floats.

    Raises:
        TypeError: if it is anything else.
    """
    dtype = getattr(array, "dtype", None)
    if dtype is None or getattr(dtype, "kind", "f") != "f":
        what = f"a {type(array).__name__}" if dtype is None else f"of {dtype}"
        raise TypeError(f"{who}: {name} is {what}; a Tensor of floats is needed")
    return tuple(array.shape)
