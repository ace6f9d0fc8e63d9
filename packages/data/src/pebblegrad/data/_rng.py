"""What may be given as `rng`: a seed, a Generator, or None. Never a global state."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np


def as_generator(who: str, rng: Any) -> np.random.Generator:
    """The Generator itself, or a new one from a seed or (None) from the system."""
    if rng is None or isinstance(rng, np.random.Generator):
        return np.random.default_rng(rng)
    if isinstance(rng, bool | np.bool) or not hasattr(rng, "__index__"):
        raise TypeError(
            f"{who}: rng is {rng!r}; needed is an integer seed, a "
            "numpy.random.Generator, or None"
        )
    if operator.index(rng) < 0:
        raise ValueError(f"{who}: rng is {rng}; needed is a seed of at least 0")
    return np.random.default_rng(operator.index(rng))
