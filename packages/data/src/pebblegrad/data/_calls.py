"""How a transform is called: with the arrays of a batch, and `rng` if it takes one."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np


def takes_rng(who: str, transform: Any) -> bool:
    """Whether `transform` has a parameter of the name `rng`.

    ``**keywords`` is none: most functions that have it hand it on to another one (a
    decorator's, NumPy's vectorize), which need not know of any `rng`.

    Raises:
        TypeError: it cannot be called, or is a class instead of an instance.
    """
    if isinstance(transform, type):
        raise TypeError(
            f"{who}: transform is the class {transform.__name__}; needed is an "
            f"instance: {transform.__name__}(...)"
        )
    if not callable(transform):
        raise TypeError(
            f"{who}: transform is of type {type(transform).__name__}; needed is a "
            "function of the arrays of a batch"
        )
    try:
        parameters = inspect.signature(transform).parameters
    except ValueError:  # a function in C that does not say: it knows of no rng
        return False
    return "rng" in parameters


def transformed(
    transform: Callable[..., Any],
    arrays: tuple[Any, ...],
    rng: np.random.Generator | None,
) -> Any:
    """What `transform` makes of the arrays of a batch; `rng` None is not passed on.

    Raises:
        TypeError: it returned nothing.
    """
    out = transform(*arrays) if rng is None else transform(*arrays, rng=rng)
    if out is None:
        name = getattr(transform, "__name__", type(transform).__name__)
        raise TypeError(f"transform: {name} returned None; needed is the new batch")
    return out
