"""How layers make their parameters."""

from __future__ import annotations

import numpy as np

from pebblegrad.autograd import Tensor, get_default_dtype
from pebblegrad.nn import init


def uniform(
    shape: tuple[int, ...], bound: float, random: np.random.Generator
) -> Tensor:
    """Return a parameter drawn evenly from ±`bound`."""
    return init.uniform_(filled(shape, 0.0), -bound, bound, rng=random)


def filled(shape: tuple[int, ...], value: float) -> Tensor:
    """Return a parameter that is `value` everywhere."""
    return Tensor(np.full(shape, value, get_default_dtype()), requires_grad=True)


def buffer(shape: tuple[int, ...], value: float) -> Tensor:
    """Return a Tensor that is kept and saved, but not trained."""
    return Tensor(np.full(shape, value, get_default_dtype()))
