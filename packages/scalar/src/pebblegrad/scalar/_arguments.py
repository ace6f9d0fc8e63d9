"""What may be given to layers: sizes, inputs, and where random numbers come from."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Set
from typing import Any

from ._numbers import as_number, kind_of
from .tensor import Tensor, _constant


def at_least(who: str, name: str, value: Any, least: int) -> int:
    """Return a size.

    Raises:
        TypeError: if it is not an integer.
        ValueError: if it is less than `least`.
    """
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(
            f"{who}: {name} is {value!r}, {kind_of(value)}; an integer was needed"
        )
    if value < least:
        raise ValueError(f"{who}: {name} is {value}; at least {least} was needed")
    return value


def inputs(who: str, x: Any, n: int | None = None, name: str = "x") -> list[Tensor]:
    """Return the elements of a list, plain numbers as Tensors too.

    Args:
        who: begins the message of an error.
        x: a list, or anything that can be gone through and has an order.
        n: how many there must be; None for any number.
        name: what the argument is called.

    Raises:
        TypeError: if `x` is no list, or something in it is not a number.
        ValueError: if the number of elements is wrong.
    """
    if not _is_list(x):
        needed = "a list" if n is None else f"a list of length {n}"
        raise TypeError(
            f"{who}: {name} is {x!r}, {kind_of(x)}; {needed} was needed, of Tensors or "
            "numbers"
        )
    found = [
        value if isinstance(value, Tensor) else _element(who, name, i, value)
        for i, value in enumerate(x)
    ]
    if n is not None and len(found) != n:
        raise ValueError(
            f"{who}: {name} has length {len(found)}; {n} inputs were needed, as it was "
            "made for that many"
        )
    return found


def single(who: str, name: str, value: Any) -> Tensor:
    """Return a Tensor as it is, and a plain number as a constant.

    Raises:
        TypeError: if it is neither.
    """
    if isinstance(value, Tensor):
        return value
    return _constant(as_number(value, who, name))


def _element(who: str, name: str, i: int, value: Any) -> Tensor:
    if name == "x" and _is_list(value):  # a batch, which there is not for numbers
        raise TypeError(
            f"{who}: x[{i}] is {kind_of(value)}; one sample was needed; call the model "
            "once for each"
        )
    return single(who, f"{name}[{i}]", value)


def _is_list(x: Any) -> bool:
    if type(x) is list:  # what it nearly always is; the rest takes longer to ask
        return True
    # A set has no order, and going through a dict gives its keys.
    if isinstance(x, str | bytes | Set | Mapping) or getattr(x, "shape", None) == ():
        return False
    return isinstance(x, Iterable)


def generator(who: str, rng: Any) -> random.Random | None:
    """Return the generator itself, a new one for a seed, or None for Python's own.

    Raises:
        TypeError: if `rng` is anything else.
    """
    if rng is None or isinstance(rng, random.Random):
        return rng
    if isinstance(rng, bool) or not isinstance(rng, int):
        raise TypeError(
            f"{who}: rng is {rng!r}, {kind_of(rng)}; needed is an integer seed, a "
            "random.Random, or None"
        )
    return random.Random(rng)
