"""What may be given to layers: sizes, inputs, and where random numbers come from."""

from __future__ import annotations

import random
from collections.abc import Iterable
from typing import Any

from .tensor import Tensor, _constant


def at_least(who: str, name: str, value: Any, least: int) -> int:
    """Return a size.

    Raises:
        TypeError: if it is not an integer.
        ValueError: if it is less than `least`.
    """
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(
            f"{who}: {name} is {value!r}, a {type(value).__name__}; an integer was "
            "needed"
        )
    if value < least:
        raise ValueError(f"{who}: {name} is {value}; at least {least} was needed")
    return value


def inputs(who: str, x: Any, n: int | None = None) -> list[Tensor]:
    """Return the elements of a list, plain numbers as Tensors too.

    Args:
        who: begins the message of an error.
        x: a list, or anything that can be gone through.
        n: how many there must be; None for any number.

    Raises:
        TypeError: if `x` is no list, or something in it is not a number.
        ValueError: if the number of elements is wrong.
    """
    if isinstance(x, str) or not isinstance(x, Iterable):
        needed = "a list" if n is None else f"a list of length {n}"
        raise TypeError(
            f"{who}: x is {x!r}, a {type(x).__name__}; {needed} was needed, of Tensors "
            "or numbers"
        )
    found = list(x)
    if n is not None and len(found) != n:
        raise ValueError(
            f"{who}: x has length {len(found)}; {n} inputs were needed, as it was made "
            "for that many"
        )
    return [value if isinstance(value, Tensor) else _constant(value) for value in found]


def generator(who: str, rng: Any) -> random.Random:
    """Return the generator itself, a new one for a seed, or Python's own for None.

    Raises:
        TypeError: if `rng` is anything else.
    """
    if rng is None:
        # What the functions of the module `random` draw from: `random.seed` counts.
        return random._inst
    if isinstance(rng, random.Random):
        return rng
    if isinstance(rng, bool) or not isinstance(rng, int):
        raise TypeError(
            f"{who}: rng is {rng!r}, a {type(rng).__name__}; needed is an integer "
            "seed, a random.Random, or None"
        )
    return random.Random(rng)
